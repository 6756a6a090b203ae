//! Everything that boards and runbooks ask, asked of a Prometheus that runs; and whether what the service counts adds up.
//!
//! - [`panels`] judges what the panels were answered: the same answers that the [preview](crate::preview) draws.
//! - [`questions`] are the others: annotations, variables, runbooks, and the rules themselves.
//! - [`sums`] are figures that are counted in different places and must be the same.
//! - [`figures`] is what telemetry itself costs.
//! - [`proof`] starts a stack under load and does all of that.
//!
//! Each yields [`Finding`]s, as the load harness's audit does. A further check is a function that yields some.

pub mod figures;
pub mod panels;
pub mod proof;
pub mod questions;
pub mod sums;

pub use loadtest::judge::{Finding, Verdict};

/// What was checked of a subject, and whether it holds.
fn finding(subject: &str, promise: &str, holds: bool, message: impl Into<String>) -> Finding {
    let verdict = if holds { Verdict::Pass } else { Verdict::Fail };
    Finding::new(verdict, subject, promise, message)
}

/// One finding over many: a line for each that is wrong, or one line that says how many there were.
fn over_all(
    subject: &str,
    promise: &str,
    wrong: Vec<String>,
    all: impl Into<String>,
) -> Vec<Finding> {
    if wrong.is_empty() {
        return vec![finding(subject, promise, true, all)];
    }
    wrong
        .into_iter()
        .map(|message| finding(subject, promise, false, message))
        .collect()
}
