//! A client that hangs up is noticed, while its request is still stuck: status 499.

use api::telemetry::catalogue::POOL_CONNECTIONS;
use serde_json::json;
use tests::{Outside, TestApp, eventually, on_each_database_with};

use crate::{
    blocked::{a_write_waits, patient},
    delta::{Delta, same},
};

const ROUTE: (&str, &str) = ("http_route", "POST /api/v1/users");
const GONE: (&str, &str) = ("http_response_status_code", "499");

/// Asks for a user to be made and hangs up while the request waits for a lock.
async fn hang_up(app: &TestApp) {
    let body = json!({ "name": "Gone", "email": "gone@example.com" }).to_string();
    let length = body.len();
    let mut client = app.connect().await;
    let head = "POST /api/v1/users HTTP/1.1\r\nHost: test\r\nContent-Type: application/json";
    client
        .send(format!("{head}\r\nContent-Length: {length}\r\n\r\n{body}"))
        .await;
    a_write_waits(app).await;
    drop(client);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_hangs_up_is_counted_and_logged_while_its_request_is_stuck() {
    on_each_database_with(patient, async |app| {
        let before = app.scrape().await;
        let mut outside = Outside::of(&app.database).await;
        outside.lock_writes().await;
        hang_up(&app).await;
        let delta = Delta::after_requests(&app, before, 1).await;
        assert!(same(
            delta.of("http_server_request_duration_seconds_count", &[ROUTE, GONE]),
            1
        ));
        assert!(same(delta.after.sum("http_server_active_requests", &[]), 0));
        let lines = app.access_lines(1).await;
        assert_eq!(lines[0]["http.response.status_code"], 499);
        assert_eq!(lines[0]["level"], "WARN");
        assert_eq!(lines[0]["http.response.body.size"], 0);
        outside.unlock().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_query_of_a_client_that_hung_up_is_counted_as_cancelled() {
    on_each_database_with(patient, async |app| {
        let before = app.scrape().await;
        let mut outside = Outside::of(&app.database).await;
        outside.lock_writes().await;
        hang_up(&app).await;
        let delta = Delta::after_requests(&app, before, 1).await;
        let cancelled = [
            ("db_query_summary", "users.insert"),
            ("error_type", "cancelled"),
        ];
        assert!(same(
            delta.of("db_client_operation_duration_seconds_count", &cancelled),
            1
        ));
        outside.unlock().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn others_are_served_after_a_client_hung_up() {
    on_each_database_with(patient, async |app| {
        let before = app.scrape().await;
        let mut outside = Outside::of(&app.database).await;
        outside.lock_writes().await;
        hang_up(&app).await;
        Delta::after_requests(&app, before, 1).await;
        outside.unlock().await;
        app.create_user("Ada Lovelace", "ada@example.com").await;
        let pools = [("db_client_connection_state", "used")];
        eventually("every connection is given back", async || {
            same(app.scrape().await.sum(POOL_CONNECTIONS.name, &pools), 0)
        })
        .await;
    })
    .await;
}
