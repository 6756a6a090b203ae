//! Faults of a thread that does not come to its work, and of a cache that everybody asks at once.

use api::{config::Switch, faults::Fault};
use tests::{Scrape, TestApp, TestOptions, eventually, on_each_database_with};
use tokio::task::JoinSet;

use super::{assert_ended, done, risen, switch, wired};
use crate::delta::Delta;

const CLIENTS: usize = 64;

#[tokio::test(flavor = "multi_thread")]
async fn the_timers_of_a_blocked_worker_come_late() {
    on_each_database_with(wired, async |app| {
        let before = app.scrape().await;
        let late = |scrape: &Scrape| {
            let (family, worker) = ("tokio_worker_loop_lag_seconds", ("worker", "0"));
            let in_time = scrape.sum(&format!("{family}_bucket"), &[worker, ("le", "0.05")]);
            scrape.sum(&format!("{family}_count"), &[worker]) - in_time
        };
        switch(&app, Fault::BlockedWorker, true).await;
        let mut after = before.clone();
        eventually("its timers come late", async || {
            after = app.scrape().await;
            late(&after) - late(&before) > 2.5
        })
        .await;
        assert!(done(&after, Fault::BlockedWorker) > 2.5);
        assert_eq!(risen(&Delta { before, after }), Vec::<&str>::new());
        switch(&app, Fault::BlockedWorker, false).await;
        assert_ended(&app, Fault::BlockedWorker).await;
    })
    .await;
}

fn cached() -> TestOptions {
    let mut options = wired();
    options.config.cache = Switch::On;
    options.config.deadline_ms = 60_000;
    options
}

/// As many clients ask for the same user at the same time.
async fn ask(app: &TestApp, path: &str) {
    let asking: JoinSet<_> = (0..CLIENTS).map(|_| app.get(path).send()).collect();
    for answer in asking.join_all().await {
        drop(answer.expect(200));
    }
}

fn gets(delta: &Delta, result: &str) -> f64 {
    delta.of(
        "cache_gets_total",
        &[("cache_name", "users"), ("result", result)],
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_stampede_many_wait_for_each_load() {
    on_each_database_with(cached, async |app| {
        let id = app.create_user("Ada", "ada@example.com").await;
        let path = format!("/api/v1/users/{id}");
        ask(&app, &path).await;
        let before = app.scrape().await;
        switch(&app, Fault::CacheStampede, true).await;
        let mut delta = None;
        eventually("many wait for each load", async || {
            ask(&app, &path).await;
            let (before, after) = (before.clone(), app.scrape().await);
            let now = delta.insert(Delta { before, after });
            gets(now, "coalesced") > 20.0 * gets(now, "miss") && gets(now, "miss") > 0.5
        })
        .await;
        let delta = delta.unwrap();
        assert!(done(&delta.after, Fault::CacheStampede) > 0.5);
        assert_eq!(risen(&delta), Vec::<&str>::new());
        switch(&app, Fault::CacheStampede, false).await;
        // Whoever comes after what is under way finds it cached.
        ask(&app, &path).await;
        let before = app.scrape().await;
        ask(&app, &path).await;
        let after = app.scrape().await;
        let delta = Delta { before, after };
        assert!(gets(&delta, "coalesced") + gets(&delta, "miss") < 0.5);
        assert!(
            done(&delta.after, Fault::CacheStampede) - done(&delta.before, Fault::CacheStampede)
                < 0.5
        );
    })
    .await;
}
