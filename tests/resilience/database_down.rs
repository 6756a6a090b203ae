//! PostgreSQL dies while the service runs: 503 within the time-outs, not ready, and all well again by itself.

use std::{sync::Arc, time::Duration};

use api::database::{DatabaseTarget, Migrate};
use tests::{DatabaseKind, Outside, Proxy, TestApp, TestOptions, eventually, on_database};

use crate::{existing_user, locker_and_observer};

fn options() -> TestOptions {
    TestOptions::with(|config| {
        config.pool_wait_timeout_ms = 500;
        config.pool_create_timeout_ms = 500;
        config.statement_timeout_ms = 500;
        // Every look-up must ask the database.
        config.cache = api::config::Switch::Off;
    })
}

/// Runs `test` on an application that reaches its database through a proxy.
async fn behind_a_proxy(test: impl AsyncFnOnce(TestApp, Proxy)) {
    on_database(DatabaseKind::Postgres, options(), async |direct| {
        let proxy = Proxy::in_front_of(&direct.database.url).await;
        let mut options = options();
        options.config.database_url = proxy.url(&direct.database.url);
        let app = TestApp::spawn_at(Arc::clone(&direct.database), options).await;
        test(app, proxy).await;
    })
    .await;
}

async fn readyz(app: &TestApp) -> u16 {
    app.management("/readyz").send().await.status.as_u16()
}

async fn is_well_again(app: &TestApp, path: &str) {
    eventually("requests are answered again", async || {
        app.get(path).send().await.status == 200
    })
    .await;
    eventually("ready again", async || readyz(app).await == 200).await;
    let post = app.get(path).send().await.expect(200).json();
    assert_eq!(post["data"]["name"], "Ada");
    app.create_user("Grace", "grace@example.com").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_is_cut_is_unavailable_and_a_mended_one_is_used_without_a_restart() {
    behind_a_proxy(async |app, proxy| {
        let path = existing_user(&app).await;
        eventually("ready", async || readyz(&app).await == 200).await;

        proxy.cut();
        eventually("the connections are gone", async || {
            app.get(&path).send().await.status == 503
        })
        .await;
        let answer = app.get(&path).send().await;
        assert_eq!(answer.header("retry-after"), Some("1"));
        answer.expect_error(503, "DATABASE_UNAVAILABLE");
        let user = serde_json::json!({ "name": "Eve", "email": "eve@example.com" });
        let answer = app.post("/api/v1/users").json(&user).send().await;
        answer.expect_error(503, "DATABASE_UNAVAILABLE");
        eventually("not ready", async || readyz(&app).await == 503).await;
        drop(app.management("/livez").send().await.expect(200));
        // No query runs without a connection, so none is counted: the leases are.
        let labels = [("error_type", "unavailable")];
        let in_vain = app
            .scrape()
            .await
            .sum("db_client_connection_errors_total", &labels);
        assert!(in_vain >= 2.0, "{in_vain}");

        proxy.mend();
        is_well_again(&app, &path).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_swallows_everything_is_given_up_on_in_time() {
    behind_a_proxy(async |app, proxy| {
        let path = existing_user(&app).await;
        let before = app.scrape().await;

        proxy.swallow();
        // The first finds a connection in the pool and waits for its answer, those after it wait for new connections.
        for _ in 0..3 {
            let answer = app.get(&path).send().await;
            answer.expect_error(503, "DATABASE_UNAVAILABLE");
        }
        eventually("not ready", async || readyz(&app).await == 503).await;
        let after = app.scrape().await;
        let closed = |scrape: &tests::Scrape| {
            scrape.sum("db_client_connection_closed_total", &[("reason", "broken")])
        };
        assert!(closed(&after) > closed(&before), "{}", after.text);

        proxy.mend();
        is_well_again(&app, &path).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_the_server_ends_are_replaced_without_a_restart() {
    on_database(DatabaseKind::Postgres, options(), async |app| {
        let path = existing_user(&app).await;
        let mut outside = Outside::of(&app.database).await;
        let ended = outside
            .number(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                 WHERE datname = current_database() AND application_name = 'centum'",
            )
            .await;
        assert!(ended > 0, "the application has connections");
        is_well_again(&app, &path).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_whose_connection_the_server_ends_is_unavailable_and_the_next_one_works() {
    on_database(DatabaseKind::Postgres, options(), async |app| {
        let path = existing_user(&app).await;
        let (mut locker, mut observer) = locker_and_observer(&app).await;
        locker.lock_everything().await;
        let waiting = tokio::spawn(app.get(&path).try_send());
        eventually("it waits", async || observer.waiting_sessions().await > 0).await;
        observer
            .number(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                 WHERE datname = current_database() AND application_name = 'centum'",
            )
            .await;
        let answer = waiting.await.unwrap().unwrap();
        answer.expect_error(503, "DATABASE_UNAVAILABLE");
        locker.unlock().await;
        is_well_again(&app, &path).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_swallows_everything_at_the_start_is_said_and_not_waited_for() {
    on_database(DatabaseKind::Postgres, options(), async |direct| {
        let proxy = Proxy::in_front_of(&direct.database.url).await;
        proxy.swallow();
        let options = options().config.pool_options();
        let target = DatabaseTarget::parse(&proxy.url(&direct.database.url), &options).unwrap();
        let start = tokio::time::timeout(Duration::from_secs(10), target.migrate(Migrate::Up));
        let reason = start.await.expect("it is given up").unwrap_err();
        assert!(reason.contains("in time"), "{reason}");
    })
    .await;
}
