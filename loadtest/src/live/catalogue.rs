//! Every metric of a run that is looked at while it runs: name, kind, labels and help.
//!
//! The contract with the boards, as the service's own catalogue is. **A new metric**: a line here, a field in
//! `board`, a panel that shows it.

/// One metric family.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Family {
    /// The exposed name; counters end in `_total`.
    pub name: &'static str,
    /// Counter, gauge or histogram.
    pub kind: Kind,
    /// The labels, in the order in which values are given.
    pub labels: &'static [&'static str],
    /// What it says, as exposed.
    pub help: &'static str,
}

/// The kind of a metric family.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Only ever grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts observations in buckets with these upper bounds.
    Histogram(&'static [f64]),
}

/// Upper bounds in seconds: those of the service's `http_server_request_duration_seconds`, so that ratios of
/// the two are exact.
pub const REQUEST_SECONDS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 1.0, 2.5,
];
/// Upper bounds in seconds of how late a free user begins.
pub const SLIP_SECONDS: &[f64] = &[0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1];

/// The values of the label `phase`.
pub const PHASES: [&str; 2] = ["warm-up", "measured"];
/// The values of the label `outcome`: a right answer; a wrong one, or none; no connection.
pub const OUTCOMES: [&str; 3] = ["right", "wrong", "unsent"];

/// The names of labels.
pub mod label {
    /// Whether requests wait for the answers before them.
    pub const ARRIVAL: &str = "arrival";
    /// How requests reach the target.
    pub const LANE: &str = "lane";
    /// How a request ended: one of [`OUTCOMES`](super::OUTCOMES).
    pub const OUTCOME: &str = "outcome";
    /// One of [`PHASES`](super::PHASES).
    pub const PHASE: &str = "phase";
    /// The name of the run's settings.
    pub const PROFILE: &str = "profile";
    /// How many requests are due, and for how long.
    pub const RATE: &str = "rate";
    /// The route, with its method.
    pub const ROUTE: &str = "route";
    /// The name of the run.
    pub const RUN: &str = "run";
    /// Of the random numbers.
    pub const SEED: &str = "seed";
    /// What is asked.
    pub const TARGET: &str = "target";
    /// How many users there are.
    pub const USERS: &str = "users";
    /// Of the harness.
    pub const VERSION: &str = "version";
}

use Kind::{Counter, Gauge, Histogram};
use label::{
    ARRIVAL, LANE, OUTCOME, PHASE, PROFILE, RATE, ROUTE, RUN, SEED, TARGET, USERS as USERS_LABEL,
    VERSION,
};

macro_rules! catalogue {
    ($($const:ident: $kind:expr, $name:literal, [$($label:expr),*], $help:literal;)+) => {
        $(
            #[doc = $help]
            pub const $const: Family = Family { name: $name, kind: $kind, labels: &[$($label),*], help: $help };
        )+

        /// Every metric family of a run.
        pub const CATALOGUE: &[Family] = &[$($const),+];
    };
}

catalogue! {
    REQUESTS: Counter, "loadtest_requests_total", [PHASE, ROUTE, OUTCOME], "Requests that have ended, by how: right, wrong (or no answer), unsent (no connection).";
    OVER_BUDGET: Counter, "loadtest_over_budget_total", [PHASE, ROUTE], "Requests that took longer than the route's first promise allows, or failed.";
    DURATION: Histogram(REQUEST_SECONDS), "loadtest_request_duration_seconds", [PHASE, ROUTE], "Right answers, from when the request was due to the last byte.";
    USERS: Gauge, "loadtest_users", [], "Users that were let in.";
    DUE: Counter, "loadtest_tickets_due_total", [], "Requests that the schedule wanted; 0 in a closed model.";
    BEGUN: Counter, "loadtest_tickets_begun_total", [], "Requests that were begun and have ended.";
    WAITED: Counter, "loadtest_tickets_waited_total", [], "Requests that no user was free for when they were due; all of them in a closed model.";
    SLIP: Histogram(SLIP_SECONDS), "loadtest_generator_slip_seconds", [], "How late a free user began a request; this program's own lateness.";
    GAPS: Counter, "loadtest_generator_gaps_total", [], "Times of over 50 ms in which this program did not run.";
    RUN_INFO: Gauge, "loadtest_run_info", [RUN, PROFILE, TARGET, ARRIVAL, RATE, USERS_LABEL, LANE, SEED, VERSION], "1 while the run runs; the labels say what it does.";
}
