//! What faults do on the thread of each worker: they take its connections, or block it.

use std::time::Duration;

use super::{Fault, Faults};
use crate::database::{Database, Held};

/// How long the last connection of a small pool is held between two callers' turns: longer than a quarter of the budget, shorter than the
/// time-out of waits.
const TURN: Duration = Duration::from_millis(250);
/// After this time the next connection leaks, or one is tried for again.
const LEAK_INTERVAL: Duration = Duration::from_secs(1);
/// How long the thread is blocked, and how long it may then work.
const BLOCKED: Duration = Duration::from_millis(200);
const WORKING: Duration = Duration::from_millis(300);
/// The worker whose thread is blocked.
const BLOCKED_WORKER: usize = 0;

/// Does what is switched on with the connections of the worker with this number, until the service stops.
pub(crate) async fn run(faults: Faults, database: Database, number: usize) {
    // Where all workers share one pool, one of them is enough.
    let takes = number == 0 || database.is_of_one_worker();
    let connections = async {
        if takes {
            tokio::join!(shrink(&faults, &database), leak(&faults, &database));
        }
    };
    let thread = async {
        if number == BLOCKED_WORKER {
            block(&faults).await;
        }
    };
    tokio::join!(connections, thread);
}

async fn shrink(faults: &Faults, database: &Database) {
    const FAULT: Fault = Fault::SmallPool;
    while faults.turned_on(FAULT).await {
        let mut taken = Vec::new();
        while let Some(held) = take(faults, database, FAULT).await {
            if taken.len() + 1 < database.connections() {
                taken.push(held);
            } else {
                // Given back and asked for again at once: turns are given in the order in which they are asked for, so whoever waits by now
                // has one in between.
                while_on(faults, FAULT, TURN).await;
            }
        }
    }
}

async fn leak(faults: &Faults, database: &Database) {
    const FAULT: Fault = Fault::LeakedConnection;
    while faults.turned_on(FAULT).await {
        let mut leaked = Vec::new();
        while leaked.len() < database.connections()
            && let Some(held) = take(faults, database, FAULT).await
        {
            leaked.push(held);
            while_on(faults, FAULT, LEAK_INTERVAL).await;
        }
        faults.turned_off(FAULT).await;
    }
}

async fn block(faults: &Faults) {
    const FAULT: Fault = Fault::BlockedWorker;
    while faults.turned_on(FAULT).await {
        faults.done(FAULT, 1);
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the fault: a thread that serves requests sleeps"
        )]
        std::thread::sleep(BLOCKED);
        while_on(faults, FAULT, WORKING).await;
    }
}

/// A connection, as soon as there is one; `None` when the fault is off.
async fn take(faults: &Faults, database: &Database, fault: Fault) -> Option<Held> {
    while faults.is_on(fault) {
        if let Ok(held) = database.hold().await {
            faults.done(fault, 1);
            return Some(held);
        }
        // Nobody gets one: all are taken, or the database is gone.
        while_on(faults, fault, LEAK_INTERVAL).await;
    }
    None
}

/// Waits for this time, shorter if the fault is switched off.
async fn while_on(faults: &Faults, fault: Fault, time: Duration) {
    // Whichever came first: the caller asks the switch.
    drop(tokio::time::timeout(time, faults.turned_off(fault)).await);
}
