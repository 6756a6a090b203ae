//! Writes that say which state they know: RFC 9110, section 13, on PUT, PATCH and DELETE.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{Response, TestApp, TestOptions, on_each_database_with};

const USER: &str = "/api/v1/users/1";
const POST: &str = "/api/v1/posts/1";
/// When user 1 and post 1 came into their state, the second before, and the second after.
const AT: &str = "Mon, 01 Jan 2024 00:00:00 GMT";
const BEFORE: &str = "Sun, 31 Dec 2023 23:59:59 GMT";
const METHODS: [&str; 3] = ["PUT", "PATCH", "DELETE"];

type Headers = [(&'static str, &'static str)];

/// User 1, whose state is version 1, and post 1 in the same.
async fn with_a_post(test: impl AsyncFn(TestApp)) {
    on_each_database_with(TestOptions::at_fixed_time, async |app| {
        let author = app.create_user("Ada Lovelace", "ada@example.com").await;
        app.create_post(&author, "Notes").await;
        app.advance(Duration::from_secs(10));
        test(app).await;
    })
    .await;
}

/// A write that succeeds where its conditions hold.
async fn write(app: &TestApp, method: &str, path: &str, headers: &Headers) -> Response {
    let mut request = app.request(method, path);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let whole = if path.contains("/users/") {
        json!({ "name": "Ada King", "email": "ada@example.com", "role": "admin" })
    } else {
        json!({ "title": "More", "body": "Text", "status": "draft" })
    };
    match method {
        "DELETE" => request.send().await,
        _ => request.json(&whole).send().await,
    }
}

