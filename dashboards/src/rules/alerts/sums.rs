//! The alert on figures that are counted in two places and must be the same.

use api::telemetry::catalogue::{
    HTTP_DURATION, HTTP_OVER_BUDGET, HTTP_PHASE_SECONDS, QUERY_BUDGET, QUERY_DURATION,
    QUERY_OVER_BUDGET, ROUTE_QUERIES, label,
};

use super::{TARGET, minutes};
use crate::{
    boards,
    promql::write::{buckets, count, series, sum, sum_by},
    rules::alert::{Alert, AlertName, Severity::Ticket},
};

/// What two counters of the same thing may differ by: requests that are under way are in one of them only.
const SHARE: f64 = 0.02;
/// … and besides, in requests or queries.
const EVENTS: f64 = 10.0;
/// … or in seconds.
const SECONDS: f64 = 0.1;
/// One query of one target.
const QUERY: [&str; 3] = [TARGET[0], TARGET[1], label::QUERY];

/// Counters as they stand, not their growth: both begin with the process, and no event of a series that begins late is missed.
pub(super) fn inconsistent() -> Alert {
    let sums = [phases(), requests(), queries(), routes()].join("\nor\n");
    Alert::new(AlertName::TelemetryInconsistent, Ticket, minutes(1), sums)
        .hold(minutes(15))
        .says(
            "The metrics contradict each other: {{ $labels.sums }}",
            "Two counters of the same thing differ by {{ $value | humanize }} ({{ $labels.sums }}) on {{ $labels.instance }}: what the boards show \
             of it is wrong.",
        )
        .shows(boards::TELEMETRY, &[("job", "job"), ("instance", "instance")])
}

fn phases() -> String {
    let phases = sum_by(&TARGET, series(&HTTP_PHASE_SECONDS));
    let took = sum_by(&TARGET, sum(&HTTP_DURATION));
    differ("phases", &phases, &took, SECONDS)
}

/// Every route has a budget of 100 ms, which a test holds.
fn requests() -> String {
    let over_budget = sum_by(&TARGET, series(&HTTP_OVER_BUDGET));
    let all = sum_by(&TARGET, count(&HTTP_DURATION));
    let within = sum_by(&TARGET, buckets(&HTTP_DURATION).eq("le", 0.1));
    let slow = format!("({all} - {within})");
    differ("requests over budget", &over_budget, &slow, EVENTS)
}

/// Of queries with a budget of 100 ms: for others no bucket ends where their budget does.
fn queries() -> String {
    let over_budget = sum_by(&QUERY, series(&QUERY_OVER_BUDGET));
    let budget = sum_by(&QUERY, series(&QUERY_BUDGET));
    let over_budget = format!("({over_budget} and {budget} == 0.1)");
    let all = sum_by(&QUERY, count(&QUERY_DURATION));
    let within = sum_by(&QUERY, buckets(&QUERY_DURATION).eq("le", 0.1));
    let slow = format!("({all} - {within})");
    differ("queries over budget", &over_budget, &slow, EVENTS)
}

/// Queries that no route runs, such as those of the health checks, are in one of the two only, and so not compared.
fn routes() -> String {
    let by_route = sum_by(&QUERY, series(&ROUTE_QUERIES));
    let by_name = sum_by(&QUERY, count(&QUERY_DURATION));
    differ("queries of routes", &by_route, &by_name, EVENTS)
}

/// Where two expressions differ by more than the share and `few`, by how much; the label `sums` says what was compared.
fn differ(name: &str, one: &str, other: &str, few: f64) -> String {
    format!(
        "label_replace(\n  abs(\n    {one}\n    -\n    {other}\n  )\n  >\n  {SHARE} * {other} + {few},\n  \"sums\", \"{name}\", \"\", \"\"\n)"
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    #[test]
    fn every_route_has_the_budget_that_its_requests_are_compared_by() {
        for route in api::routes::ROUTES {
            assert_eq!(route.budget, Duration::from_millis(100), "{}", route.name);
        }
    }
}
