//! Many requests with one key at the same moment, and one that cannot be waited for.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::{
    DatabaseKind, Outside, Request, Response, TestApp, TestOptions, eventually, on_database,
    on_each_database_with,
};

use crate::locker_and_observer;

const PARALLEL: usize = 100;

fn user(email: &str) -> Value {
    json!({ "name": "Ada", "email": email })
}

fn with_key(app: &TestApp, email: &str) -> Request {
    let request = app.post("/api/v1/users").header("idempotency-key", "key");
    request.json(&user(email))
}

async fn all_at_once(app: &TestApp, email: &str) -> Vec<Response> {
    join_all((0..PARALLEL).map(|_| with_key(app, email).send())).await
}

/// Fails unless one was done and all others were answered as it was.
fn assert_all_equal(answers: &[Response], status: u16) {
    let is_first = |answer: &&Response| answer.header("idempotency-replayed").is_none();
    let first: Vec<_> = answers.iter().filter(is_first).collect();
    assert_eq!(first.len(), 1, "how many were done");
    assert_eq!(first[0].status, status, "{}", first[0].text);
    for again in answers.iter().filter(|answer| !is_first(answer)) {
        again.assert_replays(first[0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_requests_with_one_key_one_is_done_and_all_are_answered_alike() {
    on_each_database_with(TestOptions::patient, async |app| {
        let answers = all_at_once(&app, "ada@example.com").await;
        assert_all_equal(&answers, 201);
        let mut outside = Outside::of(&app.database).await;
        assert_eq!(outside.number("SELECT count(*) FROM users").await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_requests_with_one_key_that_are_refused_are_answered_alike() {
    on_each_database_with(TestOptions::patient, async |app| {
        app.create_user("Ada", "ada@example.com").await;
        let answers = all_at_once(&app, "ada@example.com").await;
        assert_all_equal(&answers, 409);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_requests_with_one_key_and_different_bodies_one_is_done() {
    on_each_database_with(TestOptions::patient, async |app| {
        let email = |number: usize| format!("{number}@example.com");
        let requests = (0..PARALLEL).map(|number| with_key(&app, &email(number)).send());
        let (done, refused): (Vec<_>, Vec<_>) = join_all(requests)
            .await
            .into_iter()
            .partition(|answer| answer.status == 201);
        assert_eq!(done.len(), 1);
        for answer in refused {
            answer.expect_error(422, "IDEMPOTENCY_KEY_REUSED");
        }
        let mut outside = Outside::of(&app.database).await;
        assert_eq!(outside.number("SELECT count(*) FROM users").await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_request_waits_for_the_first_and_is_answered_as_it() {
    on_database(
        DatabaseKind::Postgres,
        TestOptions::patient(),
        async |app| {
            let (mut locker, mut observer) = locker_and_observer(&app).await;
            locker.lock_writes().await;
            let first = tokio::spawn(with_key(&app, "ada@example.com").send());
            eventually("the first waits for the table", async || {
                observer.waiting_sessions().await == 1
            })
            .await;
            let second = tokio::spawn(with_key(&app, "ada@example.com").send());
            eventually("the second waits for the first", async || {
                observer.waiting_sessions().await == 2
            })
            .await;
            locker.unlock().await;
            let first = first.await.unwrap().expect(201);
            assert_eq!(first.header("idempotency-replayed"), None);
            second.await.unwrap().assert_replays(&first);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_cannot_wait_longer_for_the_first_is_told_to_come_back() {
    let options = TestOptions::with(|config| config.lock_timeout_ms = 100);
    on_database(DatabaseKind::Postgres, options, async |app| {
        let made = with_key(&app, "ada@example.com").send().await.expect(201);
        let (mut locker, mut observer) = locker_and_observer(&app).await;
        let lock =
            "BEGIN; SELECT 1 FROM idempotency_keys WHERE key = 'POST /api/v1/users key' FOR UPDATE";
        locker.run(lock).await;
        refused_for_now(&app).await;
        locker.unlock().await;
        with_key(&app, "ada@example.com")
            .send()
            .await
            .assert_replays(&made);

        // The same where the first has not committed yet.
        locker
            .run("DELETE FROM idempotency_keys; DELETE FROM users")
            .await;
        let first = "BEGIN; INSERT INTO idempotency_keys (key, fingerprint, created_at) \
                     VALUES ('POST /api/v1/users key', '', now())";
        locker.run(first).await;
        refused_for_now(&app).await;
        assert_eq!(observer.number("SELECT count(*) FROM users").await, 0);
        locker.unlock().await;
        drop(with_key(&app, "ada@example.com").send().await.expect(201));
        let labels = [("outcome", "in_progress")];
        let scrape = app.scrape().await;
        assert_eq!(
            scrape.sum("http_server_idempotent_requests_total", &labels),
            2.0
        );
    })
    .await;
}

async fn refused_for_now(app: &TestApp) {
    let answer = with_key(app, "ada@example.com").send().await;
    assert_eq!(answer.header("retry-after"), Some("1"));
    let body = answer.expect_error(409, "IDEMPOTENCY_IN_PROGRESS");
    assert_eq!(body["error"]["retryable"], true);
}

/// Whether the request was done when its client hung up, or not yet, or given up: nobody knows, and it does not matter.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_hung_up_and_comes_again_has_made_one_row() {
    on_each_database_with(TestOptions::patient, async |app| {
        let mut outside = Outside::of(&app.database).await;
        for round in 1..=30 {
            let body = user(&format!("{round}@example.com")).to_string();
            let length = body.len();
            let mut client = app.connect().await;
            client
                .send(format!(
                    "POST /api/v1/users HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n\
                     Idempotency-Key: {round}\r\nContent-Length: {length}\r\n\r\n{body}"
                ))
                .await;
            tokio::task::yield_now().await;
            drop(client);
            let again = app
                .post("/api/v1/users")
                .header("idempotency-key", &round.to_string());
            let again = again.body("application/json", body).send().await;
            drop(again.expect(201));
            let users = outside.number("SELECT count(*) FROM users").await;
            assert_eq!(users, round);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_fails_leaves_its_key_free() {
    let options = TestOptions::with(|config| config.lock_timeout_ms = 100);
    on_database(DatabaseKind::Postgres, options, async |app| {
        let (mut locker, mut observer) = locker_and_observer(&app).await;
        locker.lock_writes().await;
        with_key(&app, "ada@example.com")
            .send()
            .await
            .expect_error(504, "QUERY_TIMEOUT");
        locker.unlock().await;
        let keys = "SELECT count(*) FROM idempotency_keys";
        assert_eq!(observer.number(keys).await, 0);
        // With another body too: nothing has happened.
        let made = with_key(&app, "grace@example.com").send().await.expect(201);
        assert_eq!(made.header("idempotency-replayed"), None);
    })
    .await;
}
