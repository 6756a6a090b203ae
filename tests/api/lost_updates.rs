//! Two writers who read, count up and write back with `If-Match`: no update is lost.

use serde_json::json;
use tests::{TestApp, on_each_database};

/// So many counts each of the two writers gets through.
const ROUNDS: usize = 50;

#[tokio::test(flavor = "multi_thread")]
async fn two_writers_of_one_post_lose_no_update() {
    on_each_database(async |app| {
        let author = app.create_user("Ada Lovelace", "ada@example.com").await;
        app.create_post(&author, "0").await;
        race(&app, "/api/v1/posts/1", "title", "PATCH").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_writers_of_one_user_lose_no_update() {
    on_each_database(async |app| {
        app.create_user("0", "ada@example.com").await;
        race(&app, "/api/v1/users/1", "name", "PUT").await;
    })
    .await;
}

async fn race(app: &TestApp, path: &str, field: &str, method: &str) {
    let writers = [
        count_up(app, path, field, method),
        count_up(app, path, field, method),
    ];
    let refused: usize = futures_util::future::join_all(writers)
        .await
        .into_iter()
        .sum();
    let data = app.get(path).send().await.expect(200).json()["data"].clone();
    assert_eq!(
        data[field],
        (2 * ROUNDS).to_string(),
        "after {refused} refusals"
    );
    assert_eq!(
        data["version"],
        2 * ROUNDS + 1,
        "every success is a version"
    );
    assert!(refused > 0, "the writers never met");
}

/// Counts up until it has succeeded so often; returns how often it was refused.
async fn count_up(app: &TestApp, path: &str, field: &str, method: &str) -> usize {
    let (mut succeeded, mut refused) = (0, 0);
    while succeeded < ROUNDS {
        let read = app.get(path).send().await.expect(200);
        let etag = read.header("etag").unwrap().to_owned();
        let mut data = read.json()["data"].clone();
        let count: usize = data[field].as_str().unwrap().parse().unwrap();
        data[field] = json!((count + 1).to_string());
        let body = match method {
            "PUT" => json!({ "name": data["name"], "email": data["email"], "role": data["role"] }),
            _ => json!({ field: data[field] }),
        };
        let write = app.request(method, path).header("if-match", &etag);
        let written = write.json(&body).send().await;
        if written.status == 200 {
            assert_ne!(written.header("etag"), Some(etag.as_str()));
            succeeded += 1;
        } else {
            written.expect_error(412, "PRECONDITION_FAILED");
            refused += 1;
        }
    }
    refused
}
