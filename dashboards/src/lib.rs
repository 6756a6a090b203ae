//! Boards, rules, alerts and runbooks for the service, and the proof that they work.
//!
//! - [`catalogue`] is every series that exists when everything runs.
//! - [`model`] is what a board is, [`promql`] writes and reads expressions; both know the metrics by the service's own constants.
//! - [`boards`] are the boards, [`grafana`] writes them down as Grafana reads them.
//! - [`prometheus`] asks Prometheus and Alertmanager.
//! - [`preview`] draws boards as a page.
//! - [`check`] lists what is wrong with a board, a rule or a runbook.
//! - [`outputs`] is every generated file.
//!
//! [`commands`] has every command.

pub mod boards;
pub mod catalogue;
pub mod check;
pub mod commands;
pub mod grafana;
pub mod model;
pub mod outputs;
pub mod preview;
pub mod prometheus;
pub mod promql;
