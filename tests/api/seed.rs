//! `api seed`: the same rows for the same seed, on either database, and only where there are none.

use std::sync::Arc;

use serde_json::Value;
use tests::{TestApp, TestDatabase, TestOptions, on_each_empty_database};
use tokio::sync::Mutex;

use crate::command_line::run_on;

const SMALL: [&str; 6] = ["seed", "--users", "60", "--posts-per-user", "3", "--seed"];

#[tokio::test(flavor = "multi_thread")]
async fn the_same_seed_makes_the_same_rows_on_every_database() {
    let first: Mutex<Option<Vec<Value>>> = Mutex::default();
    for _ in 0..2 {
        on_each_empty_database(async |database| {
            let printed = run_on(&database.url, &[&SMALL[..], &["7"]].concat()).done();
            assert!(
                printed.starts_with("60 users and 180 posts in "),
                "{printed}"
            );
            let rows = rows(&database).await;
            assert_eq!(rows.len(), 240);
            let mut first = first.lock().await;
            assert_eq!(first.get_or_insert_with(|| rows.clone()), &rows);
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_seed_makes_other_rows() {
    on_each_empty_database(async |database| {
        run_on(&database.url, &[&SMALL[..], &["1"]].concat()).done();
        let other = TestDatabase::like(&database).await;
        run_on(&other.url, &[&SMALL[..], &["2"]].concat()).done();
        assert_ne!(rows(&database).await, rows(&other).await);
        other.remove().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_has_users_is_refused_and_stays_as_it_was() {
    on_each_empty_database(async |database| {
        run_on(&database.url, &[&SMALL[..], &["7"]].concat()).done();
        let before = rows(&database).await;
        let sentence = run_on(&database.url, &[&SMALL[..], &["8"]].concat()).refused();
        assert_eq!(
            sentence,
            "api: The database has users already: seed an empty one"
        );
        assert_eq!(rows(&database).await, before);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn users_can_be_made_without_posts() {
    on_each_empty_database(async |database| {
        let printed = run_on(
            &database.url,
            &["seed", "--users", "1", "--posts-per-user", "0"],
        )
        .done();
        assert!(printed.starts_with("1 users and 0 posts in "), "{printed}");
        assert_eq!(rows(&database).await.len(), 1);
    })
    .await;
}

/// Every user and every post, as the service shows them.
async fn rows(database: &Arc<TestDatabase>) -> Vec<Value> {
    let app = TestApp::spawn_shared(Arc::clone(database), TestOptions::default()).await;
    let mut rows = Vec::new();
    for list in ["/api/v1/users", "/api/v1/posts"] {
        let mut next = Some(format!("{list}?limit=100&sort=id"));
        while let Some(path) = next {
            let body = app.get(&path).send().await.expect(200).json();
            rows.extend(body["data"].as_array().unwrap().iter().cloned());
            next = body["links"]["next"].as_str().map(str::to_owned);
        }
    }
    app.stop().await;
    rows
}
