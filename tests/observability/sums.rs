//! Figures that are counted in different places agree: the seven sums that hold in this service.

use api::{budget::DEFAULT_QUERY_BUDGET, repositories::QUERIES, routes::ROUTES};
use tests::{TestApp, on_each_database_with};

use crate::{
    blocked::patient,
    delta::{Delta, same},
    slow_query::a_slow_insert,
    traffic::{self, MIX},
};

/// Runs outside any request, whenever its time has come.
const OUTSIDE_REQUESTS: &str = "health.ping";

/// What changed by the mix and one query over its budget.
async fn delta(app: &TestApp) -> Delta {
    let before = app.scrape().await;
    traffic::run(app).await;
    a_slow_insert(app, "slow@example.com").await;
    Delta::after_requests(app, before, MIX.len() + 1).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_phases_of_a_route_add_up_to_its_duration() {
    on_each_database_with(patient, async |app| {
        let delta = delta(&app).await;
        for route in ROUTES.iter().map(|route| route.name).chain(["_unmatched"]) {
            let labels = [("http_route", route)];
            let duration = delta.of("http_server_request_duration_seconds_sum", &labels);
            let phases = delta.of("http_server_request_phase_seconds_total", &labels);
            assert!(duration > 0.0, "{route}");
            assert!(
                (phases - duration).abs() <= duration * 1e-6,
                "{route}: {phases} of {duration}"
            );
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_over_their_budget_are_those_beyond_the_bucket_of_a_tenth_of_a_second() {
    on_each_database_with(patient, async |app| {
        let delta = delta(&app).await;
        for query in QUERIES
            .iter()
            .filter(|query| query.budget == DEFAULT_QUERY_BUDGET)
        {
            let name = ("db_query_summary", query.name);
            let over = delta.of("db_client_operation_over_budget_total", &[name]);
            let all = delta.of("db_client_operation_duration_seconds_count", &[name]);
            let within = delta.of(
                "db_client_operation_duration_seconds_bucket",
                &[name, ("le", "0.1")],
            );
            assert!(
                (over - (all - within)).abs() < 0.5,
                "{}: {over} of {all} - {within}",
                query.name
            );
        }
        assert!(delta.of("db_client_operation_over_budget_total", &[]) > 0.5);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queries_of_all_routes_are_all_queries_of_requests() {
    on_each_database_with(patient, async |app| {
        let delta = delta(&app).await;
        for query in QUERIES
            .iter()
            .filter(|query| query.name != OUTSIDE_REQUESTS)
        {
            let name = [("db_query_summary", query.name)];
            let by_route = delta.of("db_client_route_queries_total", &name);
            let ran = delta.of("db_client_operation_duration_seconds_count", &name);
            assert!(
                (by_route - ran).abs() < 0.5,
                "{}: {by_route} of {ran}",
                query.name
            );
        }
        let outside = [("db_query_summary", OUTSIDE_REQUESTS)];
        assert!(same(
            delta.after.sum("db_client_route_queries_total", &outside),
            0
        ));
        let per_request = delta.of("db_client_queries_per_request_sum", &[]);
        let by_route = delta.of("db_client_route_queries_total", &[]);
        assert!(
            (per_request - by_route).abs() < 0.5,
            "{per_request} of {by_route}"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_requests_of_all_histograms_are_the_same_requests() {
    on_each_database_with(patient, async |app| {
        let delta = delta(&app).await;
        for route in ROUTES {
            let labels = [("http_route", route.name)];
            let requests = delta.of("http_server_request_duration_seconds_count", &labels);
            let with_queries = delta.of("db_client_queries_per_request_count", &labels);
            assert!((requests - with_queries).abs() < 0.5, "{}", route.name);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn look_ups_are_hits_misses_coalesced_and_errors_and_nothing_else() {
    on_each_database_with(patient, async |app| {
        let delta = delta(&app).await;
        for (cache, route) in [
            ("users", "GET /api/v1/users/{user_id}"),
            ("posts", "GET /api/v1/posts/{post_id}"),
        ] {
            let name = ("cache_name", cache);
            let of = |result| delta.of("cache_gets_total", &[name, ("result", result)]);
            let known = of("hit") + of("miss") + of("coalesced") + of("error");
            assert!(same(known, traffic::look_ups(route)), "{cache}: {known}");
            assert!(
                (known - delta.of("cache_gets_total", &[name])).abs() < 0.5,
                "{cache}"
            );
            let loads = delta.of("cache_load_duration_seconds_count", &[name]);
            assert!((loads - of("miss")).abs() < 0.5, "{cache}: {loads}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_miss_runs_one_query_and_a_hit_none() {
    on_each_database_with(patient, async |app| {
        let delta = delta(&app).await;
        for (cache, query) in [("users", "users.find_by_id"), ("posts", "posts.find_by_id")] {
            let misses = delta.of(
                "cache_gets_total",
                &[("cache_name", cache), ("result", "miss")],
            );
            let queries = delta.of(
                "db_client_operation_duration_seconds_count",
                &[("db_query_summary", query)],
            );
            assert!(
                (misses - queries).abs() < 0.5,
                "{cache}: {misses} misses, {queries} queries"
            );
        }
        assert!(delta.of("cache_gets_total", &[("result", "hit")]) > 0.5);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_those_that_came_back() {
    on_each_database_with(patient, async |app| {
        let delta = delta(&app).await;
        for query in QUERIES
            .iter()
            .filter(|query| query.name != OUTSIDE_REQUESTS)
        {
            let name = ("db_query_summary", query.name);
            let answered = delta.of(
                "db_client_operation_duration_seconds_count",
                &[name, ("error_type", "")],
            );
            let counted = delta.of("db_client_response_returned_rows_count", &[name]);
            assert!(
                (answered - counted).abs() < 0.5,
                "{}: {answered} of {counted}",
                query.name
            );
        }
        // Two lists of users, one of none and one of two; one of two posts, and one of the only post of a user.
        let of_users = delta.of(
            "db_client_response_returned_rows_sum",
            &[("db_query_summary", "users.list")],
        );
        let of_posts = delta.of(
            "db_client_response_returned_rows_sum",
            &[("db_query_summary", "posts.list")],
        );
        assert!(
            same(of_users, 2) && same(of_posts, 3),
            "{of_users}, {of_posts}"
        );
    })
    .await;
}
