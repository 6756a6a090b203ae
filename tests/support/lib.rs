//! What tests stand on: the real application on free ports, with its own registry, log and database.
//!
//! A test runs on SQLite and, where `TEST_DATABASE_URL` names a PostgreSQL server, on that too; see [`on_each_database`].

#![expect(missing_docs, reason = "the tests show how it is used")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a failed fixture must fail the test"
)]

mod app;
mod database;
mod http;
mod log;
mod metrics;
mod outside;
mod process;
mod proxy;
mod raw;

pub use app::{TestApp, TestOptions};
pub use database::{DatabaseKind, TestDatabase};
pub use http::{Request, Response};
pub use log::tracing_lines;
pub use metrics::Scrape;
pub use outside::Outside;
pub use process::{Process, ProcessOptions};
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
    for database in database::kinds() {
        println!("on {}", database.name());
        let app = TestApp::spawn_on(database::create(database).await, options()).await;
        test(app).await;
    }
}

/// Runs `test` on an empty database of each kind, for what happens before or beside an application.
pub async fn on_each_empty_database(test: impl AsyncFn(Arc<TestDatabase>)) {
    for kind in database::kinds() {
        println!("on {}", kind.name());
        let database = Arc::new(database::create(kind).await);
        test(Arc::clone(&database)).await;
        database.remove().await;
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
        test(TestApp::spawn_on(database::create(kind).await, options).await).await;
    }
}

/// Asks `condition` until it is true. Fails after ten seconds: the only way in which a test waits.
pub async fn eventually(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !condition().await {
        assert!(Instant::now() < deadline, "{what}: not within ten seconds");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
