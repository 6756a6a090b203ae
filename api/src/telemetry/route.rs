//! The handles of one route: labels are looked up when the service starts, or when a series is first needed.

use std::{sync::OnceLock, time::Duration};

use prometheus::{
    Counter, CounterVec, Histogram, HistogramVec, IntCounter, IntCounterVec, Registry, Result,
};

use super::{
    catalogue::{self, REQUEST_SECONDS},
    exemplars::{Exemplar, Exemplified, Shown},
    http::{METHODS, RouteDefinition, UNMATCHED, method_name},
    idempotency::IdempotencyMetrics,
    observation::Observation,
    request::RequestRecord,
};
use crate::budget::{Ledger, Phase, Query, QueryCount};

/// Statuses that may become a label value; any other is `_overflow`.
const STATUSES: [u16; 21] = [
    200, 201, 204, 304, 308, 400, 404, 405, 406, 408, 409, 412, 413, 414, 415, 422, 428, 499, 500,
    503, 504,
];

/// Statuses whose series exist from the start, besides the route's success: so that the first failure is seen by `rate()`.
const FAILURES: [u16; 3] = [500, 503, 504];

/// The families that routes have series in.
pub(super) struct Families {
    duration: HistogramVec,
    phases: CounterVec,
    over_budget: IntCounterVec,
    body_bytes: IntCounterVec,
    panics: IntCounterVec,
    idempotent: IntCounterVec,
    queries_per_request: HistogramVec,
    route_queries: IntCounterVec,
    n_plus_one: IntCounterVec,
    query_count_exceeded: IntCounterVec,
    status_overflow: IntCounter,
    queries: &'static [Query],
}

impl Families {
    pub(super) fn new(
        registry: &Registry,
        queries: &'static [Query],
        overflow: &IntCounterVec,
    ) -> Result<Self> {
        Ok(Self {
            duration: catalogue::HTTP_DURATION.histogram(registry)?,
            phases: catalogue::HTTP_PHASE_SECONDS.counter(registry)?,
            over_budget: catalogue::HTTP_OVER_BUDGET.int_counter(registry)?,
            body_bytes: catalogue::HTTP_BODY_BYTES.int_counter(registry)?,
            panics: catalogue::HTTP_PANICS.int_counter(registry)?,
            idempotent: catalogue::HTTP_IDEMPOTENT.int_counter(registry)?,
            queries_per_request: catalogue::QUERIES_PER_REQUEST.histogram(registry)?,
            route_queries: catalogue::ROUTE_QUERIES.int_counter(registry)?,
            n_plus_one: catalogue::N_PLUS_ONE.int_counter(registry)?,
            query_count_exceeded: catalogue::QUERY_COUNT_EXCEEDED.int_counter(registry)?,
            status_overflow: overflow.with_label_values(&[catalogue::HTTP_DURATION.name]),
            queries,
        })
    }

    /// Looks up the labels of one route.
    pub(super) fn resolve(&self, route: RouteDefinition) -> RouteMetrics {
        let matched = route.name != UNMATCHED;
        let methods = if matched {
            vec![route.method]
        } else {
            (0..=METHODS.len()).map(method_name).collect()
        };
        let metrics = RouteMetrics {
            route,
            durations: (0..methods.len() * (STATUSES.len() + 1))
                .map(|_| OnceLock::new())
                .collect(),
            methods,
            spare: OnceLock::new(),
            duration_family: self.duration.clone(),
            phases: Phase::ALL
                .map(|phase| self.phases.with_label_values(&[route.name, phase.as_str()])),
            over_budget: Phase::ALL.map(|phase| {
                self.over_budget
                    .with_label_values(&[route.name, phase.as_str()])
            }),
            body_bytes: self.body_bytes.with_label_values(&[route.name]),
            panics: self.panics.with_label_values(&[route.name]),
            idempotent: IdempotencyMetrics::new(&self.idempotent, route),
            queries_per_request: self.queries_per_request.with_label_values(&[route.name]),
            query_count_exceeded: self.query_count_exceeded.with_label_values(&[route.name]),
            queries: self
                .queries
                .iter()
                .map(|query| RouteQuery::new(self, query))
                .collect(),
            status_overflow: self.status_overflow.clone(),
        };
        if matched {
            for status in [route.success].into_iter().chain(FAILURES) {
                let _ = metrics.duration(0, column(status));
            }
        }
        metrics
    }
}

/// The handles of one route.
pub struct RouteMetrics {
    /// What the route declares.
    pub route: RouteDefinition,
    methods: Vec<&'static str>,
    durations: Vec<OnceLock<Exemplified>>,
    /// Stands in for a cell that does not exist, which cannot happen.
    spare: OnceLock<Exemplified>,
    duration_family: HistogramVec,
    phases: [Counter; Phase::ALL.len()],
    over_budget: [IntCounter; Phase::ALL.len()],
    body_bytes: IntCounter,
    /// Panics that were turned into a 500.
    pub panics: IntCounter,
    idempotent: IdempotencyMetrics,
    queries_per_request: Histogram,
    query_count_exceeded: IntCounter,
    queries: Vec<RouteQuery>,
    status_overflow: IntCounter,
}

