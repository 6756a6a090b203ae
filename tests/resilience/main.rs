//! What the service does when something else fails: the database, the network, the disk, the client, the process itself.
//!
//! Every failure here is a real one, forced and not hoped for: locks held by another session, connections cut by a proxy, files that may not
//! grow, processes that are killed. One file for each idea.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a failed fixture must fail the test"
)]

mod abandoned_transactions;
mod cache_equivalence;
mod cache_freshness;
mod cache_loads;
mod cancellation;
mod conflict;
mod database_down;
mod direct;
mod disk_full;
mod pool_exhausted;
mod sqlite_locked;
mod statement_timeout;
