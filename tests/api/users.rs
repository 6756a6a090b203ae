//! One user: made, read, changed, deleted.

use std::time::Duration;

use serde_json::json;
use tests::{TestApp, TestOptions, on_each_database, on_each_database_with};

fn ada() -> serde_json::Value {
    json!({ "name": "Ada Lovelace", "email": "ada@example.com", "role": "admin" })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_user_is_answered_whole_and_says_where_it_is() {
    on_each_database_with(TestOptions::at_fixed_time, async |app| {
        let response = app
            .post("/api/v1/users")
            .json(&ada())
            .send()
            .await
            .expect(201);
        assert_eq!(response.header("location"), Some("/api/v1/users/1"));
        assert_eq!(response.header("content-type"), Some("application/json"));
        assert_body!(response.json(), @r#"
        {
          "data": {
            "created_at": "2024-01-01T00:00:00Z",
            "email": "ada@example.com",
            "id": "1",
            "name": "Ada Lovelace",
            "role": "admin",
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
async fn a_body_has_its_members_in_the_order_of_the_documentation() {
    on_each_database_with(TestOptions::at_fixed_time, async |app| {
        let response = app.post("/api/v1/users").json(&ada()).send().await.expect(201);
        assert_eq!(
            response.text,
            concat!(
                r#"{"data":{"id":"1","name":"Ada Lovelace","email":"ada@example.com","role":"admin","version":1,"#,
                r#""created_at":"2024-01-01T00:00:00Z","updated_at":"2024-01-01T00:00:00Z"},"#,
                r#""meta":{"timestamp":"2024-01-01T00:00:00Z"}}"#
            )
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_without_a_role_is_a_member() {
    on_each_database(async |app| {
        let id = app.create_user("Ada Lovelace", "ada@example.com").await;
        let user = app
            .get(&format!("/api/v1/users/{id}"))
            .send()
            .await
            .expect(200)
            .json();
        assert_eq!(user["data"]["role"], "member");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_a_user_shows_the_time_of_its_state_so_that_the_bytes_stay_the_same() {
    on_each_database_with(TestOptions::at_fixed_time, async |app| {
        let created = app
            .post("/api/v1/users")
            .json(&ada())
            .send()
            .await
            .expect(201);
        app.advance(Duration::from_mins(1));
        let first = app.get("/api/v1/users/1").send().await.expect(200);
        app.advance(Duration::from_mins(1));
        let second = app.get("/api/v1/users/1").send().await.expect(200);
        assert_eq!(first.text, created.text);
        assert_eq!(second.text, created.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_shows_in_the_answer_counts_the_version_up_and_moves_updated_at() {
    on_each_database_with(TestOptions::at_fixed_time, async |app| {
        create_ada(&app).await;
        app.advance(Duration::from_micros(90_000_001));
        let patch = json!({ "name": "Ada King", "role": "editor" });
        let changed = app
            .patch("/api/v1/users/1")
            .json(&patch)
            .send()
            .await
            .expect(200);
        assert_body!(changed.json(), @r#"
        {
          "data": {
            "created_at": "2024-01-01T00:00:00Z",
            "email": "ada@example.com",
            "id": "1",
            "name": "Ada King",
            "role": "editor",
            "updated_at": "2024-01-01T00:01:30.000001Z",
            "version": 2
          },
          "meta": {
            "timestamp": "2024-01-01T00:01:30.000001Z"
          }
        }
        "#);
        let read = app.get("/api/v1/users/1").send().await.expect(200);
        assert_eq!(read.text, changed.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_patch_changes_nothing_version_included() {
    on_each_database_with(TestOptions::at_fixed_time, async |app| {
        let created = create_ada(&app).await;
        app.advance(Duration::from_secs(1));
        let patched = app
            .patch("/api/v1/users/1")
            .json(&json!({}))
            .send()
            .await
            .expect(200);
        assert_eq!(patched.text, created.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_patch_of_a_missing_user_is_not_found() {
    on_each_database(async |app| {
        let response = app.patch("/api/v1/users/1").json(&json!({})).send().await;
        response.expect_error(404, "USER_NOT_FOUND");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_count_every_change() {
    on_each_database(async |app| {
        let id = app.create_user("Ada Lovelace", "ada@example.com").await;
        for version in 2..=5 {
            let change = json!({ "name": format!("Ada {version}") });
            let response = app
                .patch(&format!("/api/v1/users/{id}"))
                .json(&change)
                .send()
                .await;
            assert_eq!(response.expect(200).json()["data"]["version"], version);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_email_is_a_conflict_in_any_case_of_letters() {
    on_each_database(async |app| {
        create_ada(&app).await;
        let other = app.create_user("Grace Hopper", "grace@example.com").await;
        for email in ["ada@example.com", "ADA@example.com", "aDa@EXAMPLE.Com"] {
            let user = json!({ "name": "Someone Else", "email": email });
            let created = app.post("/api/v1/users").json(&user).send().await;
            created.expect_error(409, "EMAIL_TAKEN");
            let change = json!({ "email": email });
            let changed = app
                .patch(&format!("/api/v1/users/{other}"))
                .json(&change)
                .send()
                .await;
            changed.expect_error(409, "EMAIL_TAKEN");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_change_leaves_the_user_as_it_was() {
    on_each_database(async |app| {
        create_ada(&app).await;
        let id = app.create_user("Grace Hopper", "grace@example.com").await;
        let before = app
            .get(&format!("/api/v1/users/{id}"))
            .send()
            .await
            .expect(200);
        let change = json!({ "name": "Renamed", "email": "ada@example.com" });
        let refused = app
            .patch(&format!("/api/v1/users/{id}"))
            .json(&change)
            .send()
            .await;
        refused.expect_error(409, "EMAIL_TAKEN");
        let after = app
            .get(&format!("/api/v1/users/{id}"))
            .send()
            .await
            .expect(200);
        assert_eq!(after.text, before.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn users_may_change_the_case_of_their_own_email_and_it_is_shown_as_given() {
    on_each_database(async |app| {
        create_ada(&app).await;
        let change = json!({ "email": "Ada@Example.com" });
        let response = app.patch("/api/v1/users/1").json(&change).send().await;
        assert_eq!(
            response.expect(200).json()["data"]["email"],
            "Ada@Example.com"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_email_of_a_deleted_user_is_free_and_the_id_is_not_given_again() {
    on_each_database(async |app| {
        create_ada(&app).await;
        let deleted = app.delete("/api/v1/users/1").send().await.expect(204);
        assert_eq!(deleted.text, "");
        let id = app.create_user("Ada Lovelace", "ada@example.com").await;
        assert_eq!(id, "2");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_user_is_gone_and_deleting_again_is_not_found() {
    on_each_database(async |app| {
        create_ada(&app).await;
        let deleted = app.delete("/api/v1/users/1").send().await.expect(204);
        assert_eq!(deleted.text, "");
        app.delete("/api/v1/users/1")
            .send()
            .await
            .expect_error(404, "USER_NOT_FOUND");
        app.get("/api/v1/users/1")
            .send()
            .await
            .expect_error(404, "USER_NOT_FOUND");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_was_asked_for_too_early_is_found_once_made() {
    on_each_database(async |app| {
        app.get("/api/v1/users/1")
            .send()
            .await
            .expect_error(404, "USER_NOT_FOUND");
        let created = create_ada(&app).await;
        let read = app.get("/api/v1/users/1").send().await.expect(200);
        assert_eq!(read.text, created.text);
    })
    .await;
}

async fn create_ada(app: &TestApp) -> tests::Response {
    app.post("/api/v1/users")
        .json(&ada())
        .send()
        .await
        .expect(201)
}
