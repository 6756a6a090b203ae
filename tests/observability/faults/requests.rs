//! Faults that befall requests: a share of them, exactly, and none once it is over.

use api::faults::Fault;
use tests::{TestApp, on_each_database_with, tracing_lines};

use super::{DURATIONS, STATUS, add, done, risen, switch, wired};
use crate::delta::{Delta, same};

/// A number of which a tenth and a fifth are whole.
const REQUESTS: usize = 20;
const ROUTE: (&str, &str) = ("http_route", "GET /api/v1/users");

/// Asks for lists, one after the other. Returns the statuses, 0 where there was no answer.
async fn ask(app: &TestApp, path: &str) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..REQUESTS {
        let answer = app.get(path).try_send().await;
        statuses.push(answer.map_or(0, |answer| answer.status.as_u16()));
    }
    statuses
}

fn count(statuses: &[u16], status: u16) -> usize {
    statuses.iter().filter(|one| **one == status).count()
}

/// Asks while `fault` is on, and again when it is off. Returns what clients got and what was counted meanwhile.
async fn with(app: &TestApp, fault: Fault, path: &str) -> (Vec<u16>, Delta) {
    switch(app, fault, true).await;
    let before = app.scrape().await;
    let statuses = ask(app, path).await;
    let during = Delta::after_requests(app, before, REQUESTS).await;
    switch(app, fault, false).await;
    let before = app.scrape().await;
    assert_eq!(count(&ask(app, path).await, 200), REQUESTS);
    let after = Delta::after_requests(app, before, REQUESTS).await;
    assert_eq!(risen(&after), Vec::<&str>::new());
    assert!(same(
        done(&after.after, fault) - done(&during.after, fault),
        0
    ));
    (statuses, during)
}

fn times(delta: &Delta, fault: Fault) -> f64 {
    done(&delta.after, fault) - done(&delta.before, fault)
}

