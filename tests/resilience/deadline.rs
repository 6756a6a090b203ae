//! A request that is not done at its deadline: 504, and what it was waiting for is given up too.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use actix_web::{HttpResponse, web};
use api::{
    app::Parts,
    repositories::QUERIES,
    telemetry::{Metrics, RouteDefinition, request},
};
use serde_json::json;
use tests::{DatabaseKind, Proxy, Response, TestApp, TestOptions, eventually, on_database};

use crate::{bare, existing_user, interrupt, locker_and_observer};

/// Nothing but the deadline ends what is held up here.
fn options() -> TestOptions {
    TestOptions::with(|config| {
        config.deadline_ms = 1000;
        config.statement_timeout_ms = 60_000;
        config.lock_timeout_ms = 60_000;
        config.pool_wait_timeout_ms = 20_000;
        config.pool_create_timeout_ms = 20_000;
    })
}

/// The answer is complete, and the request is counted and logged once, by the phase in which its time went.
async fn assert_given_up(app: &TestApp, answer: Response, phase: &str) {
    for header in ["x-request-id", "traceresponse", "server-timing"] {
        assert!(answer.header(header).is_some(), "{header}: {answer:?}");
    }
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let request_id = answer.header("x-request-id").unwrap().to_owned();
    let body = answer.expect_error(504, "DEADLINE_EXCEEDED");
    assert_eq!(body["error"]["retryable"], true);
    assert_eq!(body["meta"]["request_id"], *request_id);
    let mut lines = Vec::new();
    eventually("it is logged", async || {
        lines = app.access_lines(1).await;
        lines.retain(|line| line["request_id"] == *request_id);
        !lines.is_empty()
    })
    .await;
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(lines[0]["http.response.status_code"], 504);
    assert_eq!(lines[0]["dominant_phase"], phase, "{lines:?}");
}

