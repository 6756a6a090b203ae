//! A POST that is sent again with its `Idempotency-Key` is answered as the first time, and makes nothing.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{
    Outside, Request, Response, TestApp, TestOptions, on_each_database, on_each_database_with,
};

const USERS: &str = "/api/v1/users";
const POSTS: &str = "/api/v1/posts";
const POSTS_OF_1: &str = "/api/v1/users/1/posts";
const MICROSECOND: Duration = Duration::from_micros(1);
const ALMOST_A_DAY: Duration = Duration::from_micros(24 * 60 * 60 * 1_000_000 - 1);

fn ada() -> Value {
    json!({ "name": "Ada Lovelace", "email": "ada@example.com" })
}

/// Right for both routes that make posts, where there is a user 1.
fn post(path: &str) -> Value {
    let mut post = json!({ "title": "Notes", "body": "Text", "status": "published" });
    if path == POSTS {
        post["author_id"] = json!("1");
    }
    post
}

fn request(app: &TestApp, path: &str, key: &str) -> Request {
    app.post(path).header("idempotency-key", key)
}

async fn send(app: &TestApp, path: &str, key: &str, body: &Value) -> Response {
    request(app, path, key).json(body).send().await
}

/// The same for the first time.
async fn first(app: &TestApp, path: &str, key: &str, body: &Value) -> Response {
    let response = send(app, path, key, body).await;
    assert_eq!(response.header("idempotency-replayed"), None);
    response
}

