//! Times one query, counts it, and books it to its request. The only place that does.

use std::{
    marker::PhantomData,
    time::{Duration, Instant},
};

use super::{DatabaseError, ErrorKind};
use crate::{
    budget::{NamedQuery, Phase},
    telemetry::{Metrics, request},
};

/// Times one query. If the caller goes away, dropping it still counts the query.
pub(super) struct Meter<'a, N: NamedQuery> {
    metrics: &'a Metrics,
    started: Instant,
    finished: bool,
    name: PhantomData<N>,
}

impl<'a, N: NamedQuery> Meter<'a, N> {
    pub(super) fn start(metrics: &'a Metrics) -> Self {
        Self {
            metrics,
            started: Instant::now(),
            finished: false,
            name: PhantomData,
        }
    }

    pub(super) fn finish<T>(
        mut self,
        queued: Duration,
        result: Result<T, DatabaseError>,
        rows: impl FnOnce(&T) -> usize,
    ) -> Result<T, DatabaseError> {
        self.finished = true;
        match &result {
            Ok(value) => self.book(queued, rows(value), None),
            Err(error) => self.book(queued, 0, Some(error.kind())),
        }
        result
    }

    fn book(&self, queued: Duration, rows: usize, error: Option<ErrorKind>) {
        if !self.metrics.enabled() {
            return;
        }
        let elapsed = self.started.elapsed().saturating_sub(queued);
        let over_budget = elapsed > N::QUERY.budget;
        if let Some(query) = self.metrics.queries.get(N::SLOT) {
            query.observe(elapsed, rows, error, over_budget);
        }
        request::with_current(|record| {
            record.ledger.spend(Phase::BlockingQueue, queued);
            record.ledger.spend(Phase::Db, elapsed);
            record.ledger.query(N::SLOT, rows as u64);
        });
        if over_budget {
            warn_over_budget::<N>(elapsed, rows);
        }
    }
}

impl<N: NamedQuery> Drop for Meter<'_, N> {
    fn drop(&mut self) {
        if !self.finished {
            self.book(Duration::ZERO, 0, Some(ErrorKind::Cancelled));
        }
    }
}

#[cold]
fn warn_over_budget<N: NamedQuery>(elapsed: Duration, rows: usize) {
    let trace_id =
        request::with_current(|record| record.trace.trace_id().to_owned()).unwrap_or_default();
    tracing::warn!(
        event = "db.over_budget",
        db.query.summary = N::QUERY.name,
        duration_ms = elapsed.as_secs_f64() * 1e3,
        budget_ms = N::QUERY.budget.as_secs_f64() * 1e3,
        rows,
        trace_id,
        "a query took longer than its budget"
    );
}
