//! The handles of each named query.

use std::{sync::OnceLock, time::Duration};

use prometheus::{Histogram, HistogramVec, IntCounter, Registry, Result, core::Metric};

use super::{
    catalogue::{self, QUERY_SECONDS},
    exemplars::{Exemplar, Exemplified, Shown},
};
use crate::{budget::Query, database::ErrorKind};

/// Metrics of all named queries.
pub struct QueryMetrics {
    resolved: Vec<ResolvedQuery>,
    /// Statements that connections were asked to run.
    pub statements: IntCounter,
    /// Statements that came without a name.
    pub unnamed: IntCounter,
}

/// What became of a slow call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaptureResult {
    /// Its plan is known.
    Captured,
    /// Another call of the same query was explained less than a minute ago.
    RateLimited,
    /// Its plan could not be had.
    Failed,
}

impl CaptureResult {
    /// Every result, in the order of the metric's handles.
    const ALL: [Self; 3] = [Self::Captured, Self::RateLimited, Self::Failed];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Captured => "captured",
            Self::RateLimited => "rate_limited",
            Self::Failed => "failed",
        }
    }
}

/// The conflicts after which something is tried again.
const RETRIED: [ErrorKind; 2] = [ErrorKind::Deadlock, ErrorKind::SerializationFailure];

/// The handles of one named query.
pub struct ResolvedQuery {
    /// What the query declares.
    pub query: Query,
    ok: Exemplified,
    errors: [OnceLock<Exemplified>; ErrorKind::ALL.len()],
    duration_family: HistogramVec,
    over_budget: IntCounter,
    rows: Histogram,
    too_many_rows: IntCounter,
    captures: [IntCounter; CaptureResult::ALL.len()],
    retries: [IntCounter; RETRIED.len()],
    /// Statements of this query that had to be prepared.
    pub prepares: IntCounter,
}

impl QueryMetrics {
    pub(super) fn new(registry: &Registry, queries: &[Query]) -> Result<Self> {
        let durations = catalogue::QUERY_DURATION.histogram(registry)?;
        let over_budget = catalogue::QUERY_OVER_BUDGET.int_counter(registry)?;
        let budgets = catalogue::QUERY_BUDGET.gauge(registry)?;
        let rows = catalogue::RETURNED_ROWS.histogram(registry)?;
        let too_many_rows = catalogue::TOO_MANY_ROWS.int_counter(registry)?;
        let prepares = catalogue::PREPARES.int_counter(registry)?;
        let captures = catalogue::SLOW_QUERY_CAPTURES.int_counter(registry)?;
        let retries = catalogue::RETRIES.int_counter(registry)?;
        let resolve = |query: &Query| {
            budgets
                .with_label_values(&[query.name])
                .set(query.budget.as_secs_f64());
            ResolvedQuery {
                query: *query,
                ok: Exemplified::new(
                    durations.with_label_values(&[query.operation, query.name, ""]),
                    QUERY_SECONDS,
                ),
                errors: std::array::from_fn(|_| OnceLock::new()),
                duration_family: durations.clone(),
                over_budget: over_budget.with_label_values(&[query.name]),
                rows: rows.with_label_values(&[query.name]),
                too_many_rows: too_many_rows.with_label_values(&[query.name]),
                captures: CaptureResult::ALL
                    .map(|result| captures.with_label_values(&[query.name, result.as_str()])),
                retries: RETRIED
                    .map(|kind| retries.with_label_values(&[query.name, kind.as_str()])),
                prepares: prepares.with_label_values(&[query.name]),
            }
        };
        let unnamed = catalogue::UNNAMED_QUERIES.int_counter(registry)?;
        let statements = catalogue::STATEMENTS.int_counter(registry)?;
        Ok(Self {
            resolved: queries.iter().map(resolve).collect(),
            statements: statements.with_label_values::<&str>(&[]),
            unnamed: unnamed.with_label_values::<&str>(&[]),
        })
    }

