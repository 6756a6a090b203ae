//! One post: made, read, changed, deleted.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{TestApp, TestOptions, on_each_database, on_each_database_with};

fn notes() -> Value {
    json!({ "author_id": "1", "title": "Notes", "body": "On the\nAnalytical Engine", "status": "published" })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_post_is_answered_whole_and_says_where_it_is() {
    on_each_database_with(TestOptions::at_fixed_time, async |app| {
        let response = create_notes(&app).await;
        assert_eq!(response.header("location"), Some("/api/v1/posts/1"));
        assert_body!(response.json(), @r#"
        {
          "data": {
            "author_id": "1",
            "body": "On the\nAnalytical Engine",
            "created_at": "2024-01-01T00:00:00Z",
            "id": "1",
            "status": "published",
            "title": "Notes",
            "updated_at": "2024-01-01T00:00:00Z",
            "version": 1
          },
          "meta": {
            "timestamp": "2024-01-01T00:00:00Z"
          }
        }
        "#);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_without_a_status_is_a_draft() {
    on_each_database(async |app| {
        let author = app.create_user("Ada Lovelace", "ada@example.com").await;
        let post = json!({ "author_id": author, "title": "Notes", "body": "Text" });
        let response = app.post("/api/v1/posts").json(&post).send().await;
        assert_eq!(response.expect(201).json()["data"]["status"], "draft");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_a_post_shows_the_time_of_its_state_so_that_the_bytes_stay_the_same() {
    on_each_database_with(TestOptions::at_fixed_time, async |app| {
        let created = create_notes(&app).await;
        app.advance(Duration::from_mins(1));
        let read = app.get("/api/v1/posts/1").send().await.expect(200);
        assert_eq!(read.text, created.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_a_post_counts_the_version_up_and_moves_updated_at() {
    on_each_database_with(TestOptions::at_fixed_time, async |app| {
        create_notes(&app).await;
        app.advance(Duration::from_millis(1500));
        let change = json!({ "title": "More notes", "status": "archived" });
        let changed = app
            .patch("/api/v1/posts/1")
            .header("if-match", "*")
            .json(&change)
            .send()
            .await;
        assert_body!(changed.expect(200).json(), @r#"
        {
          "data": {
            "author_id": "1",
            "body": "On the\nAnalytical Engine",
            "created_at": "2024-01-01T00:00:00Z",
            "id": "1",
            "status": "archived",
            "title": "More notes",
            "updated_at": "2024-01-01T00:00:01.500Z",
            "version": 2
          },
          "meta": {
            "timestamp": "2024-01-01T00:00:01.500Z"
          }
        }
        "#);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_patch_of_a_post_changes_nothing_version_included() {
    on_each_database_with(TestOptions::at_fixed_time, async |app| {
        let created = create_notes(&app).await;
        app.advance(Duration::from_secs(1));
        let patched = app
            .patch("/api/v1/posts/1")
            .header("if-match", "*")
            .json(&json!({}))
            .send()
            .await;
        assert_eq!(patched.expect(200).text, created.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_author_of_a_post_cannot_be_changed() {
    on_each_database(async |app| {
        create_notes(&app).await;
        let change = json!({ "author_id": "1" });
        let response = app
            .patch("/api/v1/posts/1")
            .header("if-match", "*")
            .json(&change)
            .send()
            .await;
        response.expect_error(400, "UNKNOWN_FIELD");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_of_nobody_is_refused() {
    on_each_database(async |app| {
        let response = app.post("/api/v1/posts").json(&notes()).send().await;
        response.expect_error(422, "AUTHOR_NOT_FOUND");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_post_is_gone_and_deleting_again_is_not_found() {
    on_each_database(async |app| {
        create_notes(&app).await;
        let deleted = app
            .delete("/api/v1/posts/1")
            .header("if-match", "*")
            .send()
            .await
            .expect(204);
        assert_eq!(deleted.text, "");
        let again = app
            .delete("/api/v1/posts/1")
            .header("if-match", "*")
            .send()
            .await;
        again.expect_error(404, "POST_NOT_FOUND");
        let read = app.get("/api/v1/posts/1").send().await;
        read.expect_error(404, "POST_NOT_FOUND");
        let change = json!({ "title": "Late" });
        let changed = app
            .patch("/api/v1/posts/1")
            .header("if-match", "*")
            .json(&change)
            .send()
            .await;
        changed.expect_error(404, "POST_NOT_FOUND");
    })
    .await;
}

async fn create_notes(app: &TestApp) -> tests::Response {
    app.create_user("Ada Lovelace", "ada@example.com").await;
    let response = app.post("/api/v1/posts").json(&notes()).send().await;
    response.expect(201)
}
