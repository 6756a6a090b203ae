//! Routes: the client's latencies, the server's, and whether both counted the same requests.

use crate::budgets::{Budgets, Percentile};
use crate::evidence::{Cell, Evidence, Histogram, MetricNames, RouteRecord};
use crate::numbers::{milliseconds, per, rank, rate, ratio, whole};
use crate::probe::Window;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// The percentiles from which the latency distribution is drawn.
const CURVE: [f64; 25] = [
    0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 85.0, 90.0, 93.0, 95.0, 97.0, 98.0, 99.0,
    99.3, 99.5, 99.7, 99.8, 99.9, 99.93, 99.97, 99.99, 100.0,
];

/// What was measured for one route, over all rounds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RouteFigures {
    /// Method and path template.
    pub route: String,
    /// Requests, without those in seconds that the generator spoilt: all figures of the client
    /// are of these.
    pub requests: u64,
    /// Every request that reached a connection: what the target must have counted.
    pub sent: u64,
    /// Requests that the target counted; None when it does not say.
    pub counted: Option<u64>,
    /// Requests per second.
    pub rate: f64,
    /// Requests without a right answer.
    pub errors: u64,
    /// What went wrong, and how often; in spoilt seconds, too.
    pub messages: BTreeMap<String, u64>,
    /// One entry per time that is promised, that of the least percentile first.
    pub promises: Vec<PromiseFigures>,
    /// Half of the requests took no longer, from the intended start to the last byte.
    pub p50_ms: Option<f64>,
    /// 90 of 100 requests took no longer.
    pub p90_ms: Option<f64>,
    /// 95 of 100 requests took no longer.
    pub p95_ms: Option<f64>,
    /// 99 of 100 requests took no longer.
    pub p99_ms: Option<f64>,
    /// 999 of 1000 requests took no longer.
    pub p999_ms: Option<f64>,
    /// The slowest right answer.
    pub max_ms: Option<f64>,
    /// 99 of 100 right answers took no longer from the sending on, without the wait for a free
    /// user.
    pub service_p99_ms: Option<f64>,
    /// The 99th percentile by the server's clock, estimated from its histogram.
    pub server_p99_ms: Option<f64>,
    /// Where the server spent the time: milliseconds per request by phase.
    pub phases_ms: BTreeMap<String, f64>,
    /// Queries that a request ran on average.
    pub queries_per_request: Option<f64>,
    /// The share of its look-ups in caches that found what they asked for.
    pub cache_hit: Option<f64>,
    /// The client's latency distribution.
    pub latency: Vec<LatencyPoint>,
}

/// How many requests took longer than promised.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PromiseFigures {
    /// The percentile that is promised.
    pub percentile: Percentile,
    /// The time that is promised.
    pub budget_ms: f64,
    /// Requests that took longer, or failed.
    pub over: u64,
    /// Their share.
    pub share: f64,
}

/// One point of a latency distribution.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LatencyPoint {
    /// So many of 100 requests…
    pub percentile: f64,
    /// … took no longer than this.
    pub ms: f64,
}

impl RouteFigures {
    /// The promise that is shown first and drawn: p99, or else that of the highest percentile.
    #[must_use]
    pub fn main_promise(&self) -> Option<&PromiseFigures> {
        let p99 = |promise: &&PromiseFigures| promise.percentile == Percentile::P99;
        let p99 = self.promises.iter().find(p99);
        p99.or(self.promises.last())
    }

    /// The time that belongs to a percentile.
    #[must_use]
    pub fn percentile_ms(&self, percentile: Percentile) -> Option<f64> {
        match percentile {
            Percentile::P50 => self.p50_ms,
            Percentile::P90 => self.p90_ms,
            Percentile::P95 => self.p95_ms,
            Percentile::P99 => self.p99_ms,
            Percentile::P999 => self.p999_ms,
        }
    }

    /// The share of the requests that failed.
    #[must_use]
    pub fn error_share(&self) -> f64 {
        ratio(self.errors, self.requests)
    }
}

/// Whether client and target counted the same requests on every route; true where the target does
/// not count.
#[must_use]
pub fn counts_agree(evidence: &Evidence) -> bool {
    let Some(window) = &evidence.target else {
        return true;
    };
    let mut sent: BTreeMap<&str, u64> = BTreeMap::new();
    for record in evidence.rounds.iter().flat_map(|round| &round.routes) {
        *sent.entry(&record.route).or_default() += record.sent();
    }
    sent.into_iter().all(|(route, sent)| {
        let counted = counted(window, &evidence.metrics, route);
        counted.is_none_or(|counted| counted == sent)
    })
}