async fn given_up(app: &TestApp) -> f64 {
    let status = [("http_response_status_code", "504")];
    let scrape = app.scrape().await;
    assert_eq!(scrape.sum("http_server_active_requests", &[]), 0.0);
    scrape.sum("http_server_request_duration_seconds_count", &status)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_statement_of_a_request_past_its_deadline_is_cancelled_on_the_server() {
    on_database(DatabaseKind::Postgres, options(), async |app| {
        let path = existing_user(&app).await;
        let (mut locker, mut observer) = locker_and_observer(&app).await;
        for (count, method) in [(1.0, "GET"), (2.0, "PATCH"), (3.0, "DELETE")] {
            locker.lock_everything().await;
            let mut request = app.request(method, &path);
            if method == "PATCH" {
                request = request.json(&json!({ "name": "Eve" }));
            }
            assert_given_up(&app, request.send().await, "db").await;
            eventually("nobody waits any more", async || {
                observer.waiting_sessions().await == 0
            })
            .await;
            assert_eq!(given_up(&app).await, count);
            let scrape = app.scrape().await;
            let broken = [("reason", "broken")];
            assert_eq!(
                scrape.sum("db_client_connection_closed_total", &broken),
                count
            );
            let over = [("dominant_phase", "db")];
            assert_eq!(scrape.sum("http_server_over_budget_total", &over), count);
            locker.unlock().await;
            let user = app.get(&path).send().await.expect(200).json();
            assert_eq!(user["data"]["name"], "Ada");
        }
        let version = "SELECT version::bigint FROM users";
        assert_eq!(observer.number(version).await, 1, "no write came later");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_waits_for_the_load_of_another_has_a_deadline_too() {
    on_database(DatabaseKind::Postgres, options(), async |app| {
        let path = existing_user(&app).await;
        let (mut locker, mut observer) = locker_and_observer(&app).await;
        locker.lock_everything().await;
        let first = tokio::spawn(app.get(&path).try_send());
        eventually("it loads", async || observer.waiting_sessions().await == 1).await;
        let second = app.get(&path).send().await;
        assert_given_up(&app, second, "cache_load").await;
        assert_given_up(&app, first.await.unwrap().unwrap(), "db").await;
        locker.unlock().await;
        drop(app.get(&path).send().await.expect(200));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_waits_for_a_connection_has_a_deadline_too() {
    on_database(DatabaseKind::Postgres, options(), async |direct| {
        let path = existing_user(&direct).await;
        let proxy = Proxy::in_front_of(&direct.database.url).await;
        let mut options = options();
        options.config.database_url = proxy.url(&direct.database.url);
        let app = TestApp::spawn_at(Arc::clone(&direct.database), options).await;
        // No worker has a connection so far, and none comes about.
        proxy.swallow();
        let answer = app.get(&path).send().await;
        assert_given_up(&app, answer, "pool_wait").await;
        proxy.mend();
        drop(app.get(&path).send().await.expect(200));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_statement_of_a_request_past_its_deadline_is_interrupted_on_sqlite() {
    on_database(DatabaseKind::Sqlite, options(), async |app| {
        let path = existing_user(&app).await;
        interrupt::some_writes_never_end(&app.database).await;
        for (count, request) in [
            (1.0, app.patch(&path).json(&json!({ "name": "endless" }))),
            (2.0, app.delete(&path)),
        ] {
            assert_given_up(&app, request.send().await, "db").await;
            assert_eq!(given_up(&app).await, count);
            // The only writer is free for the next one.
            app.create_user("Grace", &format!("{count}@example.com"))
                .await;
            let user = app.get(&path).send().await.expect(200).json();
            assert_eq!(user["data"]["name"], "Ada");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_waits_for_a_reader_has_a_deadline_too() {
    let mut options = options();
    options.config.sqlite_readers = 1;
    on_database(DatabaseKind::Sqlite, options, async |app| {
        let path = existing_user(&app).await;
        interrupt::lists_of_posts_never_end(&app.database).await;
        let first = tokio::spawn(app.get("/api/v1/posts").try_send());
        eventually("it is at work", async || {
            interrupt::is_busy(&app.scrape().await, "sqlite_readers")
        })
        .await;
        // It gets the reader shortly before its own time is over.
        let second = app.get("/api/v1/posts").send().await;
        assert_given_up(&app, second, "blocking_queue").await;
        assert_given_up(&app, first.await.unwrap().unwrap(), "db").await;
        drop(app.get(&path).send().await.expect(200));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_hangs_up_leaves_no_endless_statement_behind_on_sqlite() {
    let mut options = options();
    options.config.deadline_ms = 60_000;
    on_database(DatabaseKind::Sqlite, options, async |app| {
        let path = existing_user(&app).await;
        interrupt::some_writes_never_end(&app.database).await;
        let endless = app.patch(&path).json(&json!({ "name": "endless" }));
        let client = tokio::spawn(endless.try_send());
        eventually("it is at work", async || {
            interrupt::is_busy(&app.scrape().await, "sqlite_writer")
        })
        .await;
        client.abort();
        let user = app.patch(&path).json(&json!({ "name": "Grace" }));
        let user = user.send().await.expect(200).json();
        assert_eq!(user["data"]["version"], 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_body_is_on_its_way_the_deadline_does_not_run() {
    const HEAD: &str = "POST /api/v1/users HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\
                        Content-Type: application/json\r\nContent-Length: 40\r\n\r\n";
    let mut options = options();
    options.config.deadline_ms = 200;
    options.body_timeout = Duration::from_secs(1);
    on_database(DatabaseKind::Sqlite, options, async |app| {
        let mut client = app.connect().await;
        client.send(HEAD).await;
        client.send(r#"{"name":"Ada","#).await;
        client.response().await.expect_error(408, "REQUEST_TIMEOUT");

        let mut client = app.connect().await;
        client.send(HEAD).await;
        let begun = Instant::now();
        client.send(r#"{"name":"Ada","#).await;
        eventually("the deadline would have passed", async || {
            begun.elapsed() > Duration::from_millis(400)
        })
        .await;
        client.send(r#""email":"ada@example.com"}"#).await;
        let answer = client.response().await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        // It was the client's time, and is booked so.
        let lines = app.access_lines(2).await;
        for line in lines {
            assert_eq!(line["dominant_phase"], "receive", "{line}");
        }
    })
    .await;
}

/// A route with a deadline of its own.
const IMPATIENT: RouteDefinition = RouteDefinition {
    method: "GET",
    name: "GET /hangs",
    success: 200,
    budget: Duration::from_millis(1),
    max_queries: 0,
    max_same_query: 0,
    deadline: Some(Duration::from_millis(20)),
};

static DROPPED: AtomicBool = AtomicBool::new(false);

struct SaysWhenItIsDropped;

impl Drop for SaysWhenItIsDropped {
    fn drop(&mut self) {
        DROPPED.store(true, Ordering::SeqCst);
    }
}

async fn hangs() -> HttpResponse {
    let _witness = SaysWhenItIsDropped;
    // What the guard of a route does.
    request::with_current(|record| record.route.set(0));
    std::future::pending().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_route_may_have_a_deadline_of_its_own() {
    let metrics = Metrics::new(&[IMPATIENT], QUERIES).unwrap();
    let base = bare::serve(&metrics, Duration::from_hours(1), |service| {
        service.route("/hangs", web::get().to(hangs));
    });
    let answer = reqwest::get(format!("{base}/hangs")).await.unwrap();
    assert_eq!(answer.status(), 504);
    assert!(DROPPED.load(Ordering::SeqCst), "the handler is gone first");
    let route = [
        ("http_route", "GET /hangs"),
        ("http_response_status_code", "504"),
    ];
    let counted = bare::scrape(&metrics).sum("http_server_request_duration_seconds_count", &route);
    assert_eq!(counted, 1.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_ready_at_once_is_answered_whatever_the_deadline() {
    let metrics = Parts::metrics().unwrap();
    let base = bare::serve(&metrics, Duration::ZERO, |service| {
        service
            .route("/ready", web::get().to(HttpResponse::NoContent))
            .route(
                "/hangs",
                web::get().to(std::future::pending::<HttpResponse>),
            );
    });
    let status = async |path| {
        let answer = reqwest::get(format!("{base}{path}")).await.unwrap();
        answer.status().as_u16()
    };
    assert_eq!(status("/ready").await, 204);
    assert_eq!(status("/hangs").await, 504);
    assert_eq!(status("/ready").await, 204, "the worker goes on");
}
