//! SQLite cannot make its file longer: writes are refused, reads go on, nothing acknowledged is lost, and all is well again by itself.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::{Process, ProcessOptions, Response, eventually};

use crate::BINARY;

async fn author(service: &Process) -> String {
    let user = json!({ "name": "Ada", "email": "ada@example.com" });
    let answer = service
        .request("POST", "/api/v1/users")
        .json(&user)
        .send()
        .await;
    id(&answer.expect(201).json())
}

async fn post(service: &Process, author: &str) -> Response {
    // Large enough that the file is full after a hundred.
    let text = "x".repeat(10_000);
    let post =
        json!({ "author_id": author, "title": "Title", "body": text, "status": "published" });
    service
        .request("POST", "/api/v1/posts")
        .json(&post)
        .send()
        .await
}

fn id(answer: &Value) -> String {
    answer["data"]["id"].as_str().unwrap().to_owned()
}

/// Posts until one is refused. Returns the ids of those that were not.
async fn fill(service: &Process, author: &str) -> BTreeSet<String> {
    let mut acknowledged = BTreeSet::new();
    loop {
        let answer = post(service, author).await;
        if answer.status != 201 {
            answer.expect_error(503, "DATABASE_UNAVAILABLE");
            return acknowledged;
        }
        acknowledged.insert(id(&answer.json()));
        assert!(acknowledged.len() < 1000, "the limit was never met");
    }
}

async fn all_are_there(service: &Process, ids: &BTreeSet<String>) {
    for id in ids {
        let path = format!("/api/v1/posts/{id}");
        drop(service.request("GET", &path).send().await.expect(200));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_writes_and_loses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", directory.path().join("test.db").display());
    let mut options = ProcessOptions::new(BINARY, &url);
    // Every look-up must ask the database.
    options.arguments = &["--cache=off"];
    options.file_limit = Some(1024 * 1024);
    let service = Process::start(&options).await;
    let author = author(&service).await;

    let mut acknowledged = fill(&service, &author).await;
    assert!(!acknowledged.is_empty(), "there was room at first");
    for _ in 0..5 {
        post(&service, &author)
            .await
            .expect_error(503, "DATABASE_UNAVAILABLE");
    }
    all_are_there(&service, &acknowledged).await;
    drop(service.management("/readyz").send().await.expect(200));

    service.lift_file_limit();
    eventually("writes are accepted again", async || {
        let answer = post(&service, &author).await;
        answer.status == 201 && acknowledged.insert(id(&answer.json()))
    })
    .await;
    service.terminate();
    let (status, log) = service.wait().await;
    assert!(status.success(), "{status}");
    let said = |text: &str| log.iter().any(|line| line.contains(text));
    assert!(said("disk I/O error"), "{log:#?}");

    options.file_limit = None;
    all_are_there(&Process::start(&options).await, &acknowledged).await;
}
