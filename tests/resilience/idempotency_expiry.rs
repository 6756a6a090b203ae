//! Keys that have expired are deleted beside the requests.

use std::time::Duration;

use api::{clock::Clock, models::Timestamp, services::idempotency};
use serde_json::json;
use tests::{
    DatabaseKind, Outside, TestDatabase, TestOptions, eventually, on_each_database_with,
    on_each_empty_database, on_empty_database,
};

use crate::direct::{Direct, single_connection};

const KEYS: &str = "SELECT count(*) FROM idempotency_keys";

/// So many keys, taken so many hours ago.
async fn insert(database: &TestDatabase, name: &str, count: u32, hours: i64) {
    let micros = Clock::System.now().as_micros() - hours * 3_600_000_000;
    let (bytes, time) = match database.kind {
        DatabaseKind::Sqlite => ("x''", micros.to_string()),
        DatabaseKind::Postgres => ("''", format!("'{}'", Timestamp::from_micros(micros))),
    };
    let rows = format!(
        "INSERT INTO idempotency_keys (key, fingerprint, created_at) \
         WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < {count}) \
         SELECT '{name} ' || number, {bytes}, {time} FROM numbers"
    );
    Outside::of(database).await.run(&rows).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_deleted_a_day_after_they_were_taken_and_no_earlier() {
    let options = || TestOptions {
        upkeep_interval: Duration::from_millis(10),
        ..TestOptions::at_fixed_time()
    };
    on_each_database_with(options, async |app| {
        let mut outside = Outside::of(&app.database).await;
        let send = async |key: &str, email: &str| {
            let user = json!({ "name": "Ada", "email": email });
            let request = app.post("/api/v1/users").header("idempotency-key", key);
            drop(request.json(&user).send().await.expect(201));
        };
        send("old", "ada@example.com").await;
        app.advance(Duration::from_hours(1));
        send("young", "grace@example.com").await;
        app.advance(Duration::from_micros(23 * 3_600_000_000 - 1));
        let looks = async || {
            let labels = [("db_query_summary", "idempotency_keys.list_expired")];
            let scrape = app.scrape().await;
            scrape.sum("db_client_operation_duration_seconds_count", &labels)
        };
        let before = looks().await;
        eventually("it has looked twice", async || looks().await > before + 1.5).await;
        assert_eq!(outside.number(KEYS).await, 2);
        app.advance(Duration::from_micros(1));
        eventually("the old one is gone", async || {
            outside.number(KEYS).await == 1
        })
        .await;
        let young = "SELECT count(*) FROM idempotency_keys WHERE key LIKE '% young'";
        assert_eq!(outside.number(young).await, 1);
        assert_eq!(outside.number("SELECT count(*) FROM users").await, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_keys_are_deleted_a_hundred_at_a_time() {
    on_each_empty_database(async |database| {
        let direct = Direct::open(&database.url, &single_connection()).await;
        insert(&database, "old", 250, 25).await;
        insert(&database, "young", 10, 23).await;
        let deleted = idempotency::delete_expired(&direct.database, &Clock::System).await;
        assert_eq!(deleted.unwrap(), 250);
        assert_eq!(Outside::of(&database).await.number(KEYS).await, 10);
        let scrape = crate::bare::scrape(&direct.metrics);
        let labels = [("db_query_summary", "idempotency_keys.delete_expired")];
        let statements = scrape.sum("db_client_operation_duration_seconds_count", &labels);
        assert_eq!(statements, 3.0);
        assert_eq!(scrape.sum("db_client_rows_exceeded_total", &labels), 0.0);
    })
    .await;
}

/// An expired key that is taken anew at the moment when it is to be deleted.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_taken_anew_while_its_deletion_waits_is_not_deleted() {
    on_empty_database(DatabaseKind::Postgres, async |database| {
        let direct = Direct::open(&database.url, &single_connection()).await;
        insert(&database, "old", 2, 25).await;
        let (mut taker, mut observer) =
            (Outside::of(&database).await, Outside::of(&database).await);
        taker
            .run("BEGIN; UPDATE idempotency_keys SET created_at = now() WHERE key = 'old 1'")
            .await;
        let pool = direct.database.clone();
        let deleting =
            tokio::spawn(async move { idempotency::delete_expired(&pool, &Clock::System).await });
        eventually("the deletion waits", async || {
            observer.waiting_sessions().await == 1
        })
        .await;
        taker.run("COMMIT").await;
        assert_eq!(deleting.await.unwrap().unwrap(), 1);
        let anew = "SELECT count(*) FROM idempotency_keys WHERE key = 'old 1'";
        assert_eq!(observer.number(anew).await, 1);
    })
    .await;
}
