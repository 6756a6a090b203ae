//! Faults that are switched on: each changes what its alert reads, and nothing that another alert reads; switched off, it ends.

mod connections;
mod index;
mod requests;
mod switches;
mod threads;

use api::{config::Switch, faults::Fault};
use serde_json::Value;
use tests::{Outside, Scrape, TestApp, TestOptions, eventually};

use crate::delta::{Delta, same};

/// Where faults can be switched on, and the caches do not stand between a request and its queries.
fn wired() -> TestOptions {
    TestOptions::with(|config| {
        config.faults = Switch::On;
        config.cache = Switch::Off;
    })
}

async fn switch(app: &TestApp, fault: Fault, on: bool) {
    let path = format!("/debug/faults/{}", fault.as_str());
    let method = if on { "PUT" } else { "DELETE" };
    let answer = app.management_request(method, &path).send().await;
    assert_eq!(answer.expect(200).json().get("on"), Some(&on.into()));
    let active = [("fault", fault.as_str())];
    let scrape = app.scrape().await;
    assert!(same(
        scrape.sum("fault_injection_active", &active),
        usize::from(on)
    ));
}

/// How often `fault` was done.
fn done(scrape: &Scrape, fault: Fault) -> f64 {
    scrape.sum("fault_injections_total", &[("fault", fault.as_str())])
}

/// A name, a family and the labels that its series have.
type Signal = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

/// What alerts read, as far as it does not depend on how fast this machine is, each with the series that it is the sum of.
const SIGNALS: [Signal; 9] = [
    ("panics", "http_server_panics_total", &[]),
    ("errors 500", DURATIONS, &[(STATUS, "500")]),
    ("errors 503", DURATIONS, &[(STATUS, "503")]),
    ("errors 504", DURATIONS, &[(STATUS, "504")]),
    ("clients gone", DURATIONS, &[(STATUS, "499")]),
    ("loops", "db_client_n_plus_one_suspected_total", &[]),
    ("plans", "db_query_plan_changes_total", &[]),
    ("overflow", "metrics_label_overflow_total", &[]),
    ("time-outs", "db_client_connection_timeouts_total", &[]),
];
const DURATIONS: &str = "http_server_request_duration_seconds_count";
const STATUS: &str = "http_response_status_code";

/// Fails unless `fault`, which was switched off, is not done any more. The timers of a worker say how the time goes: ten in a second.
async fn assert_ended(app: &TestApp, fault: Fault) {
    let time_goes = async |ticks: usize| {
        let now = async || {
            let worker = [("worker", "1")];
            let scrape = app.scrape().await;
            scrape.sum("tokio_worker_loop_lag_seconds_count", &worker)
        };
        let began = now().await;
        eventually("time goes", async || {
            now().await - began > f64::from(u8::try_from(ticks).unwrap()) - 0.5
        })
        .await;
    };
    // What was begun may end.
    time_goes(5).await;
    let before = app.scrape().await;
    time_goes(12).await;
    let after = app.scrape().await;
    assert!(same(done(&after, fault) - done(&before, fault), 0));
}

/// The names of the signals that have risen.
fn risen(delta: &Delta) -> Vec<&'static str> {
    let risen = SIGNALS
        .iter()
        .filter(|(_, family, labels)| delta.of(family, labels) > 0.5);
    risen.map(|(name, ..)| *name).collect()
}

/// So many users, each with as many posts, made without the service.
async fn add(app: &TestApp, users: u32, posts_of_each: u32) {
    let mut outside = Outside::of(&app.database).await;
    let (now, analyze) = match outside {
        Outside::Sqlite(_) => ("1", "ANALYZE"),
        Outside::Postgres(_) => ("now()", "ANALYZE users; ANALYZE posts"),
    };
    let count = users * posts_of_each;
    let numbers = |count: u32| {
        format!(
            "WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {count})"
        )
    };
    outside
        .run(&format!(
            "{} INSERT INTO users (name, email, role, version, created_at, updated_at) \
             SELECT 'Ada', 'ada' || n || '@example.com', 'member', 1, {now}, {now} FROM numbers; \
             {} INSERT INTO posts (author_id, title, body, status, version, created_at, updated_at) \
             SELECT 1 + n % {users}, 'Title', 'Text', CASE n % 10 WHEN 0 THEN 'archived' ELSE 'published' END, 1, {now}, {now} FROM numbers; {analyze}",
            numbers(users),
            numbers(count),
        ))
        .await;
}

/// The list of faults, as the management listener shows it.
async fn shown(app: &TestApp) -> Vec<Value> {
    let report = app.management("/debug/faults").send().await.expect(200);
    let report = report.json();
    report
        .get("faults")
        .and_then(Value::as_array)
        .unwrap()
        .clone()
}
