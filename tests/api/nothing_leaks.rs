//! Whatever is sent, and whatever breaks behind the service: no answer tells of the inside, and no request is a defect.

use std::collections::BTreeMap;

use api::{error::ErrorCode, routes::ROUTES};
use proptest::{prelude::Strategy, strategy::ValueTree, test_runner::TestRunner};
use serde_json::json;
use tests::{
    DatabaseKind, Outside, Proxy, Response, TestApp, TestOptions, eventually, on_database,
    on_each_database_with,
};

use crate::{
    bad_input::{INSIDE, assert_keeps_the_inside},
    hostile::{Attack, TEXTS, attacks},
};

/// For each route and database.
const ATTACKS: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn no_request_however_hostile_fails_the_service_or_is_told_of_the_inside() {
    on_each_database_with(always_the_same, async |app| {
        for number in 0..20 {
            let author = app
                .create_user("Ada", &format!("{number}@example.com"))
                .await;
            app.create_post(&author, "Notes").await;
        }
        let (mut runner, mut seen) = (TestRunner::deterministic(), BTreeMap::new());
        for route in ROUTES {
            let (method, path) = route.name.split_once(' ').unwrap();
            let attacks = attacks(method, path);
            for _ in 0..ATTACKS {
                let attack = attacks.new_tree(&mut runner).unwrap().current();
                *seen.entry(ask(&app, &attack).await).or_insert(0) += 1;
            }
        }
        // Some of them go through, others fail in every way that a client can.
        for status in [200, 201, 400, 404, 405, 414, 415] {
            assert!(seen.contains_key(&status), "{status}: {seen:?}");
        }
        assert!(seen[&200] + seen[&201] >= 10, "{seen:?}");
        drop(app.get("/api/v1/users").send().await.expect(200));
    })
    .await;
}

/// Cursors are made of the time and the key: by chance, one could hold a word.
fn always_the_same() -> TestOptions {
    let mut options = TestOptions::at_fixed_time();
    options.config.cursor_key = "k".repeat(32);
    options
}

async fn ask(app: &TestApp, attack: &Attack) -> u16 {
    let bytes = attack.bytes();
    let mut client = app.connect().await;
    client.send(&bytes).await;
    let response = client.response().await;
    let shown = String::from_utf8_lossy(&bytes);
    assert!(
        (200..500).contains(&response.status),
        "{shown}\n\n{response:?}"
    );
    let lower = format!("{}{}", response.head, response.body).to_lowercase();
    for word in INSIDE {
        assert!(!lower.contains(word), "{word}: {shown}\n\n{response:?}");
    }
    response.status
}

#[test]
fn no_hostile_text_has_a_word_of_the_inside() {
    for text in TEXTS {
        assert_keeps_the_inside(text);
    }
}

#[test]
fn a_body_that_tells_of_the_inside_is_found() {
    for body in [
        "duplicate key value violates unique constraint \"users_email_key\"",
        "SELECT users.id FROM users",
        "Error(\"expected value\", line: 1)",
        "Some(1)",
        "Syntax { line: 1, column: 2 }",
        "api::error::Error",
        "thread panicked at api/src/main.rs:10",
    ] {
        let lower = body.to_lowercase();
        assert!(INSIDE.iter().any(|word| lower.contains(word)), "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_database_is_told_in_the_words_of_the_contract() {
    on_database(DatabaseKind::Postgres, impatient(), async |direct| {
        let proxy = Proxy::in_front_of(&direct.database.url).await;
        let mut options = impatient();
        options.config.database_url = proxy.url(&direct.database.url);
        let app = TestApp::spawn_at(direct.database.clone(), options).await;
        app.create_user("Ada", "ada@example.com").await;
        proxy.cut();
        eventually("the connections are gone", async || {
            app.get("/api/v1/users").send().await.status == 503
        })
        .await;
        fails_everywhere(&app, ErrorCode::DatabaseUnavailable).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_takes_too_long_is_told_in_the_words_of_the_contract() {
    on_database(DatabaseKind::Postgres, impatient(), async |app| {
        app.create_user("Ada", "ada@example.com").await;
        let mut outside = Outside::of(&app.database).await;
        outside.lock_everything().await;
        fails_everywhere(&app, ErrorCode::QueryTimeout).await;
        outside.unlock().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_somebody_else_holds_is_told_in_the_words_of_the_contract() {
    on_database(DatabaseKind::Sqlite, impatient(), async |app| {
        let mut outside = Outside::of(&app.database).await;
        outside.lock_writes().await;
        let user = json!({ "name": "Ada", "email": "ada@example.com" });
        let response = app.post("/api/v1/users").json(&user).send().await;
        says_no_more_than(ErrorCode::DatabaseUnavailable, response);
        outside.unlock().await;
    })
    .await;
}

/// Gives up soon, and asks the database for everything.
fn impatient() -> TestOptions {
    TestOptions::with(|config| {
        config.pool_wait_timeout_ms = 200;
        config.pool_create_timeout_ms = 200;
        config.statement_timeout_ms = 100;
        config.cache = api::config::Switch::Off;
    })
}

/// A read, a list, and writes are answered with this error.
async fn fails_everywhere(app: &TestApp, code: ErrorCode) {
    let user = json!({ "name": "Eve", "email": "eve@example.com" });
    let requests = [
        app.get("/api/v1/users/1"),
        app.get("/api/v1/posts?sort=title"),
        app.post("/api/v1/users").json(&user),
        app.patch("/api/v1/users/1").json(&user),
        app.delete("/api/v1/users/1"),
    ];
    for request in requests {
        says_no_more_than(code, request.send().await);
    }
}

#[track_caller]
fn says_no_more_than(code: ErrorCode, response: Response) {
    assert_keeps_the_inside(&response.text);
    let body = response.expect_error(code.status(), code.as_str());
    let expected = json!({
        "code": code.as_str(),
        "message": code.message(),
        "retryable": code.retryable(),
    });
    assert_eq!(body["error"], expected);
}
