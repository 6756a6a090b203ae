//! What boards, rules and runbooks must keep, and the list of where one breaks it.
//!
//! - [`expression`] judges one expression, wherever it stands.
//! - [`lint`] judges a board as Grafana reads it; [`links`] whether its links lead somewhere.
//! - [`rules`] judges rules and alerts, [`runbooks`] their pages.
//! - [`coverage`] asks whether all that is measured is looked at.

pub mod board;
pub mod coverage;
pub mod expression;
mod labels;
mod layout;
pub mod links;
pub mod lint;
mod query;
pub mod rules;
pub mod runbooks;
