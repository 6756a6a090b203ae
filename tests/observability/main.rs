//! What the service says about itself is true: metrics against the traffic that made them, lines of the log, headers, probes.
//!
//! Tests look at differences of two scrapes, because a service also does things by itself (health checks, timers).

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed fixture must fail the test"
)]

mod access_levels;
mod access_line;
mod blocked;
mod captures;
mod cardinality;
mod catalogue;
mod collector_gone;
mod counts;
mod debug_page;
mod delta;
mod exemplars;
mod faults;
mod hang_up;
mod idempotency;
mod kept_traces;
mod labels;
mod migrations;
mod n_plus_one;
mod openmetrics;
mod prepares;
mod probes;
mod prometheus;
mod server_timing;
mod slow_query;
mod statements;
mod sums;
mod trace;
mod traffic;
