//! Requests with a key that were refused: what is kept of them, and what is not.

use serde_json::{Value, json};
use tests::{Outside, Response, TestApp, on_each_database};

const LIMIT: usize = 1024 * 1024;

fn user(email: &str) -> Value {
    json!({ "name": "Ada Lovelace", "email": email })
}

async fn send(app: &TestApp, path: &str, body: &Value) -> Response {
    let request = app.post(path).header("idempotency-key", "key");
    request.json(body).send().await
}

async fn keys(app: &TestApp) -> i64 {
    let query = "SELECT count(*) FROM idempotency_keys";
    Outside::of(&app.database).await.number(query).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_address_stays_the_answer_after_it_has_become_free() {
    on_each_database(async |app| {
        let id = app.create_user("Ada", "ada@example.com").await;
        let refused = send(&app, "/api/v1/users", &user("Ada@example.com")).await;
        let refused = refused.expect(409);
        assert_eq!(refused.json()["error"]["code"], "EMAIL_TAKEN");
        assert_eq!(refused.header("idempotency-replayed"), None);
        let path = format!("/api/v1/users/{id}");
        assert_eq!(app.delete(&path).send().await.status, 204);
        let again = send(&app, "/api/v1/users", &user("Ada@example.com")).await;
        // Byte for byte: with the id of the request that was refused.
        again.assert_replays(&refused);
        assert_ne!(
            again.header("x-request-id"),
            again.json()["meta"]["request_id"].as_str()
        );
        send(&app, "/api/v1/users", &user("grace@example.com"))
            .await
            .expect_error(422, "IDEMPOTENCY_KEY_REUSED");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_author_who_was_not_there_stays_the_answer_after_one_has_come() {
    on_each_database(async |app| {
        let post = json!({ "author_id": "1", "title": "Notes", "body": "Text" });
        let nested = json!({ "title": "Notes", "body": "Text" });
        let refused = [
            ("/api/v1/posts", 422, "AUTHOR_NOT_FOUND", post),
            ("/api/v1/users/1/posts", 404, "USER_NOT_FOUND", nested),
        ];
        let mut answers = Vec::new();
        for (path, status, code, body) in refused {
            let answer = send(&app, path, &body).await.expect(status);
            assert_eq!(answer.json()["error"]["code"], code);
            answers.push((path, body, answer));
        }
        app.create_user("Ada", "ada@example.com").await;
        for (path, body, answer) in answers {
            send(&app, path, &body).await.assert_replays(&answer);
            let other = app.post(path).header("idempotency-key", "other");
            drop(other.json(&body).send().await.expect(201));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_never_came_to_be_done_is_not_kept() {
    on_each_database(async |app| {
        let post = |content_type: &str, body: String| {
            let request = app.post("/api/v1/users").header("idempotency-key", "key");
            request.body(content_type, body).send()
        };
        let json_type = "application/json";
        post(json_type, "{".to_owned())
            .await
            .expect_error(400, "MALFORMED_JSON");
        post(json_type, user("no address").to_string())
            .await
            .expect_error(400, "INVALID_EMAIL");
        post(json_type, " ".repeat(LIMIT + 1))
            .await
            .expect_error(413, "PAYLOAD_TOO_LARGE");
        post("text/plain", user("ada@example.com").to_string())
            .await
            .expect_error(415, "UNSUPPORTED_MEDIA_TYPE");
        assert_eq!(keys(&app).await, 0);
        let made = post(json_type, user("ada@example.com").to_string()).await;
        assert_eq!(made.expect(201).header("idempotency-replayed"), None);
        // What is wrong with a body is said before its key is looked for.
        post(json_type, user("no address").to_string())
            .await
            .expect_error(400, "INVALID_EMAIL");
        assert_eq!(keys(&app).await, 1);
    })
    .await;
}
