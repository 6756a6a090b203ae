//! The weak `ETag` of a page: the same as long as the page shows the same, whenever it is asked for.

use std::time::Duration;

use serde_json::json;
use tests::{TestApp, TestOptions, on_each_database_with};

const LISTS: [&str; 4] = [
    "/api/v1/users?sort=id",
    "/api/v1/users?cursor=start&limit=1&sort=id",
    "/api/v1/posts",
    "/api/v1/users/1/posts?page=1",
];

async fn with_posts(test: impl AsyncFn(TestApp)) {
    on_each_database_with(TestOptions::at_fixed_time, async |app| {
        let author = app.create_user("Ada Lovelace", "ada@example.com").await;
        app.create_user("Grace Hopper", "grace@example.com").await;
        app.create_post(&author, "Notes").await;
        test(app).await;
    })
    .await;
}

async fn tag(app: &TestApp, path: &str) -> String {
    let response = app.get(path).send().await.expect(200);
    let tag = response.header("etag").unwrap().to_owned();
    assert!(tag.starts_with("W/\"") && tag.ends_with('"'), "{tag}");
    tag
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_the_client_has_is_304() {
    with_posts(async |app| {
        for path in LISTS {
            let known = tag(&app, path).await;
            app.advance(Duration::from_secs(1));
            for known in [
                known.clone(),
                known.replace("W/", ""),
                format!("\"a\", {known}"),
                "*".to_owned(),
            ] {
                for method in ["GET", "HEAD"] {
                    let request = app.request(method, path).header("if-none-match", &known);
                    let response = request.send().await.expect(304);
                    assert_eq!(response.text, "");
                    assert_eq!(response.header("cache-control"), Some("private, no-cache"));
                    assert_eq!(response.header("vary"), Some("Accept, Accept-Encoding"));
                    assert_eq!(response.header("link"), None);
                }
            }
            let response = app
                .get(path)
                .header("if-none-match", "W/\"other\"")
                .send()
                .await;
            drop(response.expect(200));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_shows_something_else_has_another_tag() {
    with_posts(async |app| {
        let path = "/api/v1/users?limit=2&sort=id";
        let mut seen = vec![tag(&app, path).await];
        drop(
            app.patch("/api/v1/users/2")
                .json(&json!({ "name": "Grace" }))
                .send()
                .await
                .expect(200),
        );
        seen.push(tag(&app, path).await);
        // Beyond the page, so that there is a next one.
        app.create_user("Edsger Dijkstra", "edsger@example.com")
            .await;
        seen.push(tag(&app, path).await);
        drop(app.delete("/api/v1/users/2").send().await.expect(204));
        seen.push(tag(&app, path).await);
        seen.push(tag(&app, "/api/v1/users?limit=3&sort=id").await);
        let xml = app
            .get(path)
            .header("accept", "application/xml")
            .send()
            .await;
        seen.push(xml.header("etag").unwrap().to_owned());
        let all = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), all, "{seen:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_a_page_does_not_show_leaves_its_tag() {
    with_posts(async |app| {
        let path = "/api/v1/users?limit=1&sort=id";
        let before = tag(&app, path).await;
        drop(
            app.patch("/api/v1/users/2")
                .json(&json!({ "name": "Grace" }))
                .send()
                .await
                .expect(200),
        );
        assert_eq!(tag(&app, path).await, before);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_weak_tag_is_no_state_that_a_request_can_ask_for() {
    with_posts(async |app| {
        for path in LISTS {
            let known = tag(&app, path).await;
            for (header, value, status) in [
                ("if-match", known.as_str(), 412),
                ("if-match", known.trim_start_matches("W/"), 412),
                ("if-match", "*", 200),
                // A page has no time of its own.
                ("if-modified-since", "Mon, 01 Jan 2035 00:00:00 GMT", 200),
                ("if-unmodified-since", "Mon, 01 Jan 1990 00:00:00 GMT", 200),
            ] {
                let response = app.get(path).header(header, value).send().await;
                assert_eq!(response.status, status, "{path} {header}: {value}");
            }
        }
    })
    .await;
}
