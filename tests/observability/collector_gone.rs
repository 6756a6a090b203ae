//! A collector that is down or does not answer: requests do not notice, a counter does.

use std::time::{Duration, Instant};

use tests::{
    Collector, DatabaseKind, TestApp, TestOptions, eventually, nobody, on_database,
    on_each_database_with,
};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    kept_traces::{exporting, trace_of},
    openmetrics::expose,
};

const DROPPED: (&str, [(&str, &str); 1]) = ("telemetry_dropped_total", [("signal", "traces")]);

/// Longer than any test takes.
const LONG_MS: u64 = 3_600_000;

fn to(address: &str, timeout_ms: u64) -> TestOptions {
    TestOptions::with(|config| {
        config.otlp_endpoint = format!("http://{address}");
        config.otlp_timeout_ms = timeout_ms;
        config.traces_share = 1.0;
    })
}

/// Accepts connections, and neither answers nor hangs up.
async fn silent_collector() -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let accepting = tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok(connection) = listener.accept().await {
            held.push(connection);
        }
    });
    (address, accepting)
}

async fn dropped(app: &TestApp) -> f64 {
    app.scrape().await.sum(DROPPED.0, &DROPPED.1)
}

/// Requests are answered, what they left for the collector is counted as dropped, at least a span for each, and nothing points there.
async fn nothing_but_the_counter_notices(app: &TestApp) {
    const REQUESTS: u8 = 20;
    let before = dropped(app).await;
    for _ in 0..REQUESTS {
        let response = app.get("/api/v1/users/9").send().await.expect(404);
        assert_eq!(trace_of(&response)[2], "01");
    }
    eventually("the spans are counted", async || {
        dropped(app).await - before >= f64::from(REQUESTS)
    })
    .await;
    // A trace that nobody has is no exemplar.
    assert!(!expose(app).await.text.contains("trace_id"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_down_is_noticed_by_a_counter_only() {
    let address = nobody().to_string();
    on_each_database_with(
        || to(&address, 10_000),
        async |app| nothing_but_the_counter_notices(&app).await,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_does_not_answer_is_noticed_by_a_counter_only() {
    let (address, accepting) = silent_collector().await;
    on_each_database_with(
        || to(&address, 200),
        async |app| nothing_but_the_counter_notices(&app).await,
    )
    .await;
    accepting.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_hanging_export_leaves_no_room_for_is_dropped_while_requests_are_answered() {
    let (address, accepting) = silent_collector().await;
    on_database(DatabaseKind::Sqlite, to(&address, LONG_MS), async |app| {
        // Each leaves more than it takes from the queue: nothing, once the export hangs. What fits in is bounded.
        for _ in 0..200 {
            let requests = (0..50).map(|_| tokio::spawn(app.get("/api/v1/users/9").send()));
            for request in requests.collect::<Vec<_>>() {
                let _ = request.await.unwrap().expect(404);
            }
            if dropped(&app).await > 0.0 {
                return;
            }
        }
        panic!("ten thousand requests found room");
    })
    .await;
    accepting.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_does_not_answer_does_not_keep_the_service_from_stopping() {
    let (address, accepting) = silent_collector().await;
    on_each_database_with(
        || to(&address, LONG_MS),
        async |app| {
            let _ = app.get("/api/v1/users/9").send().await.expect(404);
            let stopping = Instant::now();
            app.stop().await;
            let took = stopping.elapsed();
            assert!(took < Duration::from_secs(5), "{took:?}");
        },
    )
    .await;
    accepting.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_kept_is_exported_before_the_service_has_stopped() {
    let collector = Collector::start();
    on_each_database_with(
        || exporting(&collector, 1.0),
        async |app| {
            let response = app.get("/api/v1/users/9").send().await;
            let [trace, ..] = trace_of(&response);
            app.stop().await;
            assert!(!collector.of_trace(&trace).is_empty());
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_takes_everything_leaves_the_counter_alone() {
    let collector = Collector::start();
    on_each_database_with(
        || exporting(&collector, 1.0),
        async |app| {
            let response = app.get("/api/v1/users/9").send().await;
            collector.trace(&trace_of(&response)[0]).await;
            assert!(crate::delta::same(dropped(&app).await, 0));
        },
    )
    .await;
}
