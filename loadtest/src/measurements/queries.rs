//! Queries: what the target says about every named statement that ran.

use crate::budgets::Budgets;
use crate::numbers::{ratio, whole};
use crate::probe::{Buckets, Window};
use serde::{Deserialize, Serialize};

const DURATION: &str = "db_client_operation_duration_seconds";
const NAME: &str = "db_query_summary";

/// What was measured for one query.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct QueryFigures {
    /// The query's name, such as `users.find_by_id`.
    pub query: String,
    /// How often it ran.
    pub calls: u64,
    /// How often it ran per request of the routes which ran it: below 1 where a cache answers.
    /// None when no route ran it, as with the service's checks of its own health.
    pub per_request: Option<f64>,
    /// The 99th percentile by the server's clock, estimated from its histogram.
    pub p99_ms: Option<f64>,
    /// The time it may take.
    pub budget_ms: f64,
    /// Calls that took longer, or failed. A call that did both counts twice.
    pub over_budget: u64,
    /// Calls that failed.
    pub failed: u64,
    /// Why its budget cannot be judged, if so.
    pub unjudged: Option<String>,
}

impl QueryFigures {
    /// Calls within the budget.
    #[must_use]
    pub fn within_budget(&self) -> u64 {
        self.calls.saturating_sub(self.over_budget)
    }

    /// The share of the calls that were within the budget.
    #[must_use]
    pub fn share_within(&self) -> f64 {
        ratio(self.within_budget(), self.calls)
    }
}

/// The figures of every query that ran, by name.
pub(super) fn figures(window: &Window, budgets: &Budgets) -> Vec<QueryFigures> {
    let names = window
        .after
        .label_values(&format!("{DURATION}_count"), NAME);
    let figures = names.iter().map(|name| of_query(window, budgets, name));
    figures.filter(|figures| figures.calls > 0).collect()
}

fn of_query(window: &Window, budgets: &Budgets, name: &str) -> QueryFigures {
    let calls = window.growth(&format!("{DURATION}_count"), &[(NAME, name)]);
    let calls = whole(calls.unwrap_or(0.0));
    let failed = failed(window, name);
    let buckets = window.buckets(DURATION, &[(NAME, name)]);
    let wanted = budgets.query(name).within;
    let (budget, late) = match wanted {
        Some(wanted) => late_by(wanted.0.as_secs_f64(), &buckets),
        None => late_by_its_own_budget(window, name),
    };
    QueryFigures {
        query: name.to_owned(),
        calls,
        per_request: requests_of_its_routes(window, name).map(|requests| ratio(calls, requests)),
        p99_ms: buckets.quantile(0.99).map(|seconds| seconds * 1_000.0),
        budget_ms: budget * 1_000.0,
        over_budget: late.as_ref().map_or(0, |late| *late) + failed,
        failed,
        unjudged: late.err(),
    }
}

/// The budget in seconds, and the calls over it as the service counted them, exactly.
fn late_by_its_own_budget(window: &Window, name: &str) -> (f64, Result<u64, String>) {
    let query = [(NAME, name)];
    let Some(budget) = window.after.sum("db_client_query_budget_seconds", &query) else {
        return (0.0, Err("the target does not export its budget".to_owned()));
    };
    let late = window.growth("db_client_operation_over_budget_total", &query);
    (budget, Ok(whole(late.unwrap_or(0.0))))
}

/// The same for another budget than the service's own: known only where a bucket ends.
fn late_by(budget: f64, buckets: &Buckets) -> (f64, Result<u64, String>) {
    let late = buckets.up_to(budget).map_or_else(
        || {
            let ends = buckets.bounds().map(|end| format!("{}ms", end * 1_000.0));
            let ends = ends.collect::<Vec<_>>().join(", ");
            Err(format!(
                "its histogram has no boundary there, only at {ends}"
            ))
        },
        |up_to| Ok(whole(buckets.count() - up_to)),
    );
    (budget, late)
}

fn failed(window: &Window, name: &str) -> u64 {
    let count = format!("{DURATION}_count");
    let failures = window.after.label_values(&count, "error_type");
    let growth = |error: &String| window.growth(&count, &[(NAME, name), ("error_type", error)]);
    let failures = failures.iter().filter(|error| !error.is_empty());
    whole(failures.filter_map(growth).sum())
}

/// The requests of all routes which ran the query; None when none did.
fn requests_of_its_routes(window: &Window, name: &str) -> Option<u64> {
    let matrix = "db_client_route_queries_total";
    let requests = format!("{}_count", super::routes::DURATION);
    let routes = window.after.label_values(matrix, "http_route");
    let ran_it = |route: &&String| {
        let cell = [(NAME, name), ("http_route", route.as_str())];
        window
            .growth(matrix, &cell)
            .is_some_and(|calls| calls > 0.0)
    };
    let requests = |route: &String| window.growth(&requests, &[("http_route", route)]);
    let requests = routes.iter().filter(ran_it).filter_map(requests);
    requests
        .reduce(|total, of_route| total + of_route)
        .map(whole)
}
