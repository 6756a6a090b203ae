//! A service that is told to stop: not ready at once, open while it drains, and every request in flight is answered.

use std::time::Duration;

use serde_json::json;
use tests::{Outside, TestApp, TestOptions, eventually, on_each_database, on_each_database_with};
use tokio::{net::TcpStream, task::JoinSet};

use crate::existing_user;

const IN_FLIGHT: u32 = 200;

async fn readyz(app: &TestApp) -> u16 {
    app.management("/readyz").send().await.status.as_u16()
}

async fn is_open(base: &str) -> bool {
    let address = base.strip_prefix("http://").unwrap();
    TcpStream::connect(address).await.is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_in_flight_is_answered_before_the_service_ends() {
    on_each_database_with(TestOptions::patient, async |mut app| {
        let mut outside = Outside::of(&app.database).await;
        outside.lock_writes().await;
        let mut clients: JoinSet<_> = (0..IN_FLIGHT)
            .map(|number| {
                let user = json!({ "name": "Ada", "email": format!("{number}@example.com") });
                app.post("/api/v1/users").json(&user).try_send()
            })
            .collect();
        eventually("all are in flight", async || {
            let active = app.scrape().await.sum("http_server_active_requests", &[]);
            active >= f64::from(IN_FLIGHT)
        })
        .await;

        let ended = app.begin_stop(Duration::ZERO);
        eventually("no new connections", async || !is_open(&app.base).await).await;
        assert_eq!(readyz(&app).await, 503);
        assert!(!ended.is_finished(), "requests are in flight");
        outside.unlock().await;
        while let Some(answer) = clients.join_next().await {
            drop(answer.unwrap().expect("an answer").expect(201));
        }
        ended.await.unwrap();
        assert!(!is_open(&app.management).await);
        let users = outside.number("SELECT count(*) FROM users").await;
        assert_eq!(users, i64::from(IN_FLIGHT));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_it_drains_the_service_is_not_ready_and_still_serves() {
    on_each_database(async |mut app| {
        let path = existing_user(&app).await;
        eventually("ready", async || readyz(&app).await == 200).await;

        let ended = app.begin_stop(Duration::from_secs(2));
        eventually("not ready", async || readyz(&app).await == 503).await;
        let answer = app.get(&path).send().await.expect(200);
        // So that a kept connection is not used for a request that would come too late.
        assert_eq!(answer.header("connection"), Some("close"));
        app.create_user("Grace", "grace@example.com").await;
        drop(app.management("/livez").send().await.expect(200));
        let draining = [("state", "draining")];
        assert_eq!(
            app.scrape().await.sum("app_lifecycle_state", &draining),
            1.0
        );

        ended.await.unwrap();
        assert!(!is_open(&app.base).await && !is_open(&app.management).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_end_within_the_shutdown_time_out_does_not_keep_the_service() {
    let impatient = || {
        let mut options = TestOptions::patient();
        options.config.shutdown_timeout_ms = 1000;
        // A statement on SQLite is waited for all the same, and it waits for the lock no longer than this.
        options.config.pool_wait_timeout_ms = 3000;
        options
    };
    on_each_database_with(impatient, async |mut app| {
        let mut outside = Outside::of(&app.database).await;
        outside.lock_writes().await;
        let user = json!({ "name": "Ada", "email": "ada@example.com" });
        let client = tokio::spawn(app.post("/api/v1/users").json(&user).try_send());
        eventually("it is in flight", async || {
            app.scrape().await.sum("http_server_active_requests", &[]) > 0.0
        })
        .await;
        app.begin_stop(Duration::ZERO).await.unwrap();
        assert!(client.await.unwrap().is_err(), "nobody was there to answer");
    })
    .await;
}
