//! All connections are taken: who waits for one is told to come back, after the wait time-out and not later.

use api::repositories::health::Ping;
use diesel::sql_query;
use serde_json::json;
use tests::{DatabaseKind, Outside, TestApp, TestOptions, eventually, on_database};
use tokio::task::JoinSet;

use crate::{
    direct::{Direct, single_connection},
    existing_user, locker_and_observer,
};

fn options() -> TestOptions {
    TestOptions::with(|config| {
        config.workers = 1;
        config.pool_size = 1;
        config.pool_wait_timeout_ms = 200;
        config.statement_timeout_ms = 60_000;
        config.lock_timeout_ms = 60_000;
        config.deadline_ms = 60_000;
        config.cache = api::config::Switch::Off;
    })
}

async fn timeouts(app: &TestApp) -> f64 {
    let labels = [("kind", "wait")];
    app.scrape()
        .await
        .sum("db_client_connection_timeouts_total", &labels)
}

async fn leases_in_vain(app: &TestApp, error: &str) -> f64 {
    let labels = [("error_type", error)];
    app.scrape()
        .await
        .sum("db_client_connection_errors_total", &labels)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_finds_no_free_connection_in_time_is_told_to_come_back() {
    on_database(DatabaseKind::Postgres, options(), async |app| {
        let path = existing_user(&app).await;
        let (mut locker, mut observer) = locker_and_observer(&app).await;
        // One row is enough to hold up the only connection.
        locker.run("BEGIN; UPDATE users SET name = name").await;
        let held_up = app.patch(&path).json(&json!({ "name": "Eve" })).try_send();
        let held_up = tokio::spawn(held_up);
        eventually("it holds the connection", async || {
            observer.waiting_sessions().await == 1
        })
        .await;

        for count in [1.0, 2.0, 3.0] {
            let answer = app.get("/api/v1/posts").send().await;
            assert_eq!(answer.header("retry-after"), Some("1"));
            answer.expect_error(503, "OVERLOADED");
            assert_eq!(timeouts(&app).await, count);
            assert_eq!(leases_in_vain(&app, "overloaded").await, count);
        }
        // The check has a connection of its own: an overloaded service is still ready.
        drop(app.management("/readyz").send().await.expect(200));

        locker.unlock().await;
        drop(held_up.await.unwrap().unwrap().expect(200));
        drop(app.get("/api/v1/posts").send().await.expect(200));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_whose_turn_does_not_come_in_time_is_told_to_come_back() {
    on_database(DatabaseKind::Sqlite, options(), async |app| {
        let mut outside = Outside::of(&app.database).await;
        outside.lock_writes().await;
        // Each one that has its turn needs as long for the lock as the others wait for theirs: of three, one at least waits in vain.
        let mut writers: JoinSet<_> = (0..3)
            .map(|number| {
                let user = json!({ "name": "Ada", "email": format!("{number}@example.com") });
                app.post("/api/v1/users").json(&user).try_send()
            })
            .collect();
        let mut overloaded = 0.0;
        while let Some(answer) = writers.join_next().await {
            let answer = answer.unwrap().unwrap().expect(503);
            assert_eq!(answer.header("retry-after"), Some("1"));
            let code = answer.json()["error"]["code"].clone();
            assert!(
                code == "OVERLOADED" || code == "DATABASE_UNAVAILABLE",
                "{code}"
            );
            overloaded += f64::from(u8::from(code == "OVERLOADED"));
        }
        assert!(overloaded >= 1.0);
        assert_eq!(timeouts(&app).await, overloaded);
        outside.unlock().await;
        app.create_user("Ada", "ada@example.com").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_finds_no_free_reader_in_time_is_refused_and_never_runs() {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", directory.path().join("test.db").display());
    let mut options = single_connection();
    options.wait_timeout = std::time::Duration::from_millis(20);
    let direct = Direct::open(&url, &options).await;
    let (mut slow, mut other) = (
        direct.database.read().await.unwrap(),
        direct.database.read().await.unwrap(),
    );
    let long = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT max(i) FROM n";
    // Asked first, it is in the queue first; the reader is its own until it has ended.
    let (long, refused) = tokio::join!(
        slow.execute(Ping, sql_query(long)),
        other.execute(Ping, sql_query("SELECT 1")),
    );
    long.unwrap();
    assert_eq!(
        refused.unwrap_err().kind(),
        api::database::ErrorKind::Overloaded
    );
}
