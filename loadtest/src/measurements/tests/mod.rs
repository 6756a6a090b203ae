//! Which metric means what, on small expositions, and what the client's evidence amounts to.

mod generator;

use super::*;
use crate::budgets::SHIPPED;
use crate::evidence::{Cell, GeneratorRecord, Histogram, Round, RouteRecord};
use crate::probe::{Scrape, Window};
use crate::routes::Route;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const AFTER: &str = r#"
http_server_request_duration_seconds_count{http_route="GET /api/v1/users",http_response_status_code="200"} 3
http_server_request_duration_seconds_count{http_route="GET /api/v1/users",http_response_status_code="499"} 1
http_server_request_phase_seconds_total{http_route="GET /api/v1/users",phase="db"} 0.3
http_server_request_phase_seconds_total{http_route="GET /api/v1/users",phase="handler"} 0.1
db_client_operation_duration_seconds_bucket{db_query_summary="users.list",error_type="",le="0.05"} 6
db_client_operation_duration_seconds_bucket{db_query_summary="users.list",error_type="",le="0.1"} 7
db_client_operation_duration_seconds_bucket{db_query_summary="users.list",error_type="",le="+Inf"} 8
db_client_operation_duration_seconds_count{db_query_summary="users.list",error_type=""} 8
db_client_operation_duration_seconds_count{db_query_summary="users.list",error_type="timeout"} 2
db_client_operation_duration_seconds_count{db_query_summary="posts.list",error_type=""} 0
db_client_operation_over_budget_total{db_query_summary="users.list"} 1
db_client_query_budget_seconds{db_query_summary="users.list"} 0.1
db_client_route_queries_total{http_route="GET /api/v1/users",db_query_summary="users.list"} 10
cache_gets_total{cache_name="users",result="hit"} 9
cache_gets_total{cache_name="users",result="miss"} 1
db_client_unnamed_queries_total 0
process_resident_memory_bytes 150
"#;

const USERS: &str = "GET /api/v1/users";

fn cell(millis: &[u64], wrong: u64, unsent: u64) -> Cell {
    let mut right = Histogram::default();
    for millis in millis {
        right.record(Duration::from_millis(*millis));
    }
    Cell {
        right,
        wrong,
        unsent,
    }
}

fn route(name: &str, blocks: impl IntoIterator<Item = (u32, Cell)>) -> RouteRecord {
    RouteRecord {
        route: name.to_owned(),
        blocks: blocks.into_iter().collect(),
        ..RouteRecord::default()
    }
}

fn round(routes: Vec<RouteRecord>) -> Round {
    Round {
        seconds: 10.0,
        block_seconds: 1,
        routes,
        ..Round::default()
    }
}

fn of(evidence: &Evidence, budgets: &str) -> Measurements {
    Measurements::of(evidence, &Budgets::parse("budgets.toml", budgets).unwrap())
}

fn measured(budgets: &str) -> Measurements {
    let posts = route(Route::CreateUser.name(), [(0, cell(&[1], 0, 0))]);
    let evidence = Evidence {
        rounds: vec![round(vec![route(USERS, [(0, cell(&[1; 4], 0, 0))]), posts])],
        target: Some(Window {
            before: Scrape::of("process_resident_memory_bytes 100"),
            after: Scrape::of(AFTER),
        }),
        ..Evidence::default()
    };
    of(&evidence, budgets)
}

fn close(left: f64, right: f64) -> bool {
    (left - right).abs() < 1e-9
}

#[test]
fn rounds_and_blocks_add_up() {
    let mut first = route(USERS, [(0, cell(&[10; 98], 0, 0)), (7, cell(&[300], 0, 1))]);
    (first.left_out, first.trailing) = (5, 2);
    let second = route(USERS, [(0, cell(&[10; 99], 1, 0))]);
    let rounds = vec![round(vec![first]), round(vec![second])];
    let evidence = Evidence {
        rounds,
        ..Evidence::default()
    };
    let measured = of(&evidence, SHIPPED);
    let users = &measured.routes[0];
    assert_eq!((users.requests, users.sent, users.errors), (200, 206, 2));
    assert_eq!(users.counted, None);
    assert!(close(users.rate, 10.0) && close(measured.rate(), 10.0));
    let promise = users.main_promise().unwrap();
    assert_eq!((promise.over, promise.budget_ms), (3, 100.0));
    assert_eq!((users.p50_ms, users.p99_ms), (Some(10.0), Some(300.0)));
    assert_eq!((users.p999_ms, users.max_ms), (None, Some(300.0)));
    assert!(measured.server.is_none() && counts_agree(&evidence));
}

#[test]
fn counts_agree_where_the_target_counted_what_was_sent() {
    // The target counted 4 of these, and none of any other route.
    let evidence = |route_name: &str, right: usize, wrong, unsent| Evidence {
        rounds: vec![round(vec![route(
            route_name,
            [(0, cell(&vec![1; right], wrong, unsent))],
        )])],
        target: Some(Window {
            before: Scrape::of(""),
            after: Scrape::of(AFTER),
        }),
        ..Evidence::default()
    };
    assert!(counts_agree(&evidence(USERS, 4, 0, 0)));
    assert!(counts_agree(&evidence(USERS, 3, 1, 7)));
    assert!(!counts_agree(&evidence(USERS, 3, 0, 1)));
    assert!(!counts_agree(&evidence(USERS, 5, 0, 0)));
    assert!(counts_agree(&evidence("GET /other", 9, 0, 0)));
}

