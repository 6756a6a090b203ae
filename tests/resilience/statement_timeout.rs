//! A statement that takes too long is cancelled: 504, counted as a time-out, and nothing stays behind.

use api::{database::ErrorKind, repositories::health::Ping};
use diesel::sql_query;
use serde_json::json;
use tests::{DatabaseKind, TestOptions, on_database};

use crate::{
    direct::{Direct, single_connection},
    existing_user, locker_and_observer,
};

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
async fn on_sqlite_the_caller_of_a_statement_that_takes_too_long_is_told_so() {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", directory.path().join("test.db").display());
    let mut options = single_connection();
    options.wait_timeout = std::time::Duration::from_millis(20);
    options.statement_timeout = std::time::Duration::from_millis(20);
    let direct = Direct::open(&url, &options).await;
    let mut conn = direct.database.read().await.unwrap();
    let long = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT max(i) FROM n";
    let error = conn.execute(Ping, sql_query(long)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.outcome_is_unknown());
}
