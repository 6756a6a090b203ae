//! Several processes on one database.

use serde_json::json;
use tests::{Outside, Process, ProcessOptions, on_each_empty_database};
use tokio::join;

use crate::BINARY;

#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_start_together_on_an_empty_database_all_serve_it() {
    on_each_empty_database(async |database| {
        let options = ProcessOptions::new(BINARY, &database.url);
        let start = || Process::start(&options);
        let (first, second, third, fourth) = join!(start(), start(), start(), start());
        let replicas = [first, second, third, fourth];
        for (number, replica) in replicas.iter().enumerate() {
            let user = json!({ "name": "Ada", "email": format!("{number}@example.com") });
            let answer = replica
                .request("POST", "/api/v1/users")
                .json(&user)
                .send()
                .await;
            let id = answer.expect(201).json()["data"]["id"]
                .as_str()
                .unwrap()
                .to_owned();
            for replica in &replicas {
                let path = format!("/api/v1/users/{id}");
                drop(replica.request("GET", &path).send().await.expect(200));
            }
        }
        let mut outside = Outside::of(&database).await;
        assert_eq!(outside.number("SELECT count(*) FROM users").await, 4);
        for replica in replicas {
            assert_eq!(
                replica.scrape().await.sum("db_migrations_pending", &[]),
                0.0
            );
            replica.terminate();
            assert_eq!(replica.wait().await.0.code(), Some(0));
        }
    })
    .await;
}
