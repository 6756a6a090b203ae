//! The check that a board tells the truth about the service.
//!
//! - [`promql`] reads an expression as far as the check needs: which metrics, labels and ranges stand in it.
//! - [`board`] finds the expressions of a board.
//! - [`check`] lists the faults of a board, against the metrics that the service registers.
//!
//! The boards themselves are in `grafana/`, the metrics in [`api::telemetry`]. A new rule for boards goes into [`check`],
//! together with an injected fault in `tests/overview.rs` that proves it.

pub mod board;
pub mod check;
pub mod promql;
