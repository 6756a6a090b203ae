//! The process is killed again and again while clients write with keys. Whatever they know of their answers, each key has made one row.

use std::sync::Arc;

use serde_json::{Value, json};
use tests::{Outside, Process, ProcessOptions, Response, on_each_empty_database};

use crate::{
    BINARY,
    writers::{Done, author, work_until_the_end},
};

/// How often the process is killed.
const KILLS: usize = 12;
/// Most requests that have ended when it is.
const MOST_ENDED: usize = 60;

/// A request, and its answer if one came.
struct Sent {
    key: String,
    body: Value,
    answer: Option<Response>,
}

async fn send(service: &Process, key: &str, body: &Value) -> Result<Response, reqwest::Error> {
    let request = service.request("POST", "/api/v1/posts");
    let request = request.header("idempotency-key", key).json(body);
    request.try_send().await
}

/// Posts, each with a key of its own, until no answer comes.
async fn client(service: Arc<Process>, done: Done<Sent>, name: String, author: String) {
    for number in 0.. {
        let key = format!("{name}-{number}");
        let body = json!({ "author_id": author, "title": key, "body": "Text" });
        let answer = send(&service, &key, &body).await.ok();
        let is_last = answer.is_none();
        done.lock().unwrap().push(Sent { key, body, answer });
        if is_last {
            break;
        }
    }
}

/// What was acknowledged is answered as before; of the rest nobody knows, and it is done now or was.
async fn send_again(service: &Process, sent: &[Sent]) {
    for Sent { key, body, answer } in sent {
        let again = send(service, key, body).await.unwrap().expect(201);
        assert_eq!(again.json()["data"]["title"], key.as_str());
        if let Some(answer) = answer {
            assert_eq!(answer.status, 201, "{}", answer.text);
            again.assert_replays(answer);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_every_kill_each_key_has_made_one_row_and_answers_as_it_did() {
    on_each_empty_database(async |database| {
        let options = ProcessOptions::new(BINARY, &database.url);
        let mut service = Process::start(&options).await;
        let author = author(&service).await;
        let mut all = 0;
        for kill in 0..KILLS {
            let enough = fastrand::usize(1..MOST_ENDED);
            let (killed, sent) =
                work_until_the_end(service, enough, Process::kill, |service, done, writer| {
                    let name = format!("{kill}-{writer}");
                    client(service, done, name, author.clone())
                })
                .await;
            assert_eq!(killed.wait().await.0.code(), None);
            service = Process::start(&options).await;
            send_again(&service, &sent).await;
            all += sent.len();
            let mut outside = Outside::of(&database).await;
            for query in [
                "SELECT count(*) FROM posts",
                "SELECT count(DISTINCT title) FROM posts",
                "SELECT count(*) FROM idempotency_keys",
                "SELECT count(*) FROM idempotency_keys WHERE body IS NOT NULL",
            ] {
                let rows = outside.number(query).await;
                assert_eq!(usize::try_from(rows).unwrap(), all, "{query}");
            }
        }
    })
    .await;
}
