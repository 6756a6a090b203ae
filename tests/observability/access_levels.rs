//! The level of an access line follows from the status.

use serde_json::json;
use tests::{Outside, TestOptions, on_each_database, on_each_database_with};

#[tokio::test(flavor = "multi_thread")]
async fn success_is_info_and_a_mistake_of_the_client_a_warning() {
    on_each_database(async |app| {
        let id = app.create_user("Ada Lovelace", "ada@example.com").await;
        let levels = [
            (format!("/api/v1/users/{id}"), 200, "INFO"),
            ("/api/v1/users/9".to_owned(), 404, "WARN"),
            ("/api/v1/users/x".to_owned(), 400, "WARN"),
            ("/nowhere".to_owned(), 404, "WARN"),
        ];
        for (path, status, _) in &levels {
            assert_eq!(app.get(path).send().await.status, *status);
        }
        let lines = app.access_lines(levels.len() + 1).await;
        for (path, status, level) in levels {
            let line = lines
                .iter()
                .find(|line| line["url.path"] == path.as_str())
                .unwrap();
            assert_eq!(line["http.response.status_code"], status);
            assert_eq!(line["level"], level);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_of_the_service_is_an_error() {
    let impatient = || {
        TestOptions::with(|config| {
            config.pool_wait_timeout_ms = 50;
            config.statement_timeout_ms = 50;
        })
    };
    on_each_database_with(impatient, async |app| {
        let mut outside = Outside::of(&app.database).await;
        outside.lock_writes().await;
        let user = json!({ "name": "Ada", "email": "ada@example.com" });
        let response = app.post("/api/v1/users").json(&user).send().await;
        assert!(response.status.is_server_error(), "{}", response.status);
        outside.unlock().await;
        let lines = app.access_lines(1).await;
        assert_eq!(lines[0]["level"], "ERROR");
        assert_eq!(
            lines[0]["http.response.status_code"],
            response.status.as_u16()
        );
    })
    .await;
}