/// The handles of one query on one route, made when it first runs there: calls, and requests that ran it too often. The second is there at 0
/// with the first, so that its first rise is seen.
struct RouteQuery {
    name: &'static str,
    counters: OnceLock<[IntCounter; 2]>,
    families: [IntCounterVec; 2],
}

impl RouteQuery {
    fn new(families: &Families, query: &Query) -> Self {
        Self {
            name: query.name,
            counters: OnceLock::new(),
            families: [&families.route_queries, &families.n_plus_one].map(IntCounterVec::clone),
        }
    }
}

impl RouteMetrics {
    /// Counts a finished request.
    pub fn observe(&self, observation: &Observation, record: &RequestRecord) {
        let column = column(observation.status);
        if column == STATUSES.len() {
            self.status_overflow.inc();
        }
        self.duration(observation.method, column)
            .histogram
            .observe(observation.duration.as_secs_f64());
        for (counter, nanos) in self.phases.iter().zip(observation.phases) {
            if nanos > 0 {
                #[expect(clippy::cast_precision_loss, reason = "exact up to 104 days")]
                counter.inc_by(nanos as f64 / 1e9);
            }
        }
        if self.is_over_budget(observation.duration)
            && let Some(counter) = self.over_budget.get(observation.dominant_phase() as usize)
        {
            counter.inc();
        }
        self.body_bytes.inc_by(observation.body_bytes);
        self.idempotent.ended(record.idempotency.get());
        self.observe_queries(&record.ledger, record.trace.trace_id());
    }

    /// How often requests of this route ran the query in `slot`, if they ever did.
    #[must_use]
    pub fn calls_of(&self, slot: usize) -> Option<&IntCounter> {
        self.queries
            .get(slot)?
            .counters
            .get()
            .map(|[calls, _]| calls)
    }

    /// Shows a request whose trace was kept beside the buckets of its duration.
    pub(super) fn exemplify(&self, observation: &Observation, exemplar: Exemplar) {
        self.duration(observation.method, column(observation.status))
            .exemplars
            .offer(exemplar);
    }

    /// Adds the exemplars of all series of this route to `shown`.
    pub(super) fn show_exemplars(&self, shown: &mut Shown) {
        let columns = STATUSES.len() + 1;
        for (at, cell) in self.durations.iter().enumerate() {
            if let (Some(series), Some(method)) = (cell.get(), self.methods.get(at / columns)) {
                let labels = [
                    ("http_request_method", *method),
                    ("http_response_status_code", &status_name(at % columns)),
                    ("http_route", self.route.name),
                ];
                series.show(catalogue::HTTP_DURATION.name, &labels, shown);
            }
        }
    }

    /// Whether a request took longer than the route's budget. Exactly the budget is within.
    #[must_use]
    pub fn is_over_budget(&self, duration: Duration) -> bool {
        duration > self.route.budget
    }

    /// What was tried again after a conflict is allowed as often again.
    fn observe_queries(&self, ledger: &Ledger, trace_id: &str) {
        let total = ledger.query_count();
        self.queries_per_request.observe(f64::from(total));
        if total == 0 {
            return;
        }
        let attempts = ledger.attempts();
        if total > self.route.max_queries * attempts {
            self.query_count_exceeded.inc();
        }
        ledger.each_query(|entry| {
            let Some(query) = self.queries.get(entry.slot) else {
                return;
            };
            let labels = [self.route.name, query.name];
            let [calls, n_plus_one] = query.counters.get_or_init(|| {
                query
                    .families
                    .each_ref()
                    .map(|family| family.with_label_values(&labels))
            });
            calls.inc_by(u64::from(entry.count));
            if entry.count > self.route.max_same_query * attempts {
                n_plus_one.inc();
                self.warn_n_plus_one(query.name, entry, trace_id);
            }
        });
    }

    #[cold]
    fn warn_n_plus_one(&self, query: &str, entry: &QueryCount, trace_id: &str) {
        tracing::warn!(
            event = "db.n_plus_one",
            http.route = self.route.name,
            db.query.summary = query,
            count = entry.count,
            allowed = self.route.max_same_query,
            trace_id,
            "a request ran the same query again and again: fetch the rows of all in one"
        );
    }

    fn duration(&self, method: usize, column: usize) -> &Exemplified {
        // A matched route has one method; only unmatched paths come with any.
        let (row, method) = match self.methods.as_slice() {
            [only] => (0, *only),
            all => (method.min(all.len() - 1), method_name(method)),
        };
        let cells = self.durations.as_slice();
        let cell = cells
            .get(row * (STATUSES.len() + 1) + column)
            .unwrap_or(&self.spare);
        cell.get_or_init(|| {
            let labels = [method, self.route.name, &status_name(column)];
            let histogram = self.duration_family.with_label_values(&labels);
            Exemplified::new(histogram, REQUEST_SECONDS)
        })
    }
}

/// Where a status stands among the known ones, or behind them.
fn column(status: u16) -> usize {
    STATUSES
        .iter()
        .position(|known| *known == status)
        .unwrap_or(STATUSES.len())
}

/// The label of a status by its column.
fn status_name(column: usize) -> String {
    STATUSES
        .get(column)
        .map_or_else(|| "_overflow".to_owned(), ToString::to_string)
}
