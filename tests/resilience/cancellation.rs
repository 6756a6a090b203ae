//! Callers that go away in the middle: nothing half done, nothing handed on, nothing left running.

use tests::{DatabaseKind, Outside, TestOptions, eventually, on_database, on_each_database_with};

use crate::{existing_user, locker_and_observer};

#[tokio::test(flavor = "multi_thread")]
async fn the_statement_of_a_client_that_hangs_up_is_cancelled_on_the_server() {
    on_database(
        DatabaseKind::Postgres,
        TestOptions::patient(),
        async |app| {
            let path = existing_user(&app).await;
            let (mut locker, mut observer) = locker_and_observer(&app).await;
            locker.lock_everything().await;
            let client = tokio::spawn(app.get(&path).try_send());
            eventually("it waits", async || observer.waiting_sessions().await == 1).await;

            client.abort();
            eventually("nobody waits any more", async || {
                observer.waiting_sessions().await == 0
            })
            .await;
            let scrape = app.scrape().await;
            assert_eq!(
                scrape.sum("db_client_connection_closed_total", &[("reason", "broken")]),
                1.0
            );
            let hung_up = [("http_response_status_code", "499")];
            assert_eq!(
                scrape.sum("http_server_request_duration_seconds_count", &hung_up),
                1.0
            );
            let cancelled = [("error_type", "cancelled")];
            assert_eq!(
                scrape.sum("db_client_operation_duration_seconds_count", &cancelled),
                1.0
            );

            locker.unlock().await;
            drop(app.get(&path).send().await.expect(200));
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_hangs_up_in_the_middle_of_a_transaction_leaves_nothing_half_done() {
    on_each_database_with(TestOptions::patient, async |app| {
        let user = app.create_user("Ada", "ada@example.com").await;
        let post = app.create_post(&user, "First").await;
        let mut outside = Outside::of(&app.database).await;
        outside.lock_writes().await;
        let client = tokio::spawn(app.delete(&format!("/api/v1/users/{user}")).try_send());
        eventually("the request is being served", async || {
            app.scrape().await.sum("http_server_active_requests", &[]) == 1.0
        })
        .await;
        client.abort();
        eventually("the request has ended", async || {
            app.scrape().await.sum("http_server_active_requests", &[]) == 0.0
        })
        .await;
        outside.unlock().await;
        drop(
            app.get(&format!("/api/v1/users/{user}"))
                .send()
                .await
                .expect(200),
        );
        drop(
            app.get(&format!("/api/v1/posts/{post}"))
                .send()
                .await
                .expect(200),
        );
        app.create_user("Grace", "grace@example.com").await;
        let status = app
            .delete(&format!("/api/v1/users/{user}"))
            .send()
            .await
            .status;
        assert_eq!(status, 204);
    })
    .await;
}
