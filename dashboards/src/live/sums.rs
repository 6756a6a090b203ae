//! Figures that are counted in different places and must be the same, read from the service itself while it is at rest.

use std::collections::BTreeSet;

use api::telemetry::MetricFamily;
use api::telemetry::catalogue::{
    CACHE_GETS, CACHE_LOAD, HTTP_DURATION, HTTP_OVER_BUDGET, HTTP_PHASE_SECONDS, QUERY_BUDGET,
    QUERY_DURATION, QUERY_OVER_BUDGET, ROUTE_QUERIES, label,
};
use loadtest::probe::Scrape;

use super::{Finding, over_all};

/// The results of a look-up in a cache.
const RESULTS: [&str; 4] = ["hit", "miss", "coalesced", "error"];
/// By what share two sums of the same seconds may differ: both are rounded to doubles a million times.
const ROUNDED: f64 = 1e-6;
/// The budget at which a bucket ends, as the metric writes it.
const BUDGET: f64 = 0.1;

/// All sums.
#[must_use]
pub fn findings(scrape: &Scrape) -> Vec<Finding> {
    [
        phases(scrape),
        requests_over_budget(scrape),
        queries_over_budget(scrape),
        queries_of_routes(scrape),
        look_ups(scrape),
        loads(scrape),
    ]
    .concat()
}

/// Compares two figures for each value of a label.
fn compare(
    scrape: &Scrape,
    promise: &str,
    (family, label): (&MetricFamily, &str),
    pair: impl Fn(&str) -> Option<(f64, f64)>,
) -> Vec<Finding> {
    let name = exposed(family);
    let values: BTreeSet<String> = scrape.label_values(&name, label);
    let (mut wrong, mut compared) = (Vec::new(), 0);
    for value in &values {
        let Some((one, other)) = pair(value) else {
            continue;
        };
        compared += 1;
        if (one - other).abs() > ROUNDED * other.abs() + ROUNDED {
            wrong.push(format!("{value}: {one} and {other}"));
        }
    }
    if compared == 0 {
        wrong.push(format!("there is no series of {name} to compare"));
    }
    over_all(
        "sums",
        promise,
        wrong,
        format!("{compared} of {}", values.len()),
    )
}

/// The name of series that are there once anything was observed.
fn exposed(family: &MetricFamily) -> String {
    match family.kind {
        api::telemetry::Kind::Histogram(_) => format!("{}_count", family.name),
        _ => family.name.to_owned(),
    }
}

/// A figure of one value of a label; 0 where there is no series.
fn of(scrape: &Scrape, name: &str, labels: &[(&str, &str)]) -> f64 {
    scrape.sum(name, labels).unwrap_or(0.0)
}

/// Observations of a histogram above the budget, counted and not estimated.
fn above(scrape: &Scrape, family: &MetricFamily, own: (&str, &str)) -> f64 {
    let name = family.name;
    let all = of(scrape, &format!("{name}_count"), &[own]);
    let budget = BUDGET.to_string();
    all - of(scrape, &format!("{name}_bucket"), &[own, ("le", &budget)])
}

fn phases(scrape: &Scrape) -> Vec<Finding> {
    compare(
        scrape,
        "phases = duration",
        (&HTTP_DURATION, label::ROUTE),
        |route| {
            let own = [(label::ROUTE, route)];
            let phases = of(scrape, HTTP_PHASE_SECONDS.name, &own);
            Some((
                phases,
                of(scrape, &format!("{}_sum", HTTP_DURATION.name), &own),
            ))
        },
    )
}

fn requests_over_budget(scrape: &Scrape) -> Vec<Finding> {
    let promise = "requests over budget = count - bucket of 100 ms";
    compare(scrape, promise, (&HTTP_DURATION, label::ROUTE), |route| {
        let over = of(scrape, HTTP_OVER_BUDGET.name, &[(label::ROUTE, route)]);
        Some((over, above(scrape, &HTTP_DURATION, (label::ROUTE, route))))
    })
}

/// Of queries that promise 100 ms: for others no bucket ends where their budget does.
fn queries_over_budget(scrape: &Scrape) -> Vec<Finding> {
    let promise = "queries over budget = count - bucket of 100 ms";
    compare(scrape, promise, (&QUERY_DURATION, label::QUERY), |query| {
        let own = [(label::QUERY, query)];
        let budget = of(scrape, QUERY_BUDGET.name, &own);
        let over = of(scrape, QUERY_OVER_BUDGET.name, &own);
        let is_ours = (budget - BUDGET).abs() < f64::EPSILON;
        is_ours.then(|| (over, above(scrape, &QUERY_DURATION, (label::QUERY, query))))
    })
}

