//! The boards, one file each, in reading order. Each answers one question; the first says which of the others to open.
//!
//! **A new panel** is a few lines in the file of its board, as README shows. **A new board**: a file, a line in [`all`].

mod cache;
mod load;
mod nplus1;
mod pool;
mod queries;
mod red;
mod runtime;
mod start;
mod telemetry;

use api::telemetry::{
    MetricFamily,
    catalogue::{CACHE_GETS, HTTP_DURATION, HTTP_PANICS, HTTP_PHASE_SECONDS, QUERY_BUDGET, label},
};

use crate::{
    catalogue::{JOB, loadtest, prometheus, recorded},
    model::{Board, Colour, Panel, Variable},
    promql::write::{RATE, Series, buckets, count, quantile, ratio, series, some, sum_by},
};

/// The board that everything begins with.
pub const START: &str = "api-start";
/// Rate, errors and duration of each route.
pub const RED: &str = "api-red";
/// Every named query against its budget.
pub const QUERIES: &str = "api-queries";
/// Which route repeats which query.
pub const NPLUS1: &str = "api-nplus1";
/// The connection pools.
pub const POOL: &str = "api-pool";
/// The caches.
pub const CACHE: &str = "api-cache";
/// Workers and process.
pub const RUNTIME: &str = "api-runtime";
/// Load tests and faults.
pub const LOAD: &str = "api-load";
/// Whether the other boards can be trusted.
pub const TELEMETRY: &str = "api-telemetry";

/// Every board, in reading order.
#[must_use]
pub fn all() -> Vec<Board> {
    vec![
        start::board(),
        red::board(),
        queries::board(),
        nplus1::board(),
        pool::board(),
        cache::board(),
        runtime::board(),
        load::board(),
        telemetry::board(),
    ]
}

/// Which routes.
const ROUTE: Variable = Variable {
    name: "route",
    title: "Route",
    metric: HTTP_PANICS.name,
    label: label::ROUTE,
};
/// Which named queries.
const QUERY: Variable = Variable {
    name: "query",
    title: "Query",
    metric: QUERY_BUDGET.name,
    label: label::QUERY,
};
/// Which caches.
const CACHE_NAME: Variable = Variable {
    name: "cache",
    title: "Cache",
    metric: CACHE_GETS.name,
    label: label::CACHE,
};
/// Which promises.
const SLO: Variable = Variable {
    name: "slo",
    title: "SLO",
    metric: recorded::OBJECTIVE.name,
    label: recorded::SLO,
};
/// Which load tests.
const RUN: Variable = Variable {
    name: "run",
    title: "Run",
    metric: loadtest::RUN_INFO.name,
    label: loadtest::label::RUN,
};

/// Whether scrapes worked, apart from those of the harness: it is there only while a load test runs.
fn scraped() -> Series {
    series(&prometheus::UP).of_target().ne(JOB, "loadtest")
}

/// Requests of the chosen routes.
fn of_route(series: Series) -> Series {
    series.of_target().chosen(label::ROUTE, ROUTE.name)
}

/// Calls of the chosen queries.
fn of_query(series: Series) -> Series {
    series.of_target().chosen(label::QUERY, QUERY.name)
}

/// Growth per second, added up; one for each set of these labels.
fn rate_by(labels: &[&str], series: &Series, window: &str) -> String {
    sum_by(labels, series.rate(window))
}

/// The share of requests that are answered within 100 ms: a count, no estimate, because 0.1 is a boundary.
fn within_budget(choose: impl Fn(Series) -> Series, labels: &[&str], window: &str) -> String {
    let within = choose(buckets(&HTTP_DURATION)).eq("le", "0.1");
    let all = choose(count(&HTTP_DURATION));
    ratio(
        rate_by(labels, &within, window),
        some(rate_by(labels, &all, window)),
    )
}

/// Asks for the usual quantiles of the time that requests took.
fn request_time(panel: Panel, choose: impl Fn(Series) -> Series) -> Panel {
    let times = choose(buckets(&HTTP_DURATION));
    panel
        .asks(quantile(0.5, &[], &times, RATE), "p50")
        .asks(quantile(0.95, &[], &times, RATE), "p95")
        .asks(quantile(0.99, &[], &times, RATE), "p99")
        .coloured(Colour::Blue)
}

/// Asks for the time of the mean request, phase by phase.
fn request_phases(panel: Panel, choose: impl Fn(Series) -> Series) -> Panel {
    let phases = choose(series(&HTTP_PHASE_SECONDS));
    let requests = choose(count(&HTTP_DURATION));
    let mean = format!(
        "{} / ignoring ({}) group_left () {}",
        rate_by(&[label::PHASE], &phases, RATE),
        label::PHASE,
        some(rate_by(&[], &requests, RATE)),
    );
    panel.asks(mean, "{{phase}}")
}

/// Asks which shares of the observations lie between boundaries: counts, no estimates.
fn bands(
    panel: Panel,
    family: &MetricFamily,
    choose: impl Fn(Series) -> Series,
    bounds: [(&str, &'static str); 3],
) -> Panel {
    let below = |bound: &str| rate_by(&[], &choose(buckets(family)).eq("le", bound), RATE);
    let all = rate_by(&[], &choose(count(family)), RATE);
    let [
        (first, up_to_first),
        (second, up_to_second),
        (third, up_to_third),
    ] = bounds;
    // Both sides are rounded: a difference of nothing can come out a little below 0.
    let between = |low: String, high: &str| format!("clamp_min({high} - {low}, 0) / {all}");
    panel
        .asks(ratio(below(first), &all), up_to_first)
        .coloured(Colour::Green)
        .asks(between(below(first), &below(second)), up_to_second)
        .coloured(Colour::Blue)
        .asks(between(below(second), &below(third)), up_to_third)
        .coloured(Colour::Orange)
        .asks(between(below(third), &all), "over 100 ms")
        .coloured(Colour::Red)
}
