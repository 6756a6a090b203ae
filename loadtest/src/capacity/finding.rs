//! What a search for the capacity came to: the same in `capacity.json`, on the terminal and in
//! `capacity.html`.

use super::load::{Footprint, Load};
use super::saturation::Saturation;
use super::search::Outcome;
use crate::evidence::Host;
use crate::judge::Verdict;
use serde::{Deserialize, Serialize};

/// The version of the shape of `capacity.json`.
pub const SCHEMA: u32 = 1;

/// The whole search.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Capacity {
    /// The version of this shape: 1.
    pub schema: u32,
    /// When it began, RFC 3339 in UTC.
    pub started: String,
    /// The command, without passwords.
    pub command: String,
    /// The machine that the load came from.
    pub host: Host,
    /// What was asked for.
    pub plan: PlanShown,
    /// Every step, in its order.
    pub steps: Vec<Step>,
    /// The highest rate at which every budget holds.
    pub holds: Option<f64>,
    /// The lowest rate that was not held; None when there is none up to the highest that was tried.
    pub breaks: Option<f64>,
    /// Whether the highest rate held a second time.
    pub confirmed: bool,
    /// What gave way first.
    pub saturation: Option<Saturation>,
    /// What a request costs at the highest rate that holds; None without the target's metrics.
    pub footprint: Option<Footprint>,
    /// How the target died, if it did.
    pub died: Option<String>,
    /// PASS when the capacity was found, FAIL when no rate holds or the target died.
    pub verdict: Verdict,
    /// The verdict as a sentence.
    pub sentence: String,
    /// Whether it was interrupted, so that this is what was seen until then.
    pub interrupted: bool,
}

/// What was asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PlanShown {
    /// Whom it attacked.
    pub target: String,
    /// The first rate.
    pub start: f64,
    /// The bracket may be as wide as this share.
    pub precision: f64,
    /// The highest rate that may be tried; None is any.
    pub max: Option<f64>,
    /// Seconds of a round of a step.
    pub step_seconds: f64,
    /// Rounds of a step at most.
    pub rounds: u32,
    /// The seed of data, choices and arrivals.
    pub seed: u64,
    /// The file of the budgets.
    pub budgets: String,
}

/// One rate that was tried.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Requests per second that were due.
    pub rate: f64,
    /// Whether it was made to confirm an earlier one.
    pub again: bool,
    /// What became of it.
    pub outcome: Option<Outcome>,
    /// Rounds that it took.
    pub rounds: usize,
    /// Requests.
    pub requests: u64,
    /// Right answers per second.
    pub achieved: f64,
    /// Half of all requests took no longer.
    pub p50_ms: Option<f64>,
    /// 99 of 100 requests took no longer; None when it falls among failures.
    pub p99_ms: Option<f64>,
    /// The share of the requests that failed.
    pub error_share: f64,
    /// What stood against a pass.
    pub reasons: Vec<String>,
    /// Why the generator cannot be trusted.
    pub doubts: Vec<String>,
    /// How much of the target's resources was used; None without its metrics.
    pub load: Option<Load>,
    /// What a request cost.
    pub footprint: Option<Footprint>,
}

impl Capacity {
    /// The last step at this rate.
    #[must_use]
    pub fn at(&self, rate: f64) -> Option<&Step> {
        let same = |step: &&Step| step.rate.total_cmp(&rate).is_eq();
        self.steps.iter().rfind(same)
    }
}
