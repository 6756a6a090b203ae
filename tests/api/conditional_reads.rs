//! What a client gets that has the resource already, or thinks so: RFC 9110, section 13.

use std::time::Duration;

use serde_json::json;
use tests::{Request, Response, TestApp, TestOptions, on_each_database_with};

const POST: &str = "/api/v1/posts/1";
/// The state of the post below, the second before it, and the second after it.
const AT: &str = "Mon, 01 Jan 2024 00:00:00 GMT";
const BEFORE: &str = "Sun, 31 Dec 2023 23:59:59 GMT";
const AFTER: &str = "Mon, 01 Jan 2024 00:00:01 GMT";
const ETAG: &str = "\"post-1-1-json1\"";

/// User 1 and the published post 1, made at [`AT`].
async fn with_a_post(test: impl AsyncFn(TestApp)) {
    on_each_database_with(TestOptions::at_fixed_time, async |app| {
        let author = app.create_user("Ada Lovelace", "ada@example.com").await;
        app.create_post(&author, "Notes").await;
        test(app).await;
    })
    .await;
}

fn with(request: Request, headers: &[(&str, &str)]) -> Request {
    headers.iter().fold(request, |request, (name, value)| {
        request.header(name, value)
    })
}

async fn read(app: &TestApp, headers: &[(&str, &str)]) -> Response {
    let get = with(app.get(POST), headers).send().await;
    let head = with(app.request("HEAD", POST), headers).send().await;
    assert_eq!(head.status, get.status, "{headers:?}");
    get
}