#[test]
fn failures_are_the_slowest_requests_however_fast_they_were() {
    let evidence = Evidence {
        rounds: vec![round(vec![route(USERS, [(0, cell(&[1; 98], 2, 0))])])],
        ..Evidence::default()
    };
    let users = &of(&evidence, SHIPPED).routes[0];
    assert_eq!(
        users.percentile_ms(crate::budgets::Percentile::P95),
        Some(1.0)
    );
    assert_eq!(users.p99_ms, None);
    assert_eq!(users.main_promise().unwrap().over, 2);
}

#[test]
fn the_timeline_goes_on_from_round_to_round_and_shows_what_the_generator_spoilt() {
    let mut first = round(vec![route(USERS, [(2, cell(&[10, 10, 300], 1, 0))])]);
    first.seconds = 2.5;
    first.generator.tainted = BTreeSet::from([1]);
    let second = round(vec![route(USERS, [(0, cell(&[10], 0, 0))])]);
    let evidence = Evidence {
        rounds: vec![first, second],
        ..Evidence::default()
    };
    let measured = of(&evidence, SHIPPED);
    assert_eq!(measured.timeline.len(), 3 + 10);
    assert!(measured.timeline[1].tainted && !measured.timeline[0].tainted);
    let last = &measured.timeline[2];
    assert_eq!((last.round, last.errors), (1, 1));
    assert!(
        close(last.rate, 8.0) && close(last.over_share, 0.5),
        "{last:?}"
    );
    assert_eq!((last.p50_ms, last.p99_ms), (Some(10.0), None));
    let next = &measured.timeline[3];
    assert_eq!(next.round, 2);
    assert!(close(next.second, 2.5) && close(measured.usable_seconds, 11.5));
}

#[test]
fn requests_that_were_hung_up_on_are_counted_like_the_others() {
    let measured = measured(SHIPPED);
    let users = measured.route(USERS).unwrap();
    assert_eq!((users.sent, users.counted), (4, Some(4)));
    assert_eq!(measured.routes[1].counted, None);
}

#[test]
fn calls_that_failed_are_over_budget() {
    let measured = measured(SHIPPED);
    let [query] = measured.queries.as_slice() else {
        panic!("only the query that ran: {:?}", measured.queries);
    };
    assert_eq!((query.calls, query.failed, query.over_budget), (10, 2, 3));
    assert_eq!(query.per_request, Some(2.5));
    assert!(close(query.budget_ms, 100.0));
    assert_eq!(measured.routes[0].queries_per_request, Some(2.5));
}

#[test]
fn a_budget_of_our_own_is_counted_where_a_bucket_ends() {
    let measured = measured("[query.\"users.list\"]\nwithin = \"50ms\"");
    assert_eq!(measured.queries[0].over_budget, 2 + 2);
    assert_eq!(measured.queries[0].unjudged, None);
}

#[test]
fn a_budget_between_two_buckets_cannot_be_judged() {
    let measured = measured("[query.\"users.list\"]\nwithin = \"70ms\"");
    let why = measured.queries[0].unjudged.clone().unwrap();
    assert_eq!(
        why,
        "its histogram has no boundary there, only at 50ms, 100ms"
    );
}

#[test]
fn phases_are_shares_of_the_whole_and_times_per_request() {
    let measured = measured(SHIPPED);
    let db = &measured.phases[0];
    assert_eq!(db.phase, "db");
    assert!(close(db.share, 0.75) && close(db.ms_per_request, 75.0));
    assert!(close(measured.routes[0].phases_ms["handler"], 25.0));
}

#[test]
fn what_the_target_does_not_export_is_unknown_and_not_zero() {
    let measured = measured(SHIPPED);
    let server = measured.server.unwrap();
    let count = |key: &str| server.incidents.get(key).copied().flatten();
    assert_eq!(
        (count("unnamed_queries"), count("log_drops")),
        (Some(0), None)
    );
    assert_eq!((server.pool_waits, server.cpu_cores), (None, None));
    assert!(close(server.memory_growth.unwrap(), 0.5));
    assert!(close(measured.caches[0].hit_ratio(), 0.9));
    assert_eq!(measured.routes[0].cache_hit, None);
}

#[test]
fn another_service_may_call_its_metrics_otherwise() {
    let after = "hits_count{handler=\"/\"} 7\nlookups{handler=\"/\",result=\"hit\"} 3\nlookups{handler=\"/\",result=\"miss\"} 1\n";
    let evidence = Evidence {
        rounds: vec![round(vec![route(
            "/",
            BTreeMap::from([(0, cell(&[1; 7], 0, 0))]),
        )])],
        target: Some(Window {
            before: Scrape::of(""),
            after: Scrape::of(after),
        }),
        metrics: serde_json::from_str(
            r#"{"requests": "hits", "route_label": "handler", "cache_gets": "lookups"}"#,
        )
        .unwrap(),
        ..Evidence::default()
    };
    let measured = of(&evidence, "");
    assert_eq!(measured.routes[0].counted, Some(7));
    assert_eq!(measured.routes[0].cache_hit, Some(0.75));
    assert!(measured.queries.is_empty() && measured.phases.is_empty());
}