/// The requests that the target counted on a route.
fn counted(window: &Window, names: &MetricNames, route: &str) -> Option<u64> {
    let requests = format!("{}_count", names.requests);
    window.growth(&requests, &names.of_route(route)).map(whole)
}

/// Requests of a cell that took longer than this, or failed.
pub(crate) fn over(cell: &Cell, within: Duration) -> u64 {
    cell.requests() - cell.right.up_to(within)
}

/// The time that a share `q` of all requests did not exceed; None when that one failed.
pub(super) fn quantile(cell: &Cell, q: f64) -> Option<f64> {
    let rank = rank(q, cell.requests());
    cell.right.at_rank(rank).map(milliseconds)
}

/// The figures of every route.
pub(super) fn figures(evidence: &Evidence, budgets: &Budgets, seconds: f64) -> Vec<RouteFigures> {
    let mut sums: Vec<Sum> = Vec::new();
    for record in evidence.rounds.iter().flat_map(|round| &round.routes) {
        if let Some(sum) = sums.iter_mut().find(|sum| sum.name == record.route) {
            sum.add(record);
        } else {
            let mut sum = Sum::default();
            sum.name.clone_from(&record.route);
            sum.add(record);
            sums.push(sum);
        }
    }
    let of_route = |sum: Sum| {
        let mut figures = sum.figures(budgets, seconds);
        if let Some(window) = &evidence.target {
            add_server_view(&mut figures, window, &evidence.metrics);
        }
        figures
    };
    sums.into_iter().map(of_route).collect()
}

/// One route over all rounds.
#[derive(Default)]
struct Sum {
    name: String,
    whole: Cell,
    service: Histogram,
    sent: u64,
    messages: BTreeMap<String, u64>,
}

impl Sum {
    fn add(&mut self, record: &RouteRecord) {
        self.whole.merge(&record.whole());
        self.service.merge(&record.service);
        self.sent += record.sent();
        for (message, count) in &record.messages {
            *self.messages.entry(message.clone()).or_default() += count;
        }
    }

    fn figures(self, budgets: &Budgets, seconds: f64) -> RouteFigures {
        let whole = &self.whole;
        let requests = whole.requests();
        let quantile = |q| quantile(whole, q);
        let point = |percentile: f64| {
            let ms = quantile(percentile / 100.0)?;
            Some(LatencyPoint { percentile, ms })
        };
        let promises = budgets.route(&self.name).times.into_iter().map(|promise| {
            let over = over(whole, promise.within.0);
            PromiseFigures {
                percentile: promise.percentile,
                budget_ms: promise.within.ms(),
                over,
                share: ratio(over, requests),
            }
        });
        RouteFigures {
            requests,
            sent: self.sent,
            rate: rate(requests, seconds),
            errors: whole.errors(),
            promises: promises.collect(),
            p50_ms: quantile(0.50),
            p90_ms: quantile(0.90),
            p95_ms: quantile(0.95),
            p99_ms: quantile(0.99),
            p999_ms: quantile(0.999),
            max_ms: whole.right.max().map(milliseconds),
            service_p99_ms: self.service.quantile(0.99).map(milliseconds),
            latency: CURVE.into_iter().filter_map(point).collect(),
            messages: self.messages,
            route: self.name,
            ..RouteFigures::default()
        }
    }
}

fn add_server_view(figures: &mut RouteFigures, window: &Window, names: &MetricNames) {
    let name = figures.route.clone();
    let route = names.of_route(&name);
    figures.counted = counted(window, names, &name);
    let buckets = window.buckets(&names.requests, &route);
    figures.server_p99_ms = buckets.quantile(0.99).map(|seconds| seconds * 1_000.0);
    let counted = figures.counted.unwrap_or(0);
    for phase in window.after.label_values(&names.phases, &names.phase_label) {
        let mut of_phase = route.clone();
        of_phase.push((names.phase_label.as_str(), phase.as_str()));
        let spent = window.growth(&names.phases, &of_phase);
        let ms = per(spent.unwrap_or(0.0) * 1_000.0, counted);
        figures.phases_ms.insert(phase, ms);
    }
    let has_matrix = window.after.sum(&names.route_queries, &[]).is_some();
    if has_matrix && counted > 0 {
        let queries = window.growth(&names.route_queries, &route);
        figures.queries_per_request = Some(per(queries.unwrap_or(0.0), counted));
    }
    let gets = window.growth(&names.cache_gets, &route);
    if let Some(gets) = gets.filter(|gets| *gets > 0.0) {
        let mut hit = route;
        hit.push((names.cache_result_label.as_str(), "hit"));
        let hits = window.growth(&names.cache_gets, &hit).unwrap_or(0.0);
        figures.cache_hit = Some(hits / gets);
    }
}
