//! Clients that write without a pause to a service that will end.

use std::sync::{Arc, Mutex};

use serde_json::json;
use tests::{Outside, Process, TestDatabase, eventually};
use tokio::task::JoinSet;

const WRITERS: usize = 8;

/// Writes posts until the service is gone. Calls `end` as soon as `enough` are acknowledged. Returns the ids of all that were.
pub async fn write_until_the_end(
    service: Process,
    enough: usize,
    end: impl FnOnce(&Process),
) -> (Process, Vec<String>) {
    let user = json!({ "name": "Ada", "email": "ada@example.com" });
    let created = service
        .request("POST", "/api/v1/users")
        .json(&user)
        .send()
        .await;
    let author = created.expect(201).json()["data"]["id"].clone();
    let (service, acknowledged) = (Arc::new(service), Arc::new(Mutex::new(Vec::new())));
    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        let (service, acknowledged) = (Arc::clone(&service), Arc::clone(&acknowledged));
        let post = json!({ "author_id": author, "title": "Title", "body": "Text" });
        writers.spawn(async move {
            let write = || service.request("POST", "/api/v1/posts").json(&post);
            while let Ok(answer) = write().try_send().await {
                let id = answer.expect(201).json()["data"]["id"].clone();
                acknowledged
                    .lock()
                    .unwrap()
                    .push(id.as_str().unwrap().to_owned());
            }
        });
    }
    eventually("enough is written", async || {
        acknowledged.lock().unwrap().len() >= enough
    })
    .await;
    end(&service);
    writers.join_all().await;
    let acknowledged = acknowledged.lock().unwrap().clone();
    (Arc::into_inner(service).unwrap(), acknowledged)
}

/// How many of these posts the database has.
pub async fn stored(database: &TestDatabase, ids: &[String]) -> usize {
    let query = format!(
        "SELECT count(*) FROM posts WHERE id IN ({})",
        ids.join(", ")
    );
    let count = Outside::of(database).await.number(&query).await;
    usize::try_from(count).unwrap()
}
