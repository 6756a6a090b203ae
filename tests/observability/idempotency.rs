//! Requests with an `Idempotency-Key` are counted by what became of them. `in_progress` is counted in `tests/resilience`.

use serde_json::json;
use tests::{TestApp, on_each_database};

use crate::delta::{Delta, same};

const FAMILY: &str = "http_server_idempotent_requests_total";
const ROUTE: (&str, &str) = ("http_route", "POST /api/v1/users");

async fn send(app: &TestApp, key: Option<&str>, email: &str, status: u16) {
    let mut request = app.post("/api/v1/users");
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    let user = json!({ "name": "Ada", "email": email });
    drop(request.json(&user).send().await.expect(status));
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_with_a_key_are_counted_by_what_became_of_them() {
    on_each_database(async |app| {
        let before = app.scrape().await;
        for outcome in ["executed", "replayed", "reused", "in_progress"] {
            let series = format!(
                "{FAMILY}{{http_route=\"{}\",outcome=\"{outcome}\"}}",
                ROUTE.1
            );
            assert!(
                before.series.contains_key(&series),
                "{series} is there from the start"
            );
        }
        send(&app, Some("a"), "ada@example.com", 201).await;
        send(&app, Some("a"), "ada@example.com", 201).await;
        send(&app, Some("a"), "ada@example.com", 201).await;
        send(&app, Some("a"), "grace@example.com", 422).await;
        // A refusal is kept as well.
        send(&app, Some("b"), "ada@example.com", 409).await;
        send(&app, Some("b"), "ada@example.com", 409).await;
        // Not counted: nothing came of it, and no key.
        send(&app, Some("c d"), "eve@example.com", 400).await;
        send(&app, None, "eve@example.com", 201).await;
        let delta = Delta::after_requests(&app, before, 8).await;
        for (outcome, count) in [
            ("executed", 2),
            ("replayed", 3),
            ("reused", 1),
            ("in_progress", 0),
        ] {
            let counted = delta.of(FAMILY, &[ROUTE, ("outcome", outcome)]);
            assert!(same(counted, count), "{outcome}: {counted}");
        }
        assert!(same(delta.of(FAMILY, &[]), 6));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_a_key_runs_one_query_and_one_with_a_key_no_more_than_declared() {
    on_each_database(async |app| {
        for (key, email, status, queries) in [
            (None, "ada@example.com", 201, 1),
            (None, "ada@example.com", 409, 1),
            // BEGIN, claim, insert, fill, COMMIT
            (Some("a"), "grace@example.com", 201, 5),
            // BEGIN, claim, find, COMMIT
            (Some("a"), "grace@example.com", 201, 4),
            // BEGIN, claim, insert, ROLLBACK, keep
            (Some("b"), "ada@example.com", 409, 5),
            (Some("b"), "ada@example.com", 409, 4),
        ] {
            let before = app.scrape().await;
            send(&app, key, email, status).await;
            let delta = Delta::after_requests(&app, before, 1).await;
            let ran = delta.of("db_client_queries_per_request_sum", &[ROUTE]);
            assert!(same(ran, queries), "{key:?} {email} {status}: {ran}");
            let exceeded = [
                "db_client_query_count_exceeded_total",
                "db_client_n_plus_one_suspected_total",
            ];
            assert!(exceeded.iter().all(|family| same(delta.of(family, &[]), 0)));
        }
    })
    .await;
}