/// Queries that no route runs, such as those of the health checks, are in one of the two only.
fn queries_of_routes(scrape: &Scrape) -> Vec<Finding> {
    let promise = "queries by route = queries by name";
    compare(scrape, promise, (&ROUTE_QUERIES, label::QUERY), |query| {
        let own = [(label::QUERY, query)];
        let by_route = of(scrape, ROUTE_QUERIES.name, &own);
        let by_name = of(scrape, &format!("{}_count", QUERY_DURATION.name), &own);
        (by_route > 0.0).then_some((by_route, by_name))
    })
}

fn look_ups(scrape: &Scrape) -> Vec<Finding> {
    let promise = "gets = hit + miss + coalesced + error";
    compare(scrape, promise, (&CACHE_GETS, label::CACHE), |cache| {
        let result = |result| {
            of(
                scrape,
                CACHE_GETS.name,
                &[(label::CACHE, cache), (label::RESULT, result)],
            )
        };
        let known = RESULTS.into_iter().map(result).sum();
        Some((of(scrape, CACHE_GETS.name, &[(label::CACHE, cache)]), known))
    })
}

/// A load that failed was not a miss that was filled, so there may be fewer misses than loads, by as many as there were errors.
fn loads(scrape: &Scrape) -> Vec<Finding> {
    compare(
        scrape,
        "a load for each miss",
        (&CACHE_GETS, label::CACHE),
        |cache| {
            let gets = |result| {
                of(
                    scrape,
                    CACHE_GETS.name,
                    &[(label::CACHE, cache), (label::RESULT, result)],
                )
            };
            let loads = of(
                scrape,
                &format!("{}_count", CACHE_LOAD.name),
                &[(label::CACHE, cache)],
            );
            let (misses, errors) = (gets("miss"), gets("error"));
            Some((loads, loads.clamp(misses, misses + errors)))
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::Verdict;

    /// A service that has answered ten requests of one route, two of them late.
    const HONEST: &str = r#"
http_server_request_duration_seconds_bucket{http_route="r",le="0.1"} 8
http_server_request_duration_seconds_count{http_route="r"} 10
http_server_request_duration_seconds_sum{http_route="r"} 1.5
http_server_request_phase_seconds_total{http_route="r",phase="db"} 1.2
http_server_request_phase_seconds_total{http_route="r",phase="handler"} 0.3
http_server_over_budget_total{http_route="r",dominant_phase="db"} 2
db_client_operation_duration_seconds_bucket{db_query_summary="q",le="0.1"} 5
db_client_operation_duration_seconds_count{db_query_summary="q"} 6
db_client_operation_over_budget_total{db_query_summary="q"} 1
db_client_query_budget_seconds{db_query_summary="q"} 0.1
db_client_operation_duration_seconds_count{db_query_summary="other"} 3
db_client_operation_over_budget_total{db_query_summary="other"} 3
db_client_query_budget_seconds{db_query_summary="other"} 0.02
db_client_route_queries_total{http_route="r",db_query_summary="q"} 6
cache_gets_total{cache_name="c",result="hit"} 4
cache_gets_total{cache_name="c",result="miss"} 2
cache_gets_total{cache_name="c",result="coalesced"} 1
cache_gets_total{cache_name="c",result="error"} 1
cache_load_duration_seconds_count{cache_name="c"} 3
"#;

    fn wrong(text: &str) -> Vec<String> {
        let findings = findings(&Scrape::of(text)).into_iter();
        let wrong = findings.filter(|finding| finding.verdict != Verdict::Pass);
        wrong
            .map(|finding| format!("{}: {}", finding.promise, finding.message))
            .collect()
    }

    #[test]
    fn what_adds_up_is_right() {
        assert_eq!(wrong(HONEST), Vec::<String>::new());
    }

    #[test]
    fn each_sum_that_does_not_add_up_is_found() {
        for (before, after, expected) in [
            (
                "phase=\"db\"} 1.2",
                "phase=\"db\"} 1.1",
                "phases = duration: r: 1.4",
            ),
            (
                "\"db\"} 2",
                "\"db\"} 3",
                "requests over budget = count - bucket of 100 ms: r: 3 and 2",
            ),
            (
                "total{db_query_summary=\"q\"} 1",
                "total{db_query_summary=\"q\"} 0",
                "queries over budget",
            ),
            (
                "db_query_summary=\"q\"} 6\ncache",
                "db_query_summary=\"q\"} 7\ncache",
                "queries by route",
            ),
            ("result=\"hit\"", "result=\"guess\"", "gets = hit"),
            (
                "count{cache_name=\"c\"} 3",
                "count{cache_name=\"c\"} 4",
                "a load for each miss: c: 4 and 3",
            ),
        ] {
            assert!(HONEST.contains(before), "{before}");
            let wrong = wrong(&HONEST.replace(before, after));
            assert!(
                matches!(&wrong[..], [one] if one.contains(expected)),
                "{expected}: {wrong:?}"
            );
        }
    }

    #[test]
    fn a_service_that_says_nothing_does_not_add_up() {
        assert_eq!(wrong("up 1").len(), 6);
    }
}
