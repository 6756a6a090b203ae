//! When a statement or a transaction that was in another's way is tried again.

use std::time::{Duration, Instant};

use super::{DatabaseError, Observers};
use crate::{budget::Phase, telemetry::request};

/// How often something is tried again at most.
const MAX_RETRIES: u32 = 3;

/// The longest pause before the first retry; it doubles with each. The pause is random between nothing and this, so that those who were in
/// each other's way do not meet again: <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>, "full jitter".
const FIRST_PAUSE: Duration = Duration::from_millis(10);

/// The retries of one statement or transaction.
#[derive(Default)]
pub(super) struct Retry {
    done: u32,
}

impl Retry {
    /// Whether trying again may end better.
    pub fn may_help(&self, error: &DatabaseError) -> bool {
        self.done < MAX_RETRIES && error.kind().is_conflict()
    }

    /// Counts the retry and waits a little.
    pub async fn pause(&mut self, observers: &Observers, error: &DatabaseError) {
        if let Some(query) = error
            .query()
            .and_then(|slot| observers.metrics.queries.get(slot))
        {
            query.retried(error.kind());
        }
        let longest = FIRST_PAUSE * 2_u32.pow(self.done);
        self.done += 1;
        let started = Instant::now();
        tokio::time::sleep(longest.mul_f64(fastrand::f64())).await;
        request::with_current(|record| {
            record.ledger.retry();
            record.ledger.spend(Phase::Db, started.elapsed());
        });
    }
}
