//! What a run leaves: facts, no opinions. It is written whole into `run.json`, so that a verdict can
//! be given again, with other budgets, without sending anything ([`crate::judge`]), and so that
//! several generators' evidence can be put together by adding ([`merge`]).
//!
//! `rounds` is what the generator saw, [`crate::probe::Window`] what the target counted.

mod histogram;
mod host;
mod merge;
mod names;
mod rounds;

pub use histogram::{Histogram, edge_of, is_edge, slot};
pub use host::Host;
pub use merge::{MergeError, merge};
pub use names::MetricNames;
pub use rounds::{Cell, GeneratorRecord, Round, RouteRecord, SlowRequest};

use crate::probe::Window;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Everything that is known of a run.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Evidence {
    /// When it began, RFC 3339 in UTC.
    pub started: String,
    /// The command, without passwords.
    pub command: String,
    /// What it amounted to.
    pub plan: PlanShown,
    /// The machine that the load came from.
    pub host: Host,
    /// The rounds, in their order.
    pub rounds: Vec<Round>,
    /// The target's metrics before the first round and after the last; None where it has none, or
    /// could not be asked.
    pub target: Option<Window>,
    /// What the target's metrics are called.
    #[serde(default)]
    pub metrics: MetricNames,
    /// Why the target could not be asked any more, if it died.
    pub target_died: Option<String>,
    /// Whether the run was interrupted, so that this is what was seen until then.
    pub interrupted: bool,
    /// Parts of the schedule, counted from 0, whose evidence is not in here although others' is.
    #[serde(default)]
    pub missing_shards: BTreeSet<u32>,
}

/// What was asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PlanShown {
    /// The profile, or the scenario file.
    pub profile: String,
    /// Whom it attacked: an address, or a service of its own on a database.
    pub target: String,
    /// `poisson`, `constant` or `closed`.
    pub arrival: String,
    /// Requests per second that were wanted, in words; None in a closed model.
    pub rate: Option<String>,
    /// Users at the begin of a round.
    pub users: u64,
    /// Users at most.
    pub max_users: u64,
    /// `http1` or `goose`.
    pub lane: String,
    /// Whether it is only shown, and nothing in it judged but whether the target lives.
    #[serde(default)]
    pub shown_only: bool,
    /// Seconds of the attack before the measured ones.
    pub warmup_seconds: f64,
    /// Seconds of each round.
    pub round_seconds: f64,
    /// Rounds at least and at most.
    pub rounds: (u32, u32),
    /// The seed of data, choices and arrivals.
    pub seed: u64,
    /// Which part of the schedule this generator sent, and of how many: `(0, 1)` is all of it.
    pub shard: (u32, u32),
}
