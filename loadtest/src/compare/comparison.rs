//! What a comparison came to: the same in `compare.json`, on the terminal and in `compare.html`.

use super::decision::{Compared, ComparedRoute};
use super::figures::Figures;
use crate::evidence::Host;
use crate::judge::Verdict;
use crate::numbers::ratio;
use crate::wording::{count, percent};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the shape of `compare.json`.
pub const SCHEMA: u32 = 1;

/// A whole comparison.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Comparison {
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
    /// What A is and did.
    pub a: SideShown,
    /// What B is and did.
    pub b: SideShown,
    /// Every pair, in its order.
    pub pairs: Vec<Pair>,
    /// Every measure that both sides have.
    pub measures: Vec<Compared>,
    /// The middle of each route; shown only.
    pub routes: Vec<ComparedRoute>,
    /// Whether B may take the place of A: FAIL when it is slower.
    pub verdict: Verdict,
    /// The verdict as a sentence.
    pub sentence: String,
    /// Whether it was interrupted, so that this is what was seen until then.
    pub interrupted: bool,
}

/// What was asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PlanShown {
    /// How requests came about, in words.
    pub load: String,
    /// Pairs of rounds.
    pub pairs: u32,
    /// Seconds of each round.
    pub round_seconds: f64,
    /// Seconds of the attack on each side before the first pair.
    pub warmup_seconds: f64,
    /// A smaller share is no difference.
    pub min_effect: f64,
    /// The probability to call something a difference that is none, over all measures.
    pub error: f64,
    /// The share of the requests that may fail.
    pub most_errors: f64,
    /// The seed of the order, of choices and arrivals.
    pub seed: u64,
}

/// What a side is and did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SideShown {
    /// The address, or the command, without passwords.
    pub what: String,
    /// Its version, in its own words.
    pub build: BTreeMap<String, String>,
    /// Its settings, in its own words.
    pub config: BTreeMap<String, String>,
    /// Requests in the pairs that count.
    pub requests: u64,
    /// Of these, those without a right answer.
    pub errors: u64,
    /// What was wrong with them, and how often.
    pub messages: BTreeMap<String, u64>,
    /// How it died, if it did.
    pub died: Option<String>,
}

/// Two rounds, one after the other.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    /// Whether B came first.
    pub b_first: bool,
    /// What A did.
    pub a: Figures,
    /// What B did.
    pub b: Figures,
    /// Why it does not count: the generator could not be trusted. It was made again.
    pub left_out: Vec<String>,
}

impl Pair {
    /// Whether it counts.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.left_out.is_empty()
    }
}

impl SideShown {
    /// The share of its requests that failed.
    #[must_use]
    pub fn error_share(&self) -> f64 {
        ratio(self.errors, self.requests)
    }

    /// Counts what it did in a pair.
    pub(super) fn add(&mut self, figures: &Figures) {
        self.requests += figures.requests;
        self.errors += figures.errors;
        for (message, times) in &figures.messages {
            *self.messages.entry(message.clone()).or_default() += times;
        }
    }

    /// `12 of 30 000 requests (0.04%)`, or `none`.
    fn failed(&self) -> String {
        if self.errors == 0 {
            return "none".to_owned();
        }
        let (errors, requests) = (count(self.errors), count(self.requests));
        format!(
            "{errors} of {requests} requests ({})",
            percent(self.error_share())
        )
    }
}

impl Comparison {
    /// The pairs that count.
    pub fn counted(&self) -> impl Iterator<Item = &Pair> {
        self.pairs.iter().filter(|pair| pair.counts())
    }

    /// What is to be said before any figure: that the sides do not fail alike.
    #[must_use]
    pub fn failures(&self) -> Option<String> {
        let (a, b) = (&self.a, &self.b);
        let failed = a.errors + b.errors > 0;
        failed.then(|| format!("A failed {}, B {}", a.failed(), b.failed()))
    }
}
