//! Faults that make connections scarce: who waits, for what, and that everything is given back.

use api::faults::Fault;
use serde_json::json;
use tests::{Scrape, TestApp, TestOptions, eventually, on_each_database_with};
use tokio::task::JoinSet;

use super::{assert_ended, done, risen, switch, wired};
use crate::delta::{Delta, same};

/// Fewer than wait for a lock time-out, more than there are connections.
const WRITERS: usize = 6;
const STATE: &str = "db_client_connection_state";
const POOL: &str = "db_client_connection_pool_name";

/// Small pools, and patience: nobody gives up because this machine is slow.
fn patient() -> TestOptions {
    let mut options = wired();
    options.config.pool_size = 2;
    options.config.pool_wait_timeout_ms = 60_000;
    options.config.statement_timeout_ms = 60_000;
    options.config.lock_timeout_ms = 60_000;
    options.config.deadline_ms = 60_000;
    options
}

/// The pool of writers.
fn pool(app: &TestApp) -> &'static str {
    if app.is_sqlite() {
        "sqlite_writer"
    } else {
        "postgres"
    }
}

/// Begins to make as many posts side by side. Those that are not answered are an error.
fn begin_to_write(app: &TestApp, author: &str) -> JoinSet<u16> {
    let post = json!({ "author_id": author, "title": "Title", "body": "Text" });
    let write = |_| {
        let answer = app.post("/api/v1/posts").json(&post).send();
        async { answer.await.status.as_u16() }
    };
    (0..WRITERS).map(write).collect()
}

async fn write(app: &TestApp, author: &str) {
    let statuses = begin_to_write(app, author).join_all().await;
    assert_eq!(statuses, [201; WRITERS]);
}

/// Whether all connections are taken and somebody waits.
fn is_starved(scrape: &Scrape, pool: &'static str) -> bool {
    let pool = (POOL, pool);
    let used = scrape.sum("db_client_connections", &[pool, (STATE, "used")]);
    let max = scrape.sum("db_client_connection_max", &[pool]);
    let pending = scrape.sum("db_client_connection_pending_requests", &[pool]);
    used > max - 0.5 && pending > 0.5
}

async fn given_back(app: &TestApp) {
    eventually("every connection is given back", async || {
        let used = [(STATE, "used")];
        same(app.scrape().await.sum("db_client_connections", &used), 0)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_wait_for_a_lock_that_is_taken_again_and_again() {
    on_each_database_with(patient, async |app| {
        let author = app.create_user("Ada", "ada@example.com").await;
        let before = app.scrape().await;
        switch(&app, Fault::LockWait, true).await;
        let mut delta = None;
        eventually("writers wait", async || {
            write(&app, &author).await;
            let after = app.scrape().await;
            let now = Delta {
                before: before.clone(),
                after,
            };
            let waits = if app.is_sqlite() {
                let (pool, family) = ((POOL, pool(&app)), "db_client_connection_wait_time_seconds");
                let quick = now.of(&format!("{family}_bucket"), &[pool, ("le", "0.025")]);
                now.of(&format!("{family}_count"), &[pool]) - quick
            } else {
                let query = [("db_query_summary", "posts.insert")];
                now.of("db_client_operation_over_budget_total", &query)
            };
            delta = Some(now);
            waits > 5.5
        })
        .await;
        let delta = delta.unwrap();
        assert!(done(&delta.after, Fault::LockWait) > 0.5);
        assert_eq!(risen(&delta), Vec::<&str>::new());
        switch(&app, Fault::LockWait, false).await;
        assert_ended(&app, Fault::LockWait).await;
        write(&app, &author).await;
        given_back(&app).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_small_pool_everything_is_taken_and_still_everybody_has_a_turn() {
    on_each_database_with(patient, async |app| {
        let author = app.create_user("Ada", "ada@example.com").await;
        let before = app.scrape().await;
        switch(&app, Fault::SmallPool, true).await;
        for _ in 0..2 {
            let mut writers = None;
            eventually("the pool is starved", async || {
                let writers = writers.get_or_insert_with(|| begin_to_write(&app, &author));
                if writers.is_empty() {
                    *writers = begin_to_write(&app, &author);
                }
                let starved = is_starved(&app.scrape().await, pool(&app));
                while let Some(status) = writers.try_join_next() {
                    assert_eq!(status.unwrap(), 201);
                }
                starved
            })
            .await;
            let statuses = writers.unwrap().join_all().await;
            assert!(statuses.iter().all(|status| *status == 201), "{statuses:?}");
        }
        let after = app.scrape().await;
        assert!(done(&after, Fault::SmallPool) > 1.5);
        assert_eq!(risen(&Delta { before, after }), Vec::<&str>::new());
        switch(&app, Fault::SmallPool, false).await;
        assert_ended(&app, Fault::SmallPool).await;
        given_back(&app).await;
        write(&app, &author).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leaked_connections_are_missed_until_they_are_given_back() {
    let options = || {
        let mut options = patient();
        options.config.pool_wait_timeout_ms = 200;
        options
    };
    on_each_database_with(options, async |app| {
        let author = app.create_user("Ada", "ada@example.com").await;
        for round in 1..=2_u8 {
            let before = app.scrape().await;
            switch(&app, Fault::LeakedConnection, true).await;
            eventually("all connections have leaked", async || {
                let writers = begin_to_write(&app, &author);
                let starved = is_starved(&app.scrape().await, pool(&app));
                let statuses = writers.join_all().await;
                starved && statuses == [503; WRITERS]
            })
            .await;
            let after = app.scrape().await;
            // SQLite has one writer; two workers have two connections each.
            let leaked = if app.is_sqlite() { 1 } else { 4 };
            let all = usize::from(round) * leaked;
            assert!(same(done(&after, Fault::LeakedConnection), all));
            assert_eq!(risen(&Delta { before, after }), ["errors 503", "time-outs"]);
            switch(&app, Fault::LeakedConnection, false).await;
            given_back(&app).await;
            write(&app, &author).await;
        }
        assert_ended(&app, Fault::LeakedConnection).await;
    })
    .await;
}
