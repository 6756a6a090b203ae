//! One load for any number of waiting callers, whoever of them goes away.

use std::{sync::Arc, time::Duration};

use api::{
    app::Parts,
    cache::{Cache, CacheOptions},
    database::DatabaseError,
    faults::Faults,
};
use tests::{DatabaseKind, Outside, Scrape, TestApp, TestOptions, eventually, on_database};
use tokio::{sync::Notify, task::JoinSet, time::timeout};

use crate::{existing_user, locker_and_observer};

fn patient() -> TestOptions {
    TestOptions::with(|config| {
        config.statement_timeout_ms = 60_000;
        config.lock_timeout_ms = 60_000;
        config.deadline_ms = 60_000;
    })
}

async fn in_flight(app: &TestApp, count: f64) {
    eventually("all requests are being served", async || {
        (app.scrape().await.sum("http_server_active_requests", &[]) - count).abs() < f64::EPSILON
    })
    .await;
}

/// How many look-ups of users ended so.
fn gets(scrape: &Scrape, result: &str) -> f64 {
    scrape.sum(
        "cache_gets_total",
        &[("cache_name", "users"), ("result", result)],
    )
}

fn queries(scrape: &Scrape, error_type: &str) -> f64 {
    let labels = [
        ("db_query_summary", "users.find_by_id"),
        ("error_type", error_type),
    ];
    scrape.sum("db_client_operation_duration_seconds_count", &labels)
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_requests_for_one_user_at_once_cost_one_query() {
    on_database(DatabaseKind::Postgres, patient(), async |app| {
        let path = existing_user(&app).await;
        let mut outside = Outside::of(&app.database).await;
        outside.lock_everything().await;
        let mut clients: JoinSet<_> = (0..50).map(|_| app.get(&path).try_send()).collect();
        in_flight(&app, 50.0).await;
        outside.unlock().await;
        while let Some(answer) = clients.join_next().await {
            drop(answer.unwrap().unwrap().expect(200));
        }
        let scrape = app.scrape().await;
        assert_eq!([gets(&scrape, "miss"), queries(&scrape, "")], [1.0, 1.0]);
        assert_eq!(gets(&scrape, "coalesced"), 49.0, "{}", scrape.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_client_that_loads_hangs_up_another_takes_over() {
    on_database(DatabaseKind::Postgres, patient(), async |app| {
        let path = existing_user(&app).await;
        let (mut locker, mut observer) = locker_and_observer(&app).await;
        locker.lock_everything().await;
        let leader = tokio::spawn(app.get(&path).try_send());
        eventually("it loads", async || observer.waiting_sessions().await == 1).await;
        let mut others: JoinSet<_> = (0..5).map(|_| app.get(&path).try_send()).collect();
        in_flight(&app, 6.0).await;

        leader.abort();
        in_flight(&app, 5.0).await;
        eventually("another one loads", async || {
            observer.waiting_sessions().await == 1
        })
        .await;
        locker.unlock().await;
        while let Some(answer) = others.join_next().await {
            drop(answer.unwrap().unwrap().expect(200));
        }
        let scrape = app.scrape().await;
        assert_eq!(
            [queries(&scrape, "cancelled"), queries(&scrape, "")],
            [1.0, 1.0]
        );
        assert_eq!(
            [gets(&scrape, "miss"), gets(&scrape, "coalesced")],
            [1.0, 4.0]
        );
        assert_eq!(scrape.sum("cache_loads_in_flight", &[]), 0.0);
    })
    .await;
}

fn cache() -> Cache<u32> {
    let options = CacheOptions {
        faults: Faults::default(),
        enabled: true,
        capacity: 10,
        ttl: Duration::from_mins(1),
        negative_ttl: Duration::from_mins(1),
        write_settles_within: Duration::from_mins(1),
    };
    Cache::new("test", &options, &Parts::metrics().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_that_a_write_overtakes_is_never_served_to_those_who_come_after_the_write() {
    let cache = cache();
    let (started, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let slow_load = {
        let (cache, started, go_on) = (cache.clone(), Arc::clone(&started), Arc::clone(&go_on));
        tokio::spawn(async move {
            let load = || async {
                started.notify_one();
                go_on.notified().await;
                Ok(Some(1))
            };
            cache.get(7, load).await
        })
    };
    started.notified().await;
    let written: Result<(), DatabaseError> = cache.writing([7]).settle(Ok(()), |_| false).await;
    written.unwrap();
    // While the old load still runs, and after it.
    let fresh = cache.get(7, async || Ok(Some(2)));
    let fresh = timeout(Duration::from_secs(10), fresh).await;
    let fresh = fresh.expect("it does not wait for the old load").unwrap();
    assert_eq!(fresh.as_deref(), Some(&2));
    go_on.notify_one();
    let old = slow_load.await.unwrap().unwrap();
    assert_eq!(old.as_deref(), Some(&1));
    let fresh = cache.get(7, async || Ok(Some(3))).await.unwrap();
    assert_eq!(fresh.as_deref(), Some(&2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_that_fails_is_not_kept() {
    let cache = cache();
    let failing = async || Err(crate::direct::an_error().await);
    assert!(cache.get(7, failing).await.is_err());
    let value = cache.get(7, async || Ok(Some(1))).await.unwrap();
    assert_eq!(value.as_deref(), Some(&1));
}
