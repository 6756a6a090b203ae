//! What tests stand on: the real application on free ports, with its own registry, log and database.
//!
//! A test runs on SQLite and, where `TEST_DATABASE_URL` names a PostgreSQL server, on that too; see [`on_each_database`].

#![expect(missing_docs, reason = "the tests show how it is used")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::missing_panics_doc,
    clippy::missing_errors_doc,
    reason = "a failed fixture must fail the test"
)]
#![expect(
    clippy::must_use_candidate,
    reason = "what a test asks for and does not look at harms nobody"
)]

mod app;
mod collector;
mod database;
mod http;
mod log;
mod metrics;
mod outside;
mod process;
mod programs;
mod prometheus;
mod proxy;
mod raw;

pub use app::{TestApp, TestOptions};
pub use collector::{Collector, SpanKind, SpanReceived, nobody};
pub use database::{DatabaseKind, TestDatabase, connect, say, say_skipped};
pub use http::{Request, Response};
pub use log::tracing_lines;
pub use metrics::Scrape;
pub use outside::Outside;
pub use process::{Process, ProcessOptions};
pub use programs::{is_installed, processes};
pub use prometheus::Prometheus;
pub use proxy::Proxy;
pub use raw::{RawConnection, RawResponse};

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// Runs `test` on a fresh application on SQLite and, where a server is given, on PostgreSQL.
pub async fn on_each_database(test: impl AsyncFn(TestApp)) {
    on_each_database_with(TestOptions::default, test).await;
}

/// The same with options.
pub async fn on_each_database_with(options: impl Fn() -> TestOptions, test: impl AsyncFn(TestApp)) {
    for kind in database::kinds() {
        on_database(kind, options(), &test).await;
    }
}

/// Runs `test` on an empty database of each kind, for what happens before or beside an application.
pub async fn on_each_empty_database(test: impl AsyncFn(Arc<TestDatabase>)) {
    for kind in database::kinds() {
        on_empty_database(kind, &test).await;
    }
}

/// Runs `test` on an empty database of one kind, where there is one.
pub async fn on_empty_database(kind: DatabaseKind, test: impl AsyncFnOnce(Arc<TestDatabase>)) {
    if database::kinds().contains(&kind) {
        println!("on {}", kind.name());
        let database = Arc::new(database::create(kind).await);
        test(Arc::clone(&database)).await;
        database.remove().await;
    } else {
        say_skipped(&format!("{}: set TEST_DATABASE_URL", kind.name()));
    }
}

/// Runs `test` on a fresh application on one kind of database, where there is one.
pub async fn on_database(
    kind: DatabaseKind,
    options: TestOptions,
    test: impl AsyncFnOnce(TestApp),
) {
    if database::kinds().contains(&kind) {
        println!("on {}", kind.name());
        let database = Arc::new(database::create(kind).await);
        test(TestApp::spawn_shared(Arc::clone(&database), options).await).await;
        // Here and not where the application is dropped: what is spawned there ends with the test's runtime.
        database.remove().await;
    } else {
        println!("skipped: it needs {}", kind.name());
    }
}

/// Asks `condition` until it is true. Fails after ten seconds.
pub async fn eventually(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let ask = async || condition().await.then_some(());
    answer_within(Duration::from_secs(10), what, ask).await;
}

/// Asks until there is an answer: the only way in which a test waits.
pub async fn answer_within<T>(
    limit: Duration,
    what: &str,
    mut ask: impl AsyncFnMut() -> Option<T>,
) -> T {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        let seconds = limit.as_secs();
        assert!(Instant::now() < deadline, "{what}: not within {seconds} s");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
