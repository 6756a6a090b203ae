//! Boards, rules, alerts and runbooks for the service, and the proof that they work.
//!
//! - [`catalogue`] is every series that exists when everything runs.
//! - [`model`] is what a board is, [`promql`] writes and reads expressions; both know the metrics by the service's own constants.
//! - [`boards`] are the boards, [`grafana`] writes them down as Grafana reads them.
//! - [`rules`] is what Prometheus records and when it raises an alert, [`alertmanager`] who is told.
//! - [`prometheus`] asks Prometheus and Alertmanager.
//! - [`preview`] draws boards as a page.
//! - [`check`] lists what is wrong with a board, a rule or a runbook.
//! - [`stack`] is service, load, Prometheus, Alertmanager and the [`catcher`] of its messages, on this machine.
//! - [`live`] asks everything that boards ask, and sees that it adds up.
//! - [`drill`] breaks something in it and sees that the alert for it finds it.
//! - [`outputs`] is every generated file.
//!
//! [`commands`] has every command.

pub mod alertmanager;
pub mod boards;
pub mod catalogue;
pub mod catcher;
pub mod check;
pub mod commands;
pub mod drill;
pub mod grafana;
pub mod live;
pub mod model;
pub mod outputs;
pub mod preview;
pub mod prometheus;
pub mod promql;
pub mod rules;
pub mod stack;

/// The examples of README are compiled and run as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
