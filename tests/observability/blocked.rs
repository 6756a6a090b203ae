//! A request that hangs in the database, because somebody else holds a lock.

use api::telemetry::catalogue::POOL_CONNECTIONS;
use tests::{Outside, Scrape, TestApp, TestOptions, eventually};

/// Patient enough that nothing gives up while a lock is held.
pub fn patient() -> TestOptions {
    TestOptions::with(|config| {
        config.pool_wait_timeout_ms = 20_000;
        config.statement_timeout_ms = 20_000;
        config.lock_timeout_ms = 20_000;
        config.deadline_ms = 20_000;
    })
}

/// Returns when a write of `app` waits for a lock that somebody else holds.
pub async fn a_write_waits(app: &TestApp) {
    if app.is_sqlite() {
        eventually("the writer waits", async || {
            writer_is_busy(&app.scrape().await)
        })
        .await;
    } else {
        let mut observer = Outside::of(&app.database).await;
        eventually("a session waits", async || {
            observer.waiting_sessions().await > 0
        })
        .await;
    }
}

fn writer_is_busy(scrape: &Scrape) -> bool {
    let writer = [
        ("db_client_connection_pool_name", "sqlite_writer"),
        ("db_client_connection_state", "used"),
    ];
    scrape.sum(POOL_CONNECTIONS.name, &writer) > 0.0
}
