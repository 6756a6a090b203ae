//! The posts of one user, under the user.

use serde_json::{Value, json};
use tests::on_each_database;

#[tokio::test(flavor = "multi_thread")]
async fn the_posts_of_a_user_are_listed_with_the_parameters_of_posts() {
    on_each_database(async |app| {
        let ada = app.create_user("Ada Lovelace", "ada@example.com").await;
        let grace = app.create_user("Grace Hopper", "grace@example.com").await;
        for (author, title) in [(&ada, "B"), (&grace, "C"), (&ada, "A")] {
            app.create_post(author, title).await;
        }
        let titles = async |query: &str| -> Vec<Value> {
            let path = format!("/api/v1/users/{ada}/posts{query}");
            let body = app.get(&path).send().await.expect(200).json();
            let posts = body["data"].as_array().unwrap();
            posts.iter().map(|post| post["title"].clone()).collect()
        };
        assert_eq!(titles("").await, ["A", "B"]);
        assert_eq!(titles("?sort=-title").await, ["B", "A"]);
        assert_eq!(titles("?limit=1&page=2").await, ["B"]);
        assert!(titles("?status=draft").await.is_empty());
        let page = app.get("/api/v1/users/1/posts?limit=1").send().await;
        let next = page.json()["links"]["next"].clone();
        assert_eq!(next, "/api/v1/users/1/posts?page=2&limit=1");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_author_is_in_the_path_and_nowhere_else() {
    on_each_database(async |app| {
        app.create_user("Ada Lovelace", "ada@example.com").await;
        let list = app.get("/api/v1/users/1/posts?author_id=1").send().await;
        list.expect_error(400, "UNKNOWN_PARAMETER");
        let post = json!({ "title": "Notes", "body": "Text", "author_id": "1" });
        let posted = app.post("/api/v1/users/1/posts").json(&post).send().await;
        posted.expect_error(400, "UNKNOWN_FIELD");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_is_made_under_its_author() {
    on_each_database(async |app| {
        app.create_user("Ada Lovelace", "ada@example.com").await;
        let post = json!({ "title": "Notes", "body": "Text" });
        let posted = app.post("/api/v1/users/1/posts").json(&post).send().await;
        let posted = posted.expect(201);
        assert_eq!(posted.header("location"), Some("/api/v1/posts/1"));
        assert_eq!(posted.json()["data"]["author_id"], "1");
        let read = app.get("/api/v1/posts/1").send().await.expect(200);
        assert_eq!(read.json()["data"], posted.json()["data"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_is_not_there_has_no_posts_and_writes_none() {
    on_each_database(async |app| {
        let list = app.get("/api/v1/users/1/posts").send().await;
        list.expect_error(404, "USER_NOT_FOUND");
        let post = json!({ "title": "Notes", "body": "Text" });
        let posted = app.post("/api/v1/users/1/posts").json(&post).send().await;
        posted.expect_error(404, "USER_NOT_FOUND");
        let list = app.get("/api/v1/users/one/posts").send().await;
        list.expect_error(400, "INVALID_ID");
        let posted = app.post("/api/v1/users/0/posts").json(&post).send().await;
        posted.expect_error(400, "INVALID_ID");
    })
    .await;
}
