//! What a caller was told is true: no answer is older than a write that was acknowledged before.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use serde_json::json;
use tests::{Outside, TestApp, TestOptions, eventually, on_each_database, on_each_database_with};
use tokio::task::JoinSet;

use crate::existing_user;

const ROUNDS: usize = 60;

async fn version(app: &TestApp, path: &str) -> i64 {
    app.get(path).send().await.expect(200).json()["data"]["version"]
        .as_i64()
        .unwrap()
}

/// Writes and reads one user from several tasks at once.
async fn hammer(app: Arc<TestApp>, path: String) {
    let acknowledged = Arc::new(AtomicI64::new(1));
    let mut tasks = JoinSet::new();
    for _ in 0..2 {
        let (app, path, acknowledged) = (Arc::clone(&app), path.clone(), Arc::clone(&acknowledged));
        tasks.spawn(async move {
            for round in 0..ROUNDS {
                let change = json!({ "name": format!("Name {round}") });
                let answer = app
                    .patch(&path)
                    .json(&change)
                    .send()
                    .await
                    .expect(200)
                    .json();
                acknowledged.fetch_max(
                    answer["data"]["version"].as_i64().unwrap(),
                    Ordering::SeqCst,
                );
            }
        });
    }
    for _ in 0..4 {
        let (app, path, acknowledged) = (Arc::clone(&app), path.clone(), Arc::clone(&acknowledged));
        tasks.spawn(async move {
            for _ in 0..2 * ROUNDS {
                let floor = acknowledged.load(Ordering::SeqCst);
                let seen = version(&app, &path).await;
                assert!(
                    seen >= floor,
                    "version {seen} after version {floor} was acknowledged"
                );
            }
        });
    }
    tasks.join_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_acknowledged_change_nobody_sees_an_older_version() {
    on_each_database(async |app| {
        let app = Arc::new(app);
        let mut users = JoinSet::new();
        for number in 0..3 {
            let id = app
                .create_user("Name", &format!("{number}@example.com"))
                .await;
            users.spawn(hammer(Arc::clone(&app), format!("/api/v1/users/{id}")));
        }
        users.join_all().await;
        let scrape = app.scrape().await;
        assert!(
            scrape.sum("cache_gets_total", &[("result", "hit")]) > 0.0,
            "{}",
            scrape.text
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_was_asked_for_in_vain_is_found_as_soon_as_it_exists() {
    let options = || TestOptions::with(|config| config.cache_negative_ttl_ms = 3_600_000);
    on_each_database_with(options, async |app| {
        for round in 0..10 {
            let user: i64 = app
                .create_user("A", &format!("a{round}@example.com"))
                .await
                .parse()
                .unwrap();
            let path = format!("/api/v1/users/{}", user + 1);
            for _ in 0..2 {
                app.get(&path)
                    .send()
                    .await
                    .expect_error(404, "USER_NOT_FOUND");
            }
            let next = app.create_user("B", &format!("b{round}@example.com")).await;
            assert_eq!(next, (user + 1).to_string());
            assert_eq!(version(&app, &path).await, 1);
            let post: i64 = app.create_post(&next, "First").await.parse().unwrap();
            let path = format!("/api/v1/posts/{}", post + 1);
            app.get(&path)
                .send()
                .await
                .expect_error(404, "POST_NOT_FOUND");
            assert_eq!(
                app.create_post(&next, "Second").await,
                (post + 1).to_string()
            );
            assert_eq!(version(&app, &path).await, 1);
        }
        let hits = app
            .scrape()
            .await
            .sum("cache_gets_total", &[("result", "hit")]);
        assert!(hits >= 10.0, "absence was cached");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_user_all_cached_posts_of_the_user_are_gone() {
    on_each_database(async |app| {
        let user = app.create_user("Ada", "ada@example.com").await;
        let mut paths = vec![format!("/api/v1/users/{user}")];
        for number in 0..30 {
            let post = app.create_post(&user, &format!("Post {number}")).await;
            paths.push(format!("/api/v1/posts/{post}"));
        }
        for path in &paths {
            assert_eq!(version(&app, path).await, 1);
        }
        assert_eq!(app.delete(&paths[0]).send().await.status, 204);
        for path in &paths {
            assert_eq!(app.get(path).send().await.status, 404, "{path}");
        }
    })
    .await;
}

async fn writes(app: &TestApp) -> bool {
    let used = [("db_client_connection_state", "used")];
    app.scrape().await.sum("db_client_connections", &used) > 0.0
}

async fn misses(app: &TestApp) -> f64 {
    let missed = [("result", "miss")];
    app.scrape().await.sum("cache_gets_total", &missed)
}

/// How long the database stays locked after the client has hung up.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Locked {
    /// The change happens after all, where the database does not know that the client is gone.
    NoLonger,
    /// Until the change has failed, or the cache believes that it cannot happen any more.
    UntilSettled,
}

async fn a_lost_answer_leaves_nothing_stale(app: &TestApp, locked: Locked) {
    let path = existing_user(app).await;
    let mut outside = Outside::of(&app.database).await;
    outside.lock_writes().await;
    let client = tokio::spawn(app.patch(&path).json(&json!({ "name": "Eve" })).try_send());
    eventually("the change waits for the lock", async || writes(app).await).await;
    client.abort();
    eventually("the client is gone", async || {
        app.scrape().await.sum("http_server_active_requests", &[]) < 0.5
    })
    .await;
    // Cached while the change may still happen.
    assert_eq!(version(app, &path).await, 1);
    let before = misses(app).await;
    eventually("the lock may go", async || {
        version(app, &path).await;
        locked == Locked::NoLonger || !writes(app).await || misses(app).await > before
    })
    .await;
    outside.unlock().await;
    eventually("the write is over", async || !writes(app).await).await;
    let version_is = "SELECT CAST(version AS BIGINT) FROM users";
    let stored = outside.number(version_is).await;
    let happened = app.is_sqlite() && locked == Locked::NoLonger;
    assert_eq!(stored, 1 + i64::from(happened));
    eventually("the cache tells what is stored", async || {
        version(app, &path).await == stored
    })
    .await;
}

/// Entries live for ever, and a statement may wait for the lock longer than it may run.
fn long_lived() -> TestOptions {
    TestOptions::with(|config| {
        config.cache_ttl_ms = 3_600_000;
        config.pool_wait_timeout_ms = 4000;
        config.statement_timeout_ms = 2000;
        config.lock_timeout_ms = 2000;
        config.deadline_ms = 60_000;
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_happens_after_its_client_hung_up_is_seen() {
    on_each_database_with(long_lived, async |app| {
        a_lost_answer_leaves_nothing_stale(&app, Locked::NoLonger).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_waits_long_after_its_client_hung_up_leaves_nothing_stale() {
    on_each_database_with(long_lived, async |app| {
        a_lost_answer_leaves_nothing_stale(&app, Locked::UntilSettled).await;
    })
    .await;
}