#[tokio::test(flavor = "multi_thread")]
async fn panics_are_counted_on_the_route_of_the_handler() {
    on_each_database_with(wired, async |app| {
        let (statuses, delta) = with(&app, Fault::Panics, "/api/v1/users").await;
        assert_eq!((count(&statuses, 500), count(&statuses, 200)), (2, 18));
        assert!(same(delta.of("http_server_panics_total", &[ROUTE]), 2));
        assert!(same(times(&delta, Fault::Panics), 2));
        assert_eq!(risen(&delta), ["panics", "errors 500"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_answered_counted_and_logged_as_any_others() {
    on_each_database_with(wired, async |app| {
        let (statuses, delta) = with(&app, Fault::Errors, "/api/v1/users").await;
        assert_eq!(count(&statuses, 500) + count(&statuses, 503), 4);
        assert_eq!((count(&statuses, 500), count(&statuses, 200)), (2, 16));
        for status in ["500", "503"] {
            assert!(same(delta.of(DURATIONS, &[ROUTE, (STATUS, status)]), 2));
        }
        assert!(same(times(&delta, Fault::Errors), 4));
        assert_eq!(risen(&delta), ["errors 500", "errors 503"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_on_purpose_looks_like_any_other() {
    on_each_database_with(wired, async |app| {
        switch(&app, Fault::Errors, true).await;
        let mut answers = Vec::new();
        for _ in 0..REQUESTS {
            answers.push(app.get("/api/v1/users").send().await);
        }
        answers.retain(|answer| answer.status != 200);
        for answer in &answers {
            let body = answer.json();
            let trace_id = body["meta"]["trace_id"].as_str().unwrap();
            assert!(answer.header("traceresponse").unwrap().contains(trace_id));
            assert_eq!(
                answer.header("x-request-id"),
                body["meta"]["request_id"].as_str()
            );
            let code = &body["error"]["code"];
            assert!(
                code == "INTERNAL"
                    || (code == "DATABASE_UNAVAILABLE"
                        && answer.header("retry-after") == Some("1")),
                "{body}"
            );
            let mut lines = tracing_lines();
            lines.retain(|line| line["trace_id"] == trace_id && line["event"] == "http.error");
            assert_eq!(lines.len(), 1, "{lines:?}");
            assert_eq!(&lines[0]["code"], code);
        }
        assert_eq!(answers.len(), REQUESTS / 5);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn closed_connections_are_counted_as_clients_that_hang_up() {
    on_each_database_with(wired, async |app| {
        // Over a closed connection the client may send its request once more: fresh ones show each of them once.
        switch(&app, Fault::Disconnects, true).await;
        let before = app.scrape().await;
        let mut without_answer = 0;
        for _ in 0..REQUESTS {
            let mut client = app.connect().await;
            client
                .send("GET /api/v1/users HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
                .await;
            without_answer += usize::from(client.text().await.is_empty());
        }
        let delta = Delta::after_requests(&app, before, REQUESTS).await;
        assert_eq!(without_answer, 4);
        assert!(same(delta.of(DURATIONS, &[ROUTE, (STATUS, "499")]), 4));
        assert!(same(times(&delta, Fault::Disconnects), 4));
        assert_eq!(risen(&delta), ["clients gone"]);
        assert!(same(delta.after.sum("http_server_active_requests", &[]), 0));
        switch(&app, Fault::Disconnects, false).await;
        assert_eq!(count(&ask(&app, "/api/v1/users").await, 200), REQUESTS);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_statuses_are_folded_into_one_label() {
    on_each_database_with(wired, async |app| {
        let (statuses, delta) = with(&app, Fault::LabelFlood, "/api/v1/users").await;
        let mut unknown: Vec<_> = statuses
            .iter()
            .filter(|status| (230..300).contains(*status))
            .collect();
        unknown.sort_unstable();
        unknown.dedup();
        assert_eq!(unknown.len(), 4, "each time another: {statuses:?}");
        let folded = [("metric", "http_server_request_duration_seconds")];
        assert!(same(delta.of("metrics_label_overflow_total", &folded), 4));
        assert!(same(
            delta.of(DURATIONS, &[ROUTE, (STATUS, "_overflow")]),
            4
        ));
        assert_eq!(risen(&delta), ["overflow"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_asks_for_each_author_is_suspected_of_a_loop() {
    on_each_database_with(wired, async |app| {
        add(&app, 10, 2).await;
        let plain = app.get("/api/v1/posts").send().await.expect(200).json();
        let (_, delta) = with(&app, Fault::NPlusOne, "/api/v1/posts").await;
        let suspected = [
            ("http_route", "GET /api/v1/posts"),
            ("db_query_summary", "users.find_by_id"),
        ];
        assert!(same(
            delta.of("db_client_n_plus_one_suspected_total", &suspected),
            REQUESTS
        ));
        assert!(same(
            delta.of("db_client_route_queries_total", &suspected),
            20 * REQUESTS
        ));
        assert!(same(times(&delta, Fault::NPlusOne), REQUESTS));
        assert_eq!(risen(&delta), ["loops"]);
        switch(&app, Fault::NPlusOne, true).await;
        let looped = app.get("/api/v1/posts?fields=id").send().await.expect(200);
        let looped = looped.json();
        assert_eq!(looped["data"].as_array().unwrap().len(), 20);
        assert_eq!(looped["data"][0]["id"], plain["data"][0]["id"]);
        assert!(
            looped["data"][0].get("author_id").is_none(),
            "what is read more is not shown: {looped}"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_query_is_over_its_budget_and_its_plan_is_asked_for() {
    on_each_database_with(wired, async |app| {
        let (_, delta) = with(&app, Fault::SlowQuery, "/api/v1/posts").await;
        let query = [("db_query_summary", "posts.list")];
        // At least: the machine may make others slow.
        assert!(delta.of("db_client_operation_over_budget_total", &query) > 3.5);
        let route = [("http_route", "GET /api/v1/posts")];
        let slow = [route[0], ("dominant_phase", "db")];
        assert!(delta.of("http_server_over_budget_total", &slow) > 3.5);
        assert!(same(times(&delta, Fault::SlowQuery), 4));
        assert!(same(delta.of("db_client_unnamed_queries_total", &[]), 0));
        assert_eq!(risen(&delta), Vec::<&str>::new());
        tests::eventually("a plan is captured", async || {
            let captured = [query[0], ("result", "captured")];
            let scrape = app.scrape().await;
            scrape.sum("db_slow_query_captures_total", &captured) > 0.5
        })
        .await;
    })
    .await;
}
