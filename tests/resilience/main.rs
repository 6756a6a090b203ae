//! What the service does when something else fails: the database, the network, the disk, the client, the process itself.
//!
//! Every failure here is a real one, forced and not hoped for: locks held by another session, connections cut by a proxy, files that may not
//! grow, processes that are killed. One file for each idea.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::float_cmp,
    reason = "a failed fixture must fail the test"
)]

mod abandoned_transactions;
mod bare;
mod cache_equivalence;
mod cache_freshness;
mod cache_loads;
mod cancellation;
mod conflict;
mod database_down;
mod deadline;
mod direct;
mod disk_full;
mod error_texts;
mod faults;
mod handler_panic;
mod idempotency;
mod idempotency_after_kills;
mod idempotency_expiry;
mod idle_in_transaction;
mod interrupt;
mod pool_exhausted;
mod process_end;
mod replicas;
mod shutdown;
mod sqlite_locked;
mod statement_timeout;
mod unread_log;
mod writers;

use tests::{Outside, TestApp};

/// The service as a program.
const BINARY: &str = env!("CARGO_BIN_EXE_api-under-test");

/// The path of a user called Ada.
async fn existing_user(app: &TestApp) -> String {
    let id = app.create_user("Ada", "ada@example.com").await;
    format!("/api/v1/users/{id}")
}

/// One session to hold a lock, and one to look on: inside a transaction the first would see its first answer again and again.
async fn locker_and_observer(app: &TestApp) -> (Outside, Outside) {
    (
        Outside::of(&app.database).await,
        Outside::of(&app.database).await,
    )
}
