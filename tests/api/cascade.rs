//! Deleting a user deletes the posts too, from the database and from every answer.

use serde_json::json;
use tests::on_each_database;

#[tokio::test(flavor = "multi_thread")]
async fn deleting_a_user_deletes_the_posts_and_nobody_elses() {
    on_each_database(async |app| {
        let ada = app.create_user("Ada Lovelace", "ada@example.com").await;
        let grace = app.create_user("Grace Hopper", "grace@example.com").await;
        let mut posts = Vec::new();
        for number in 0..3 {
            posts.push(app.create_post(&ada, &format!("Notes {number}")).await);
        }
        let kept = app.create_post(&grace, "Compilers").await;
        // Known to the cache by now.
        for post in &posts {
            let read = app.get(&format!("/api/v1/posts/{post}")).send().await;
            assert_eq!(read.expect(200).json()["data"]["author_id"], ada.as_str());
        }

        let deleted = app.delete(&format!("/api/v1/users/{ada}")).send().await;
        assert_eq!(deleted.expect(204).text, "");
        for post in &posts {
            let read = app.get(&format!("/api/v1/posts/{post}")).send().await;
            read.expect_error(404, "POST_NOT_FOUND");
        }
        let list = app.get("/api/v1/posts").send().await.expect(200).json();
        assert_eq!(list["data"].as_array().unwrap().len(), 1);
        assert_eq!(list["data"][0]["id"], kept.as_str());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_can_be_posted_for_a_deleted_user() {
    on_each_database(async |app| {
        let ada = app.create_user("Ada Lovelace", "ada@example.com").await;
        let deleted = app.delete(&format!("/api/v1/users/{ada}")).send().await;
        assert_eq!(deleted.expect(204).text, "");
        let post = json!({ "author_id": ada, "title": "Notes", "body": "Text" });
        let refused = app.post("/api/v1/posts").json(&post).send().await;
        refused.expect_error(422, "AUTHOR_NOT_FOUND");
    })
    .await;
}
