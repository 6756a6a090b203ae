//! One user or post, shown with some of its fields alone, or with others beside it.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{Response, TestApp, TestOptions, on_each_database_with};

use crate::bad_input::assert_refused;

const LATER: &str = "Mon, 01 Jan 2024 00:00:01 GMT";

/// User 1 with seven posts, of which the first is published, and user 2 with none.
async fn with_posts(test: impl AsyncFn(TestApp)) {
    on_each_database_with(TestOptions::at_fixed_time, async |app| {
        let author = app.create_user("Ada Lovelace", "ada@example.com").await;
        app.create_user("Grace Hopper", "grace@example.com").await;
        app.create_post(&author, "Notes").await;
        for number in 2..=7 {
            let post = json!({ "title": format!("T{number}"), "body": "B" });
            let made = app.post("/api/v1/users/1/posts").json(&post).send().await;
            drop(made.expect(201));
        }
        test(app).await;
    })
    .await;
}

async fn get(app: &TestApp, path: &str) -> Response {
    app.get(path).send().await.expect(200)
}

async fn etag(app: &TestApp, path: &str) -> String {
    get(app, path).await.header("etag").unwrap().to_owned()
}

async fn not_modified(app: &TestApp, path: &str, etag: &str) -> bool {
    let response = app.get(path).header("if-none-match", etag).send().await;
    response.status == 304
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_show_these_alone() {
    with_posts(async |app| {
        let user = get(&app, "/api/v1/users/1?fields=name,id").await.json();
        assert_eq!(user["data"], json!({ "id": "1", "name": "Ada Lovelace" }));
        let post = get(&app, "/api/v1/posts/1?fields=title").await.json();
        assert_eq!(post["data"], json!({ "title": "Notes" }));
        let all = "id,name,email,role,version,created_at,updated_at";
        let path = format!("/api/v1/users/1?fields={all}");
        let (all, whole) = (get(&app, &path).await, get(&app, "/api/v1/users/1").await);
        assert_eq!(all.text, whole.text);
        assert_eq!(all.header("etag"), whole.header("etag"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_included_is_whole_and_the_newest_five_posts_come_newest_first() {
    with_posts(async |app| {
        let post = get(&app, "/api/v1/posts/1?include=author").await.json();
        let author = get(&app, "/api/v1/users/1").await.json();
        assert_eq!(post["data"]["author"], author["data"]);
        let user = get(&app, "/api/v1/users/1?include=posts&fields=id")
            .await
            .json();
        let posts = user["data"]["posts"].as_array().unwrap();
        let ids: Vec<_> = posts
            .iter()
            .map(|post| post["id"].as_str().unwrap())
            .collect();
        assert_eq!(ids, ["7", "6", "5", "4", "3"]);
        let seventh = get(&app, "/api/v1/posts/7").await.json();
        assert_eq!(posts[0], seventh["data"]);
        assert_eq!(user["data"]["name"], Value::Null);
        let nobody = get(&app, "/api/v1/users/2?include=posts").await.json();
        assert_eq!(nobody["data"]["posts"], json!([]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_view_has_a_strong_tag_of_its_own_that_follows_what_it_shows() {
    with_posts(async |app| {
        let views = [
            "/api/v1/posts/1",
            "/api/v1/posts/1?fields=title",
            "/api/v1/posts/1?fields=id,title",
            "/api/v1/posts/1?include=author",
            "/api/v1/posts/1?include=author&fields=title",
        ];
        let mut tags = Vec::new();
        for view in views {
            tags.push(etag(&app, view).await);
        }
        app.advance(Duration::from_secs(1));
        for (at, view) in views.iter().enumerate() {
            for (other, tag) in tags.iter().enumerate() {
                assert!(tag.starts_with("\"post-1-1-json1"), "{tag}");
                assert_eq!(
                    not_modified(&app, view, tag).await,
                    at == other,
                    "{view} {tag}"
                );
            }
        }
        // The author changes, the post does not.
        let change = app
            .patch("/api/v1/users/1")
            .json(&json!({ "name": "Ada King" }));
        drop(change.send().await.expect(200));
        for (at, view) in views.iter().enumerate() {
            assert_eq!(not_modified(&app, view, &tags[at]).await, at < 3, "{view}");
        }
        let known = etag(&app, "/api/v1/users/1?include=posts").await;
        assert!(not_modified(&app, "/api/v1/users/1?include=posts", &known).await);
        let change = app
            .patch("/api/v1/posts/7")
            .json(&json!({ "title": "New" }));
        drop(change.header("if-match", "*").send().await.expect(200));
        assert!(!not_modified(&app, "/api/v1/users/1?include=posts", &known).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tag_of_a_view_says_to_a_write_which_version_is_known() {
    with_posts(async |app| {
        let known = etag(&app, "/api/v1/posts/1?fields=title").await;
        let change = || {
            app.patch("/api/v1/posts/1")
                .json(&json!({ "title": "New" }))
        };
        drop(change().header("if-match", &known).send().await.expect(200));
        let late = change().header("if-match", &known).send().await;
        late.expect_error(412, "PRECONDITION_FAILED");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_view_with_others_beside_it_no_time_is_known_and_nobody_else_may_keep_it() {
    with_posts(async |app| {
        app.advance(Duration::from_secs(1));
        let alone = get(&app, "/api/v1/posts/1?fields=title").await;
        assert!(alone.header("last-modified").is_some());
        assert!(alone.header("cache-control").unwrap().starts_with("public"));
        let path = "/api/v1/posts/1?include=author";
        let beside = get(&app, path).await;
        assert_eq!(beside.header("last-modified"), None);
        assert_eq!(beside.header("cache-control"), Some("private, no-cache"));
        let since = app
            .get(path)
            .header("if-modified-since", LATER)
            .send()
            .await;
        drop(since.expect(200));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_shown_is_refused() {
    with_posts(async |app| {
        let long = "a".repeat(5_000);
        for (query, code) in [
            ("fields=", "INVALID_FIELDS"),
            ("fields=id,id", "INVALID_FIELDS"),
            ("fields=password", "INVALID_FIELDS"),
            ("fields=id%00", "INVALID_FIELDS"),
            ("fields=%C4%B1d", "INVALID_FIELDS"),
            ("fields=id%E2%80%8B", "INVALID_FIELDS"),
            (&format!("fields={long}"), "INVALID_FIELDS"),
            ("fields=id&fields=id", "CONFLICTING_PARAMETERS"),
            ("include=", "INVALID_INCLUDE"),
            ("include=friends", "INVALID_INCLUDE"),
            ("include=posts,author", "INVALID_INCLUDE"),
            ("include=9223372036854775808", "INVALID_INCLUDE"),
            ("limit=1", "UNKNOWN_PARAMETER"),
            ("count=exact", "UNKNOWN_PARAMETER"),
            ("x", "UNKNOWN_PARAMETER"),
        ] {
            for path in ["/api/v1/users/1", "/api/v1/posts/1"] {
                let response = app.get(&format!("{path}?{query}")).send().await;
                assert_eq!(response.json()["error"]["code"], code, "{path}?{query:.60}");
                assert_refused(&response, code);
            }
        }
        let other = app.get("/api/v1/users/1?include=author").send().await;
        assert_refused(&other, "INVALID_INCLUDE");
        let missing = app.get("/api/v1/users/9?include=posts").send().await;
        missing.expect_error(404, "USER_NOT_FOUND");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_takes_at_most_two_queries() {
    with_posts(async |app| {
        for (path, most) in [
            ("/api/v1/posts/7?fields=id", 1),
            ("/api/v1/posts/6?include=author", 2),
            ("/api/v1/users/2?include=posts", 2),
        ] {
            let response = get(&app, path).await;
            let queries = response.queries();
            assert!(queries <= most, "{path}: {queries}");
        }
    })
    .await;
}
