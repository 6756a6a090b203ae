//! Queries: what the target says about every named statement that ran.

use crate::budgets::Budgets;
use crate::evidence::MetricNames;
use crate::numbers::{ratio, whole};
use crate::probe::{Buckets, Window};
use serde::{Deserialize, Serialize};

/// What was measured for one query.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
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
pub(super) fn figures(
    window: &Window,
    names: &MetricNames,
    budgets: &Budgets,
) -> Vec<QueryFigures> {
    let target = Target { window, names };
    let queries = window
        .after
        .label_values(&target.count(), &names.query_label);
    let figures = queries.iter().map(|name| target.query(name, budgets));
    figures.filter(|figures| figures.calls > 0).collect()
}

struct Target<'a> {
    window: &'a Window,
    names: &'a MetricNames,
}

impl Target<'_> {
    fn count(&self) -> String {
        format!("{}_count", self.names.queries)
    }

    fn query(&self, name: &str, budgets: &Budgets) -> QueryFigures {
        let query = [(self.names.query_label.as_str(), name)];
        let calls = self.window.growth(&self.count(), &query);
        let calls = whole(calls.unwrap_or(0.0));
        let failed = self.failed(name);
        let buckets = self.window.buckets(&self.names.queries, &query);
        let wanted = budgets.query(name).within;
        let (budget, late) = match wanted {
            Some(wanted) => late_by(wanted.0.as_secs_f64(), &buckets),
            None => self.late_by_its_own_budget(&query),
        };
        let requests = self.requests_of_its_routes(name);
        QueryFigures {
            query: name.to_owned(),
            calls,
            per_request: requests.map(|requests| ratio(calls, requests)),
            p99_ms: buckets.quantile(0.99).map(|seconds| seconds * 1_000.0),
            budget_ms: budget * 1_000.0,
            over_budget: late.as_ref().map_or(0, |late| *late) + failed,
            failed,
            unjudged: late.err(),
        }
    }

    /// The budget in seconds, and the calls over it as the service counted them, exactly.
    fn late_by_its_own_budget(&self, query: &[(&str, &str)]) -> (f64, Result<u64, String>) {
        let Some(budget) = self.window.after.sum(&self.names.query_budgets, query) else {
            return (0.0, Err("the target does not export its budget".to_owned()));
        };
        let late = self.window.growth(&self.names.queries_over_budget, query);
        (budget, Ok(whole(late.unwrap_or(0.0))))
    }

    fn failed(&self, name: &str) -> u64 {
        let (count, label) = (self.count(), self.names.error_label.as_str());
        let failures = self.window.after.label_values(&count, label);
        let query = (self.names.query_label.as_str(), name);
        let growth = |error: &String| self.window.growth(&count, &[query, (label, error)]);
        let failures = failures.iter().filter(|error| is_failure(error));
        whole(failures.filter_map(growth).sum())
    }

    /// The requests of all routes which ran the query; None when none did.
    fn requests_of_its_routes(&self, name: &str) -> Option<u64> {
        let (matrix, label) = (&self.names.route_queries, self.names.route_label.as_str());
        let requests = format!("{}_count", self.names.requests);
        let routes = self.window.after.label_values(matrix, label);
        let ran_it = |route: &&String| {
            let cell = [
                (self.names.query_label.as_str(), name),
                (label, route.as_str()),
            ];
            let calls = self.window.growth(matrix, &cell);
            calls.is_some_and(|calls| calls > 0.0)
        };
        let requests = |route: &String| self.window.growth(&requests, &[(label, route)]);
        let requests = routes.iter().filter(ran_it).filter_map(requests);
        requests
            .reduce(|total, of_route| total + of_route)
            .map(whole)
    }
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

/// How a statement ends that a request was wrong to ask for: the database kept its word, and the
/// request gets the answer that it deserves.
const REFUSALS: [&str; 2] = ["unique_violation", "foreign_key_violation"];

fn is_failure(error: &str) -> bool {
    !error.is_empty() && !REFUSALS.contains(&error)
}
