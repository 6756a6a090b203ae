//! Clients that write without a pause to a service that will end.

use std::sync::{Arc, Mutex};

use serde_json::json;
use tests::{Outside, Process, TestDatabase, eventually};
use tokio::task::JoinSet;

const WRITERS: usize = 8;

/// What the clients have done so far.
pub type Done<T> = Arc<Mutex<Vec<T>>>;

/// A user who can write posts; returns the id.
pub async fn author(service: &Process) -> String {
    let user = json!({ "name": "Ada", "email": "ada@example.com" });
    let request = service.request("POST", "/api/v1/users").json(&user);
    let created = request.send().await.expect(201).json();
    created["data"]["id"].as_str().unwrap().to_owned()
}

/// Runs clients, each with a number, until the service is gone. Calls `end` as soon as `enough` is done. Returns all that was.
pub async fn work_until_the_end<T: Send + 'static, F>(
    service: Process,
    enough: usize,
    end: impl FnOnce(&Process),
    client: impl Fn(Arc<Process>, Done<T>, usize) -> F,
) -> (Process, Vec<T>)
where
    F: Future<Output = ()> + Send + 'static,
{
    let (service, done) = (Arc::new(service), Done::default());
    let clients = (0..WRITERS).map(|writer| client(service.clone(), Arc::clone(&done), writer));
    let clients: JoinSet<()> = clients.collect();
    eventually("enough is done", async || {
        done.lock().unwrap().len() >= enough
    })
    .await;
    end(&service);
    clients.join_all().await;
    let done = std::mem::take(&mut *done.lock().unwrap());
    (Arc::into_inner(service).unwrap(), done)
}

/// Writes posts until the service is gone. Calls `end` as soon as `enough` are acknowledged. Returns the ids of all that were.
pub async fn write_until_the_end(
    service: Process,
    enough: usize,
    end: impl FnOnce(&Process),
) -> (Process, Vec<String>) {
    let author = author(&service).await;
    let post = json!({ "author_id": author, "title": "Title", "body": "Text" });
    work_until_the_end(service, enough, end, |service, acknowledged, _| {
        let post = post.clone();
        async move {
            let write = || service.request("POST", "/api/v1/posts").json(&post);
            while let Ok(answer) = write().try_send().await {
                let id = answer.expect(201).json()["data"]["id"].clone();
                let id = id.as_str().unwrap().to_owned();
                acknowledged.lock().unwrap().push(id);
            }
        }
    })
    .await
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
