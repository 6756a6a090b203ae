//! What boards, rules and runbooks must keep, and the list of where one breaks it.

pub mod board;
pub mod faults;
