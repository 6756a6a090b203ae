//! The harness itself, as a program: what it says of targets whose latency is known exactly, and how it ends when something goes wrong.
//!
//! Nothing here depends on how fast the machine is. A delay is never shorter than it was asked to be, so lower bounds are physics; upper
//! bounds are wide, and say what they are there to tell apart. Where a slow machine would make the generator untrusted, a test's budgets
//! allow it to be slow. What is a matter of speed is measured by `benches/generators.sh`.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed fixture must fail the test"
)]

mod any_service;
mod audit;
mod bad_targets;
mod bodies;
mod budgets;
mod ends;
mod generator;
mod liar;
mod live;
mod percentiles;
mod report;
mod run;
mod server;
mod side_by_side;
mod stalls;
mod tls;

/// The harness as a program.
const BINARY: &str = env!("CARGO_BIN_EXE_loadtest-under-test");
