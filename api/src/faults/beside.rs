//! What faults do beside the requests, once for the whole service: a lock, an index, a flood of log lines.

use std::time::Duration;

use tokio::time::MissedTickBehavior;

use super::{Fault, Faults};
use crate::database::{Database, DatabaseTarget, WritersLock};

/// How long the lock is held, and for how long others may have it.
const LOCKED: Duration = Duration::from_millis(200);
const UNLOCKED: Duration = Duration::from_millis(50);
/// After this time something that the database refused is tried again.
const RETRY: Duration = Duration::from_millis(500);
/// A flood comes in waves of so many lines, one after each such time.
const LINES: u64 = 20;
const WAVE: Duration = Duration::from_millis(10);

/// Does what is switched on, until the service stops. When this has ended, everything is as it was before.
pub(crate) async fn run(faults: Faults, target: DatabaseTarget, database: Database) {
    let writers = target.writers_lock(database);
    tokio::join!(
        lock(faults.clone(), writers),
        drop_index(faults.clone(), target),
        flood(faults),
    );
}

async fn lock(faults: Faults, mut writers: WritersLock) {
    const FAULT: Fault = Fault::LockWait;
    while faults.turned_on(FAULT).await {
        match writers.hold(LOCKED).await {
            Ok(()) => {
                faults.done(FAULT, 1);
                tokio::time::sleep(UNLOCKED).await;
            }
            Err(error) => failed(FAULT, error).await,
        }
    }
}

async fn drop_index(faults: Faults, target: DatabaseTarget) {
    const FAULT: Fault = Fault::DroppedIndex;
    while faults.turned_on(FAULT).await {
        faults.set_look_at_plans(true);
        while faults.is_on(FAULT) {
            match target.drop_index().await {
                Ok(()) => {
                    faults.done(FAULT, 1);
                    faults.turned_off(FAULT).await;
                }
                Err(error) => failed(FAULT, error).await,
            }
        }
        // Also where dropping it failed: the answer may have been lost.
        while let Err(error) = target.put_index_back().await {
            failed(FAULT, error).await;
        }
        faults.set_look_at_plans(false);
    }
}

async fn flood(faults: Faults) {
    const FAULT: Fault = Fault::LogFlood;
    let mut wave = tokio::time::interval(WAVE);
    // Two waves at once would only be dropped.
    wave.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while faults.turned_on(FAULT).await {
        wave.tick().await;
        for line in 0..LINES {
            tracing::warn!(event = "faults.log_flood", line, "one line of many");
        }
        faults.done(FAULT, LINES);
    }
}

/// Says why a fault could not be done or undone, and waits before it is tried again.
async fn failed(fault: Fault, reason: String) {
    let fault = fault.as_str();
    tracing::warn!(
        event = "faults.failed",
        fault,
        reason,
        "a fault could not be done or undone, and is tried again"
    );
    tokio::time::sleep(RETRY).await;
}
