//! Another process holds the SQLite file: writes are refused in time, reads go on, and all is well again by itself.

use serde_json::json;
use tests::{DatabaseKind, Outside, TestOptions, on_database};

fn options() -> TestOptions {
    TestOptions::with(|config| {
        config.pool_wait_timeout_ms = 200;
        config.cache = api::config::Switch::Off;
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn while_another_process_holds_the_file_writes_are_unavailable_and_reads_go_on() {
    on_database(DatabaseKind::Sqlite, options(), async |app| {
        let id = app.create_user("Ada", "ada@example.com").await;
        let path = format!("/api/v1/users/{id}");
        let mut outside = Outside::of(&app.database).await;
        outside.lock_writes().await;

        let post = json!({ "author_id": id, "title": "Title", "body": "Text" });
        let writes = [
            app.post("/api/v1/users")
                .json(&json!({ "name": "Eve", "email": "eve@example.com" })),
            app.patch(&path).json(&json!({ "name": "Eve" })),
            app.delete(&path),
            app.post("/api/v1/posts").json(&post),
        ];
        for write in writes {
            let answer = write.send().await;
            assert_eq!(answer.header("retry-after"), Some("1"));
            answer.expect_error(503, "DATABASE_UNAVAILABLE");
        }
        let user = app.get(&path).send().await.expect(200).json();
        assert_eq!(user["data"]["name"], "Ada");
        drop(app.get("/api/v1/users").send().await.expect(200));
        drop(app.management("/readyz").send().await.expect(200));

        outside.unlock().await;
        let user = app
            .patch(&path)
            .json(&json!({ "name": "Grace" }))
            .send()
            .await
            .expect(200)
            .json();
        // None of the refused writes came through later.
        assert_eq!(user["data"]["version"], 2);
        assert_eq!(outside.number("SELECT count(*) FROM users").await, 1);
        assert_eq!(outside.number("SELECT count(*) FROM posts").await, 0);
    })
    .await;
}
