//! A query over its budget: counted, and said once with all that is needed to find it.

use std::time::{Duration, Instant};

use serde_json::json;
use tests::{Outside, Response, Scrape, TestApp, eventually, on_each_database_with, tracing_lines};

use crate::{
    blocked::{a_write_waits, patient},
    delta::{Delta, same},
};

const INSERT: [(&str, &str); 1] = [("db_query_summary", "users.insert")];

/// Makes a user while somebody else holds a lock for longer than the budget of a query.
pub async fn a_slow_insert(app: &TestApp, email: &str) -> Response {
    let mut outside = Outside::of(&app.database).await;
    outside.lock_writes().await;
    let user = json!({ "name": "Slow", "email": email });
    let request = tokio::spawn(app.post("/api/v1/users").json(&user).send());
    a_write_waits(app).await;
    let waiting_since = Instant::now();
    let budget = Duration::from_millis(100);
    eventually("the budget is used up", async || {
        waiting_since.elapsed() > budget
    })
    .await;
    outside.unlock().await;
    request.await.unwrap().expect(201)
}

/// The trace of the request that was answered so.
pub fn trace_id(response: &Response) -> String {
    let trace = response.header("traceresponse").unwrap();
    trace.split('-').nth(1).unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_over_its_budget_is_one_warning_that_says_which_and_whose() {
    on_each_database_with(patient, async |app| {
        let response = a_slow_insert(&app, "slow@example.com").await;
        let trace_id = trace_id(&response);
        let lines: Vec<_> = tracing_lines()
            .into_iter()
            .filter(|line| line["trace_id"] == trace_id.as_str())
            // Its plan is another line, a moment later.
            .filter(|line| line["event"] != "db.slow_query")
            .collect();
        let [line] = lines.as_slice() else {
            panic!("one line, not {lines:?}")
        };
        assert_eq!(line["level"], "WARN");
        assert_eq!(line["event"], "db.over_budget");
        assert_eq!(line["db.query.summary"], "users.insert");
        assert_eq!(line["budget_ms"], 100.0);
        assert_eq!(line["rows"], 1);
        assert!(line["duration_ms"].as_f64().unwrap() > 100.0, "{line}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_over_its_budget_is_counted_and_so_is_its_request_under_the_phase_that_took_most() {
    on_each_database_with(patient, async |app| {
        let before = app.scrape().await;
        a_slow_insert(&app, "slow@example.com").await;
        let delta = Delta::after_requests(&app, before, 1).await;
        assert!(same(
            delta.of("db_client_operation_over_budget_total", &INSERT),
            1
        ));
        assert!(same(within_budget(&delta), 0));
        let route = ("http_route", "POST /api/v1/users");
        let requests = delta.of(
            "http_server_over_budget_total",
            &[route, ("dominant_phase", "db")],
        );
        assert!(same(requests, 1), "{requests}");
        assert!(same(delta.of("http_server_over_budget_total", &[]), 1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_access_line_of_a_slow_request_is_a_warning_that_says_where_the_time_went() {
    on_each_database_with(patient, async |app| {
        a_slow_insert(&app, "slow@example.com").await;
        let lines = app.access_lines(1).await;
        let line = &lines[0];
        assert_eq!(line["level"], "WARN");
        assert_eq!(line["over_budget"], true);
        assert_eq!(line["dominant_phase"], "db");
        assert!(
            line["db.ms"].as_f64() <= line["duration_ms"].as_f64(),
            "{line}"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_query_shows_its_budget() {
    on_each_database_with(patient, async |app| {
        let scrape: Scrape = app.scrape().await;
        for query in api::repositories::QUERIES {
            let shown = scrape.sum(
                "db_client_query_budget_seconds",
                &[("db_query_summary", query.name)],
            );
            assert!(
                (shown - query.budget.as_secs_f64()).abs() < 1e-9,
                "{}",
                query.name
            );
        }
    })
    .await;
}

fn within_budget(delta: &Delta) -> f64 {
    let labels = [INSERT[0], ("le", "0.1")];
    delta.of("db_client_operation_duration_seconds_bucket", &labels)
}
