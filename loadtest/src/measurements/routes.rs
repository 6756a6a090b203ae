//! Routes: the client's latencies, the server's, and whether both counted the same requests.

use crate::budgets::Budgets;
use crate::numbers::{milliseconds, per, rate, ratio, whole};
use crate::probe::Window;
use crate::recorder::{Recorder, Samples};
use crate::routes::Route;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The target's histogram of request durations.
pub(super) const DURATION: &str = "http_server_request_duration_seconds";
/// The target's account of where the time of its requests went.
pub(super) const PHASE: &str = "http_server_request_phase_seconds_total";

/// The percentiles from which the latency distribution is drawn.
const CURVE: [f64; 25] = [
    0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 85.0, 90.0, 93.0, 95.0, 97.0, 98.0, 99.0,
    99.3, 99.5, 99.7, 99.8, 99.9, 99.93, 99.97, 99.99, 100.0,
];

/// What was measured for one route.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct RouteFigures {
    /// Method and path template.
    pub route: String,
    /// Requests that were tried.
    pub requests: u64,
    /// Requests for which a connection could be made.
    pub sent: u64,
    /// Requests that the target counted; None when it did not say.
    pub counted: Option<u64>,
    /// Requests per second.
    pub rate: f64,
    /// Requests without a right answer.
    pub errors: u64,
    /// What went wrong, and how often.
    pub messages: BTreeMap<String, u64>,
    /// The p99 budget.
    pub budget_ms: f64,
    /// Requests within that budget; a failed one is never within it.
    pub within_budget: u64,
    /// Half of the requests took no longer, by the client's clock, to the last byte.
    pub p50_ms: Option<f64>,
    /// 95 of 100 requests took no longer.
    pub p95_ms: Option<f64>,
    /// 99 of 100 requests took no longer.
    pub p99_ms: Option<f64>,
    /// The slowest right answer.
    pub max_ms: Option<f64>,
    /// The 99th percentile by the server's clock, estimated from its histogram.
    pub server_p99_ms: Option<f64>,
    /// Where the server spent the time: milliseconds per request by phase.
    pub phases_ms: BTreeMap<String, f64>,
    /// The client's latency distribution.
    pub latency: Vec<LatencyPoint>,
}

/// One point of a latency distribution.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct LatencyPoint {
    /// So many of 100 requests…
    pub percentile: f64,
    /// … took no longer than this.
    pub ms: f64,
}

impl RouteFigures {
    /// The share of the requests that were within the budget.
    #[must_use]
    pub fn share_within(&self) -> f64 {
        ratio(self.within_budget, self.requests)
    }

    /// The share of the requests that failed.
    #[must_use]
    pub fn error_share(&self) -> f64 {
        ratio(self.errors, self.requests)
    }
}

/// The figures of every route of the contract.
pub(super) fn figures(
    recorder: &Recorder,
    window: Option<&Window>,
    budgets: &Budgets,
    seconds: f64,
) -> Vec<RouteFigures> {
    let figures = |route: Route| {
        let mut figures = client_view(route, &recorder.route(route), seconds);
        figures.budget_ms = milliseconds(budgets.route(route).p99.0);
        if let Some(window) = window {
            add_server_view(&mut figures, window);
        }
        figures
    };
    Route::ALL.into_iter().map(figures).collect()
}

fn client_view(route: Route, samples: &Samples, seconds: f64) -> RouteFigures {
    let quantile = |q| samples.quantile(q).map(milliseconds);
    let point = |percentile: f64| {
        let ms = quantile(percentile / 100.0)?;
        Some(LatencyPoint { percentile, ms })
    };
    RouteFigures {
        route: route.name().to_owned(),
        requests: samples.requests(),
        sent: samples.sent(),
        rate: rate(samples.requests(), seconds),
        errors: samples.errors(),
        messages: samples.messages().clone(),
        within_budget: samples.within_budget(),
        p50_ms: quantile(0.50),
        p95_ms: quantile(0.95),
        p99_ms: quantile(0.99),
        max_ms: samples.max().map(milliseconds),
        latency: CURVE.into_iter().filter_map(point).collect(),
        ..RouteFigures::default()
    }
}

fn add_server_view(figures: &mut RouteFigures, window: &Window) {
    let name = figures.route.clone();
    let route = ("http_route", name.as_str());
    figures.counted = window
        .growth(&format!("{DURATION}_count"), &[route])
        .map(whole);
    let buckets = window.buckets(DURATION, &[route]);
    figures.server_p99_ms = buckets.quantile(0.99).map(|seconds| seconds * 1_000.0);
    let counted = figures.counted.unwrap_or(0);
    for phase in window.after.label_values(PHASE, "phase") {
        let spent = window.growth(PHASE, &[route, ("phase", &phase)]);
        let ms = per(spent.unwrap_or(0.0) * 1_000.0, counted);
        figures.phases_ms.insert(phase, ms);
    }
}
