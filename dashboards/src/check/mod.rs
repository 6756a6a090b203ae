//! What boards, rules and runbooks must keep, and the list of where one breaks it.
//!
//! [`expression`] judges one expression, wherever it stands.

pub mod board;
pub mod expression;
pub mod faults;
mod labels;
