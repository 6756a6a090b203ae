//! How long a caller waits for a load.

use std::time::{Duration, Instant};

use crate::{
    budget::{Phase, StepKind, nanos},
    telemetry::request,
};

/// Books the wait for a load, however it ends. What of its time is not booked elsewhere (as waiting for a connection, or for the database) was
/// the cache's.
pub(super) struct Waiting {
    started: Instant,
    accounted: Option<u64>,
    /// Why the load failed, if it did.
    pub failed: Option<&'static str>,
}

impl Waiting {
    pub fn start() -> Self {
        Self {
            started: Instant::now(),
            accounted: request::with_current(|record| record.ledger.accounted()),
            failed: None,
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let waited = self.started.elapsed();
        request::with_current(|record| {
            let elsewhere = record
                .ledger
                .accounted()
                .saturating_sub(self.accounted.unwrap_or_default());
            record.ledger.spend(
                Phase::CacheLoad,
                Duration::from_nanos(nanos(waited).saturating_sub(elsewhere)),
            );
            record
                .timeline
                .push(StepKind::CacheLoad, self.started, waited, self.failed);
        });
    }
}