#[tokio::test(flavor = "multi_thread")]
async fn a_single_resource_says_which_state_it_shows() {
    with_a_post(async |app| {
        app.advance(Duration::from_secs(1));
        let post = app.get(POST).send().await.expect(200);
        assert_eq!(post.header("etag"), Some(ETAG));
        assert_eq!(post.header("last-modified"), Some(AT));
        assert_eq!(post.header("vary"), Some("Accept, Accept-Encoding"));
        let user = app.get("/api/v1/users/1").send().await.expect(200);
        assert_eq!(user.header("etag"), Some("\"user-1-1-json1\""));
        assert_eq!(user.header("last-modified"), Some(AT));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_write_says_which_state_it_made() {
    with_a_post(async |app| {
        app.advance(Duration::from_millis(1999));
        let user = json!({ "name": "Grace", "email": "grace@example.com" });
        let made = app
            .post("/api/v1/users")
            .json(&user)
            .send()
            .await
            .expect(201);
        assert_eq!(made.header("etag"), Some("\"user-2-1-json1\""));
        let post = json!({ "title": "T", "body": "B" });
        let made = app.post("/api/v1/users/2/posts").json(&post).send().await;
        assert_eq!(made.expect(201).header("etag"), Some("\"post-2-1-json1\""));
        let patched = app.patch("/api/v1/users/1").json(&json!({ "name": "Ada" }));
        let patched = patched.send().await.expect(200);
        assert_eq!(patched.header("etag"), Some("\"user-1-2-json1\""));
        assert_eq!(patched.header("last-modified"), None);
        let read = app.get("/api/v1/users/1").send().await.expect(200);
        assert_eq!(
            (read.header("etag"), &read.text),
            (patched.header("etag"), &patched.text)
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_answer_says_what_caches_may_do_with_it() {
    with_a_post(async |app| {
        let draft = json!({ "title": "T", "body": "B" });
        let made = app.post("/api/v1/users/1/posts").json(&draft).send().await;
        assert_eq!(
            made.expect(201).header("cache-control"),
            Some("private, no-cache")
        );
        for (path, expected) in [
            (POST, "public, max-age=30, stale-while-revalidate=60"),
            ("/api/v1/posts/2", "private, no-cache"),
            ("/api/v1/users/1", "private, no-cache"),
            ("/api/v1/users", "private, no-cache"),
            ("/api/v1/posts", "private, no-cache"),
            ("/api/v1/users/1/posts", "private, no-cache"),
            ("/api/v1/posts/9", "no-store"),
            ("/api/v1/users?limit=0", "no-store"),
            ("/nowhere", "no-store"),
            ("/readyz", "no-store"),
        ] {
            let response = app.get(path).send().await;
            assert_eq!(response.header("cache-control"), Some(expected), "{path}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_the_client_has_is_304_with_the_allowed_headers_and_no_others() {
    with_a_post(async |app| {
        let full = app.get(POST).send().await.expect(200);
        let known = with(app.get(POST), &[("if-none-match", ETAG)]).send().await;
        let known = known.expect(304);
        assert_eq!(known.text, "");
        for header in ["etag", "cache-control", "vary"] {
            assert_eq!(known.header(header), full.header(header), "{header}");
        }
        let mut names: Vec<_> = known.headers.keys().map(ToString::to_string).collect();
        names.sort();
        // The last three are on every answer of the service.
        let mut allowed = [
            "cache-control",
            "date",
            "etag",
            "vary",
            "x-request-id",
            "traceresponse",
            "server-timing",
        ];
        allowed.sort_unstable();
        assert_eq!(names, allowed);
        let head = with(app.request("HEAD", POST), &[("if-none-match", ETAG)]);
        assert_eq!(head.send().await.expect(304).headers.len(), allowed.len());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn if_none_match_compares_weakly_and_takes_lists() {
    with_a_post(async |app| {
        for known in [
            "*",
            ETAG,
            "W/\"post-1-1-json1\"",
            "\"other\", \"post-1-1-json1\"",
            "\"a,b\" ,, W/\"post-1-1-json1\" , \"c\"",
        ] {
            drop(read(&app, &[("if-none-match", known)]).await.expect(304));
        }
        for other in [
            "\"post-1-2-json1\"",
            "\"user-1-1-json1\"",
            "\"post-11-1-json1\"",
            "\"post-1-01-json1\"",
            "\"post-1-+1-json1\"",
            "\"post-1-1-xml1\"",
            "post-1-1-json1",
            "\"post-1-1-json1",
            "w/\"post-1-1-json1\"",
            "\"other\" \"post-1-1-json1\"",
            "",
        ] {
            drop(read(&app, &[("if-none-match", other)]).await.expect(200));
        }
        let two_lines = [("if-none-match", "\"a\""), ("if-none-match", ETAG)];
        drop(read(&app, &two_lines).await.expect(304));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn if_modified_since_knows_whole_seconds_and_ignores_what_is_no_date() {
    with_a_post(async |app| {
        for (since, status) in [
            (AT, 304),
            (AFTER, 304),
            ("Monday, 01-Jan-24 00:00:00 GMT", 304),
            ("Mon Jan  1 00:00:00 2024", 304),
            (BEFORE, 200),
            ("yesterday", 200),
            ("1704067200", 200),
            ("", 200),
        ] {
            let response = read(&app, &[("if-modified-since", since)]).await;
            assert_eq!(response.status.as_u16(), status, "{since}");
        }
        let twice = [("if-modified-since", AT), ("if-modified-since", AT)];
        drop(read(&app, &twice).await.expect(200));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_date_is_told_when_its_second_is_over_and_nothing_more_can_happen_in_it() {
    with_a_post(async |app| {
        app.advance(Duration::from_millis(999));
        let change = app.patch("/api/v1/users/1").json(&json!({ "name": "Ada" }));
        drop(change.send().await.expect(200));
        for path in [POST, "/api/v1/users/1", "/api/v1/users/1?fields=id"] {
            let read = async || app.get(path).send().await.expect(200);
            assert_eq!(read().await.header("last-modified"), None, "{path}");
        }
        app.advance(Duration::from_millis(1));
        for path in [POST, "/api/v1/users/1", "/api/v1/users/1?fields=id"] {
            let read = app.get(path).send().await.expect(200);
            assert_eq!(read.header("last-modified"), Some(AT), "{path}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_conditions_of_a_read_are_taken_in_the_order_of_the_standard() {
    with_a_post(async |app| {
        let other = "\"post-1-9-json1\"";
        for (headers, status) in [
            // If-None-Match wins over If-Modified-Since, both ways.
            (
                vec![("if-none-match", other), ("if-modified-since", AT)],
                200,
            ),
            (
                vec![("if-none-match", ETAG), ("if-modified-since", BEFORE)],
                304,
            ),
            (
                vec![("if-none-match", "nonsense"), ("if-modified-since", AT)],
                200,
            ),
            // If-Match wins over If-Unmodified-Since, both ways.
            (
                vec![("if-match", ETAG), ("if-unmodified-since", BEFORE)],
                200,
            ),
            (vec![("if-match", other), ("if-unmodified-since", AT)], 412),
            (
                vec![("if-match", "nonsense"), ("if-unmodified-since", AT)],
                412,
            ),
            // What is expected comes before what is known.
            (vec![("if-match", other), ("if-none-match", ETAG)], 412),
            (vec![("if-match", ETAG), ("if-none-match", ETAG)], 304),
            (vec![("if-match", "*"), ("if-none-match", other)], 200),
            (
                vec![("if-unmodified-since", BEFORE), ("if-modified-since", AT)],
                412,
            ),
            (
                vec![("if-unmodified-since", AT), ("if-modified-since", AT)],
                304,
            ),
            // Strong: a weak tag never matches; a coding that was added does.
            (vec![("if-match", "W/\"post-1-1-json1\"")], 412),
            (vec![("if-match", "\"post-1-1-json1+gzip\"")], 200),
            (vec![("if-unmodified-since", "nonsense")], 200),
        ] {
            let response = read(&app, &headers).await;
            assert_eq!(response.status.as_u16(), status, "{headers:?}");
        }
        let missing = app.get("/api/v1/posts/9").header("if-none-match", "*");
        missing.send().await.expect_error(404, "POST_NOT_FOUND");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_from_the_cache_is_not_made_again() {
    with_a_post(async |app| {
        let first = app.get(POST).send().await.expect(200);
        let phase = [
            ("http_route", "GET /api/v1/posts/{post_id}"),
            ("phase", "serialize"),
        ];
        let spent = async || {
            app.scrape()
                .await
                .sum("http_server_request_phase_seconds_total", &phase)
        };
        let before = spent().await;
        assert!(before > 0.0, "the first was not");
        for _ in 0..10 {
            assert_eq!(app.get(POST).send().await.expect(200).text, first.text);
        }
        assert!(spent().await <= before, "a hit was serialised");
    })
    .await;
}
