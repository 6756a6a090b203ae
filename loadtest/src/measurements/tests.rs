//! Which metric means what, on small expositions.

use super::*;
use crate::budgets::SHIPPED;
use crate::probe::Scrape;
use crate::recorder::Outcome;
use crate::routes::Route;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

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
"#;

fn measured(budgets: &str) -> Measurements {
    let budgets = Budgets::parse("budgets.toml", budgets).unwrap();
    let limits = BTreeMap::from([(Route::ListUsers, Duration::from_millis(100))]);
    let mut recorder = Recorder::new(limits);
    for _ in 0..4 {
        let elapsed = Duration::from_millis(1);
        recorder.record(Route::ListUsers, Instant::now(), elapsed, Outcome::Right);
    }
    let (before, after) = (Scrape::of(""), Scrape::of(AFTER));
    Measurements::new(&recorder, &Window { before, after }, &budgets)
}

fn close(left: f64, right: f64) -> bool {
    (left - right).abs() < 1e-9
}

#[test]
fn requests_that_were_hung_up_on_are_counted_like_the_others() {
    let measured = measured(SHIPPED);
    let route = &measured.routes[0];
    assert_eq!((route.sent, route.counted), (4, Some(4)));
    assert_eq!(measured.routes[1].counted, None);
    assert!(!measured.counts_agree());
}

#[test]
fn answers_that_the_client_had_already_are_counted_like_the_others() {
    let post = r#"http_route="GET /api/v1/posts/{post_id}",http_response_status_code"#;
    let count = "http_server_request_duration_seconds_count";
    let before = Scrape::of(&format!("{count}{{{post}=\"200\"}} 5"));
    let after = format!("{count}{{{post}=\"200\"}} 6\n{count}{{{post}=\"304\"}} 2");
    let after = Scrape::of(&after);
    let budgets = Budgets::parse("budgets.toml", SHIPPED).unwrap();
    let measured = Measurements::new(&Recorder::default(), &Window { before, after }, &budgets);
    let name = Route::GetPost.name();
    let route = measured.routes.iter().find(|route| route.route == name);
    assert_eq!(route.unwrap().counted, Some(3));
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
    let server = measured(SHIPPED).server.unwrap();
    let count = |key: &str| server.incidents.get(key).copied().flatten();
    assert_eq!(
        (count("unnamed_queries"), count("log_drops")),
        (Some(0), None)
    );
    let cache = &measured(SHIPPED).caches[0];
    assert!(close(cache.hit_ratio(), 0.9));
}
