//! A statement that takes too long is cancelled: 504, counted as a time-out, and nothing stays behind.

use serde_json::json;
use tests::{DatabaseKind, TestOptions, on_database};

use crate::{existing_user, locker_and_observer};

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_takes_too_long_is_a_gateway_timeout() {
    let options = TestOptions::with(|config| config.statement_timeout_ms = 100);
    on_database(DatabaseKind::Postgres, options, async |app| {
        let path = existing_user(&app).await;
        let (mut locker, mut observer) = locker_and_observer(&app).await;
        locker.lock_everything().await;
        let requests = [
            ("users.find_by_id", app.get(&path)),
            ("users.list", app.get("/api/v1/users")),
            (
                "users.update",
                app.patch(&path).json(&json!({ "name": "Eve" })),
            ),
            ("posts.delete_by_author", app.delete(&path)),
        ];
        for (query, request) in requests {
            request.send().await.expect_error(504, "QUERY_TIMEOUT");
            let scrape = app.scrape().await;
            let timeouts = [("db_query_summary", query), ("error_type", "timeout")];
            assert_eq!(
                scrape.sum("db_client_operation_duration_seconds_count", &timeouts),
                1.0
            );
        }
        assert_eq!(observer.waiting_sessions().await, 0);
        let closed = app
            .scrape()
            .await
            .sum("db_client_connection_closed_total", &[]);
        assert_eq!(closed, 0.0, "the connections are as good as before");
        locker.unlock().await;
        let user = app.get(&path).send().await.expect(200).json();
        assert_eq!(user["data"]["name"], "Ada");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_waits_too_long_for_a_lock_is_a_gateway_timeout_of_its_own_kind() {
    let options = TestOptions::with(|config| config.lock_timeout_ms = 100);
    on_database(DatabaseKind::Postgres, options, async |app| {
        let path = existing_user(&app).await;
        let (mut locker, mut observer) = locker_and_observer(&app).await;
        locker.lock_everything().await;
        app.get(&path)
            .send()
            .await
            .expect_error(504, "QUERY_TIMEOUT");
        let waited = [
            ("db_query_summary", "users.find_by_id"),
            ("error_type", "lock_timeout"),
        ];
        let scrape = app.scrape().await;
        let count = scrape.sum("db_client_operation_duration_seconds_count", &waited);
        assert_eq!(count, 1.0);
        assert_eq!(observer.waiting_sessions().await, 0);
        let closed = scrape.sum("db_client_connection_closed_total", &[]);
        assert_eq!(closed, 0.0, "the connection is as good as before");
        locker.unlock().await;
        drop(app.get(&path).send().await.expect(200));
    })
    .await;
}