async fn count(app: &TestApp, table: &str) -> i64 {
    let query = format!("SELECT count(*) FROM {table}");
    Outside::of(&app.database).await.number(&query).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_sent_again_is_answered_as_the_first_and_makes_nothing() {
    on_each_database_with(TestOptions::at_fixed_time, async |app| {
        for (path, body) in [
            (USERS, ada()),
            (POSTS, post(POSTS)),
            (POSTS_OF_1, post(POSTS_OF_1)),
        ] {
            let made = first(&app, path, "key", &body).await.expect(201);
            let resource = made.header("location").unwrap().to_owned();
            for name in ["etag", "location", "cache-control", "content-type"] {
                assert!(made.header(name).is_some(), "{name}");
            }
            for _ in 0..3 {
                app.advance(Duration::from_hours(1));
                send(&app, path, "key", &body).await.assert_replays(&made);
            }
            assert_eq!(app.get(&resource).send().await.text, made.text);
        }
        assert_eq!(count(&app, "users").await, 1);
        assert_eq!(count(&app, "posts").await, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_with_a_key_is_the_answer_without_one() {
    on_each_database_with(TestOptions::at_fixed_time, async |app| {
        let without = app.post(USERS).json(&ada()).send().await.expect(201);
        let resource = without.header("location").unwrap().to_owned();
        assert_eq!(app.delete(&resource).send().await.status, 204);
        let with = first(&app, USERS, "key", &ada()).await.expect(201);
        let as_without = |text: &str| text.replace("\"2\"", "\"1\"");
        assert_eq!(as_without(&with.text), without.text);
        let names = |response: &Response| {
            let mut names: Vec<_> = response.headers.keys().cloned().collect();
            names.sort_by(|one, other| one.as_str().cmp(other.as_str()));
            names
        };
        assert_eq!(names(&with), names(&without));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_shows_what_was_made_whatever_became_of_it() {
    on_each_database(async |app| {
        let made = first(&app, USERS, "key", &ada()).await.expect(201);
        let path = made.header("location").unwrap().to_owned();
        let changed = app.patch(&path).json(&json!({ "name": "Ada King" }));
        drop(changed.send().await.expect(200));
        send(&app, USERS, "key", &ada()).await.assert_replays(&made);
        assert_eq!(app.delete(&path).send().await.status, 204);
        send(&app, USERS, "key", &ada()).await.assert_replays(&made);
        app.get(&path)
            .send()
            .await
            .expect_error(404, "USER_NOT_FOUND");
        assert_eq!(count(&app, "users").await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_largest_post_is_answered_again_byte_for_byte() {
    on_each_database(async |app| {
        app.create_user("Ada Lovelace", "ada@example.com").await;
        let mut post = post(POSTS);
        post["body"] = json!("\u{1F980}".repeat(20_000));
        let made = first(&app, POSTS, "key", &post).await.expect(201);
        send(&app, POSTS, "key", &post).await.assert_replays(&made);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_is_another_one_on_another_route_and_below_another_user() {
    on_each_database(async |app| {
        let mut made = Vec::new();
        drop(first(&app, USERS, "key", &ada()).await.expect(201));
        app.create_user("Grace Hopper", "grace@example.com").await;
        for path in [POSTS, POSTS_OF_1, "/api/v1/users/2/posts"] {
            made.push((
                path,
                first(&app, path, "key", &post(path)).await.expect(201),
            ));
        }
        for (path, made) in &made {
            send(&app, path, "key", &post(path))
                .await
                .assert_replays(made);
        }
        assert_eq!(count(&app, "posts").await, 3);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_differ_by_the_case_of_their_letters() {
    on_each_database(async |app| {
        app.create_user("Ada Lovelace", "ada@example.com").await;
        for key in ["key", "KEY"] {
            drop(first(&app, POSTS, key, &post(POSTS)).await.expect(201));
        }
        assert_eq!(count(&app, "posts").await, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_every_request_is_a_new_one() {
    on_each_database(async |app| {
        app.create_user("Ada Lovelace", "ada@example.com").await;
        for _ in 0..2 {
            let response = app.post(POSTS).json(&post(POSTS)).send().await.expect(201);
            assert_eq!(response.header("idempotency-replayed"), None);
        }
        assert_eq!(count(&app, "posts").await, 2);
        assert_eq!(count(&app, "idempotency_keys").await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_with_another_body_is_refused_even_if_only_its_spaces_differ() {
    on_each_database(async |app| {
        let made = first(&app, USERS, "key", &ada()).await.expect(201);
        let spaced = ada().to_string().replace(':', ": ");
        for body in [
            spaced.as_str(),
            r#"{"name":"Grace","email":"grace@example.com"}"#,
        ] {
            let again = request(&app, USERS, "key").body("application/json", body);
            again
                .send()
                .await
                .expect_error(422, "IDEMPOTENCY_KEY_REUSED");
        }
        send(&app, USERS, "key", &ada()).await.assert_replays(&made);
        assert_eq!(count(&app, "users").await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_free_again_after_a_day() {
    on_each_database_with(TestOptions::at_fixed_time, async |app| {
        app.create_user("Ada Lovelace", "ada@example.com").await;
        let made = first(&app, POSTS, "key", &post(POSTS)).await.expect(201);
        app.advance(ALMOST_A_DAY);
        send(&app, POSTS, "key", &post(POSTS))
            .await
            .assert_replays(&made);
        app.advance(MICROSECOND);
        // For another request too, and for another day.
        let mut other = post(POSTS);
        other["title"] = json!("Other notes");
        let anew = first(&app, POSTS, "key", &other).await.expect(201);
        assert_ne!(anew.header("location"), made.header("location"));
        app.advance(ALMOST_A_DAY);
        send(&app, POSTS, "key", &other).await.assert_replays(&anew);
        assert_eq!(count(&app, "posts").await, 2);
        assert_eq!(count(&app, "idempotency_keys").await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_was_looked_for_before_it_was_made_is_found_at_once() {
    on_each_database(async |app| {
        let path = "/api/v1/users/1";
        app.get(path)
            .send()
            .await
            .expect_error(404, "USER_NOT_FOUND");
        drop(first(&app, USERS, "key", &ada()).await.expect(201));
        drop(app.get(path).send().await.expect(200));
    })
    .await;
}
