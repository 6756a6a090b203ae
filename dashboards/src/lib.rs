//! Boards, rules, alerts and runbooks for the service, and the proof that they work.
//!
//! - [`model`] is what a board is, [`promql`] writes and reads expressions; both know the metrics by the service's own constants.
//! - [`check`] lists what is wrong with a board, a rule or a runbook.
//! - [`stack`] is service, load, Prometheus, Alertmanager and the [`catcher`] of its messages, on this machine.
//!
//! [`commands`] has every command.

pub mod catcher;
pub mod check;
pub mod commands;
pub mod model;
pub mod promql;
pub mod stack;