    /// The handles of the query in `slot`.
    #[must_use]
    pub fn get(&self, slot: usize) -> Option<&ResolvedQuery> {
        self.resolved.get(slot)
    }

    /// The name of the query in `slot`.
    #[must_use]
    pub fn name(&self, slot: usize) -> &'static str {
        self.get(slot).map_or("", |resolved| resolved.query.name)
    }

    /// Adds the exemplars of all queries to `shown`.
    pub(super) fn show_exemplars(&self, shown: &mut Shown) {
        for query in &self.resolved {
            query.show_exemplars(shown);
        }
    }
}

impl ResolvedQuery {
    /// Counts one run.
    pub fn observe(
        &self,
        elapsed: Duration,
        rows: usize,
        error: Option<ErrorKind>,
        over_budget: bool,
    ) {
        self.series(error).histogram.observe(elapsed.as_secs_f64());
        if error.is_none() {
            #[expect(clippy::cast_precision_loss, reason = "exact up to 9e15 rows")]
            self.rows.observe(rows as f64);
        }
        if rows > self.query.max_rows as usize {
            self.too_many_rows.inc();
        }
        if over_budget {
            self.over_budget.inc();
        }
    }

    /// Durations of all calls: those that succeeded, and those that failed in each way seen so far.
    pub(super) fn durations(&self) -> impl Iterator<Item = &Histogram> {
        [&self.ok.histogram].into_iter().chain(self.failures())
    }

    /// Durations of the calls that failed.
    pub(super) fn failures(&self) -> impl Iterator<Item = &Histogram> {
        let failed = self.errors.iter().filter_map(OnceLock::get);
        failed.map(|series| &series.histogram)
    }

    /// Calls that took longer than the budget.
    pub(super) fn over_budget(&self) -> u64 {
        self.over_budget.get()
    }

    /// Rows of the calls that succeeded.
    pub(super) fn rows(&self) -> prometheus::proto::Histogram {
        self.rows.metric().get_histogram().clone()
    }

    /// Counts what became of a slow call.
    pub fn captured(&self, result: CaptureResult) {
        if let Some(counter) = self.captures.get(result as usize) {
            counter.inc();
        }
    }

    /// Counts a retry after a conflict of this kind.
    pub fn retried(&self, kind: ErrorKind) {
        let retries = RETRIED.iter().zip(&self.retries);
        for (_, counter) in retries.filter(|(retried, _)| **retried == kind) {
            counter.inc();
        }
    }

    /// Shows a run of a request whose trace was kept beside the buckets of its duration.
    pub(super) fn exemplify(&self, error: Option<&str>, exemplar: Exemplar) {
        let kind = ErrorKind::ALL
            .into_iter()
            .find(|kind| Some(kind.as_str()) == error);
        self.series(kind).exemplars.offer(exemplar);
    }

    fn show_exemplars(&self, shown: &mut Shown) {
        let failed = self.errors.iter().zip(ErrorKind::ALL);
        let failed = failed.filter_map(|(cell, kind)| Some((cell.get()?, kind.as_str())));
        for (series, error) in failed.chain([(&self.ok, "")]) {
            let labels = [
                ("db_operation_name", self.query.operation),
                ("db_query_summary", self.query.name),
                ("error_type", error),
            ];
            series.show(catalogue::QUERY_DURATION.name, &labels, shown);
        }
    }

    fn series(&self, error: Option<ErrorKind>) -> &Exemplified {
        let failed = error.and_then(|kind| Some((kind, self.errors.get(kind as usize)?)));
        failed.map_or(&self.ok, |(kind, cell)| {
            cell.get_or_init(|| {
                let labels = [self.query.operation, self.query.name, kind.as_str()];
                Exemplified::new(
                    self.duration_family.with_label_values(&labels),
                    QUERY_SECONDS,
                )
            })
        })
    }
}
