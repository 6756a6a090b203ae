//! Times one query, counts it, and books it to its request. The only place that does.

use std::{
    marker::PhantomData,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use super::{DatabaseError, ErrorKind, Explain, Observers, capture::Call};
use crate::{
    budget::{Access, NamedQuery, Phase},
    telemetry::request,
};

/// What a session says of a statement that it ran.
pub(super) struct Ran<T> {
    /// How long it stood in the queue of a connection's thread.
    pub queued: Duration,
    /// Whether it had to be prepared first.
    pub prepared: bool,
    /// How it ended.
    pub result: Result<T, DatabaseError>,
}

impl<T> Ran<T> {
    /// A statement that the database never saw.
    pub fn refused(queued: Duration, error: DatabaseError) -> Self {
        Self {
            queued,
            prepared: false,
            result: Err(error),
        }
    }
}

/// Times one query. If the caller goes away, dropping it still counts the query.
pub(super) struct Meter<'a, N: NamedQuery> {
    observers: &'a Observers,
    query: Option<Arc<dyn Explain>>,
    started: Instant,
    /// Nanoseconds that a statement which did not end was in the queue of a connection's thread.
    pub queued: AtomicU64,
    finished: bool,
    name: PhantomData<N>,
}

/// How a query ended.
struct Outcome {
    queued: Duration,
    prepared: bool,
    rows: usize,
    error: Option<ErrorKind>,
}

impl<'a, N: NamedQuery> Meter<'a, N> {
    /// `query` is what is explained if it turns out slow.
    pub(super) fn start(observers: &'a Observers, query: Option<Arc<dyn Explain>>) -> Self {
        Self {
            observers,
            // What looks at no table has no plan.
            query: query.filter(|_| N::QUERY.access != Access::Nothing),
            started: Instant::now(),
            queued: AtomicU64::new(0),
            finished: false,
            name: PhantomData,
        }
    }

    pub(super) fn finish<T>(
        mut self,
        ran: Ran<T>,
        rows: impl FnOnce(&T) -> usize,
    ) -> Result<T, DatabaseError> {
        self.finished = true;
        let result = ran.result.map_err(|error| error.of_query(N::SLOT));
        self.book(&Outcome {
            queued: ran.queued,
            prepared: ran.prepared,
            rows: result.as_ref().map_or(0, rows),
            error: result.as_ref().err().map(DatabaseError::kind),
        });
        result
    }

    fn book(&mut self, outcome: &Outcome) {
        let metrics = &self.observers.metrics;
        if !metrics.enabled() {
            return;
        }
        let elapsed = self.started.elapsed().saturating_sub(outcome.queued);
        let over_budget = elapsed > N::QUERY.budget;
        if let Some(query) = metrics.queries.get(N::SLOT) {
            query.observe(elapsed, outcome.rows, outcome.error, over_budget);
        }
        request::with_current(|record| {
            record.ledger.spend(Phase::BlockingQueue, outcome.queued);
            record.ledger.spend(Phase::Db, elapsed);
            record.ledger.query(N::SLOT, outcome.rows as u64);
            let error = outcome.error.map(ErrorKind::as_str);
            record
                .timeline
                .query(N::SLOT, self.started, outcome.queued, elapsed, error);
        });
        if over_budget {
            warn_over_budget::<N>(elapsed, outcome.rows);
        }
        if outcome.rows > N::QUERY.max_rows as usize {
            warn_too_many_rows::<N>(outcome.rows);
        }
        if let (Some(captures), Some(query)) = (&self.observers.captures, self.query.take()) {
            captures.offer(Call {
                slot: N::SLOT,
                query,
                over_budget,
                prepared: outcome.prepared,
                again: self.observers.faults.look_at_plans(),
                duration: elapsed,
                rows: outcome.rows,
            });
        }
    }
}

impl<N: NamedQuery> Drop for Meter<'_, N> {
    fn drop(&mut self) {
        if !self.finished {
            self.book(&Outcome {
                queued: Duration::from_nanos(self.queued.load(Ordering::Relaxed)),
                prepared: false,
                rows: 0,
                error: Some(ErrorKind::Cancelled),
            });
        }
    }
}

#[cold]
fn warn_over_budget<N: NamedQuery>(elapsed: Duration, rows: usize) {
    tracing::warn!(
        event = "db.over_budget",
        db.query.summary = N::QUERY.name,
        duration_ms = elapsed.as_secs_f64() * 1e3,
        budget_ms = N::QUERY.budget.as_secs_f64() * 1e3,
        rows,
        trace_id = request::trace_id(),
        "a query took longer than its budget"
    );
}

#[cold]
fn warn_too_many_rows<N: NamedQuery>(rows: usize) {
    tracing::warn!(
        event = "db.too_many_rows",
        db.query.summary = N::QUERY.name,
        rows,
        max_rows = N::QUERY.max_rows,
        trace_id = request::trace_id(),
        "a query returned more rows than it declares"
    );
}