async fn version(app: &TestApp, path: &str) -> Value {
    app.get(path).send().await.expect(200).json()["data"]["version"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_to_a_post_must_say_which_state_it_knows() {
    with_a_post(async |app| {
        for method in METHODS {
            for headers in [
                &[][..],
                &[("if-unmodified-since", AT)],
                &[("if-none-match", "\"a\"")],
            ] {
                let response = write(&app, method, POST, headers).await;
                response.expect_error(428, "PRECONDITION_REQUIRED");
            }
        }
        assert_eq!(version(&app, POST).await, 1);
        // What is wrong with the request itself comes first.
        let wrong = app.patch(POST).json(&json!({ "title": "" })).send().await;
        wrong.expect_error(400, "INVALID_TITLE");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_to_another_state_changes_nothing() {
    with_a_post(async |app| {
        for (path, others) in [
            (
                POST,
                [
                    "\"post-1-2-json1\"",
                    "W/\"post-1-1-json1\"",
                    "\"user-1-1-json1\"",
                    "post-1-1-json1",
                ],
            ),
            (
                USER,
                [
                    "\"user-1-2-json1\"",
                    "W/\"user-1-1-json1\"",
                    "\"post-1-1-json1\"",
                    "\"\"",
                ],
            ),
        ] {
            for method in METHODS {
                for other in others {
                    let response = write(&app, method, path, &[("if-match", other)]).await;
                    assert_eq!(response.header("cache-control"), Some("no-store"));
                    response.expect_error(412, "PRECONDITION_FAILED");
                }
            }
            assert_eq!(version(&app, path).await, 1);
        }
        // The posts of a user who was not deleted are there.
        assert_eq!(version(&app, POST).await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_to_the_known_state_happens_and_says_which_state_it_made() {
    with_a_post(async |app| {
        for (path, kind) in [(POST, "post"), (USER, "user")] {
            let mut etag = format!("\"{kind}-1-1-json1\"");
            for method in ["PUT", "PATCH"] {
                let stale = etag.clone();
                let request = |etag: &str| app.request(method, path).header("if-match", etag);
                let body = match (kind, method) {
                    ("post", "PUT") => json!({ "title": "New", "body": "Text", "status": "draft" }),
                    ("post", _) => json!({ "title": "Newer" }),
                    (_, "PUT") => {
                        json!({ "name": "Eve", "email": "eve@example.com", "role": "admin" })
                    }
                    _ => json!({ "name": "Eva" }),
                };
                let changed = request(&etag).json(&body).send().await.expect(200);
                changed.header("etag").unwrap().clone_into(&mut etag);
                let again = request(&stale).json(&body).send().await;
                again.expect_error(412, "PRECONDITION_FAILED");
            }
            assert_eq!(etag, format!("\"{kind}-1-3-json1\""));
            let deleted = app.delete(path).header("if-match", &etag).send().await;
            drop(deleted.expect(204));
            let again = app.delete(path).header("if-match", &etag).send().await;
            drop(again.expect(404));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_exist_is_not_found_whatever_is_asked_of_it() {
    with_a_post(async |app| {
        for (path, code) in [
            ("/api/v1/posts/9", "POST_NOT_FOUND"),
            ("/api/v1/users/9", "USER_NOT_FOUND"),
        ] {
            for method in METHODS {
                for headers in [
                    &[("if-match", "*")][..],
                    &[("if-match", "\"post-9-1-json1\"")],
                    &[("if-match", "*"), ("if-none-match", "*")],
                ] {
                    let response = write(&app, method, path, headers).await;
                    response.expect_error(404, code);
                }
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_conditions_of_a_write_are_taken_in_the_order_of_the_standard() {
    let known = "\"user-1-1-json1\"";
    let other = "\"user-1-9-json1\"";
    let cases: [(&[(&'static str, &'static str)], bool); 17] = [
        (&[], true),
        (&[("if-match", "*")], true),
        (&[("if-match", known)], true),
        (&[("if-match", "\"user-1-1-json1+gzip\"")], true),
        (
            &[("if-match", "\"a\", \"user-1-9-json1\", \"user-1-1-json1\"")],
            true,
        ),
        (&[("if-match", other)], false),
        // If-Match wins over If-Unmodified-Since, both ways.
        (
            &[("if-match", known), ("if-unmodified-since", BEFORE)],
            true,
        ),
        (&[("if-match", other), ("if-unmodified-since", AT)], false),
        (&[("if-unmodified-since", AT)], true),
        (&[("if-unmodified-since", BEFORE)], false),
        (&[("if-unmodified-since", "nonsense")], true),
        // If-None-Match comes after both, and compares weakly.
        (&[("if-none-match", "*")], false),
        (&[("if-none-match", "W/\"user-1-1-json1\"")], false),
        (&[("if-none-match", other)], true),
        (
            &[
                ("if-match", known),
                ("if-none-match", "\"user-1-9-json1\", \"user-1-1-json1\""),
            ],
            false,
        ),
        (&[("if-match", known), ("if-none-match", other)], true),
        // If-Modified-Since is for reads.
        (&[("if-modified-since", AT)], true),
    ];
    for method in METHODS {
        with_a_post(async |app| {
            for (headers, happens) in cases.iter().filter(|(_, happens)| !happens) {
                let response = write(&app, method, USER, headers).await;
                assert_eq!(
                    response.status.as_u16(),
                    412,
                    "{method} {headers:?} {happens}"
                );
            }
        })
        .await;
    }
    for (headers, _) in cases.iter().filter(|(_, happens)| *happens) {
        with_a_post(async |app| {
            drop(write(&app, "DELETE", USER, headers).await.expect(204));
            app.get(POST)
                .send()
                .await
                .expect_error(404, "POST_NOT_FOUND");
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_of_tags_is_compared_whole() {
    with_a_post(async |app| {
        let tags = (1..=100)
            .rev()
            .map(|version| format!("\"user-1-{version}-json1\""));
        let list = tags.collect::<Vec<_>>().join(",");
        let patch = |header: &str| {
            app.patch(USER)
                .header(header, &list)
                .json(&json!({ "name": "Eve" }))
                .send()
        };
        patch("if-none-match")
            .await
            .expect_error(412, "PRECONDITION_FAILED");
        drop(patch("if-match").await.expect(200));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patch_of_nothing_asks_for_the_state_too() {
    with_a_post(async |app| {
        for (path, kind) in [(POST, "post"), (USER, "user")] {
            let patch = |version: u32| {
                let etag = format!("\"{kind}-1-{version}-json1\"");
                app.patch(path)
                    .header("if-match", &etag)
                    .json(&json!({}))
                    .send()
            };
            assert_eq!(patch(1).await.expect(200).json()["data"]["version"], 1);
            patch(2).await.expect_error(412, "PRECONDITION_FAILED");
        }
    })
    .await;
}
