//! The rule for a promise about a share: so many were counted, so many of them were over.
//!
//! Exact bounds on the true share, at the error that this look may spend, of as many requests as
//! those counted are worth when they came in clusters. PASS if the upper bound is within what is
//! allowed, FAIL if the lower one is beyond it and enough rounds show it.

use super::finding::{Finding, Verdict};
use crate::budgets::Budgets;
use crate::numbers::{count, ratio, whole};
use crate::statistics::{Block, design_effect, error_at_look, lower_bound, upper_bound};
use crate::wording::{self, percent};

/// More rounds than this nobody waits for.
const ROUNDS: u32 = 100;
/// With so many times the requests that there are, the end of what is worth waiting for is reached.
const FAR: u64 = 1_000;

/// How sure a verdict must be.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The probability of being wrong that all looks together may have.
    pub total_error: f64,
    /// Which look this is, counted from 1.
    pub look: u32,
    /// The share of the rounds that must show what is called broken.
    pub rounds_agree: f64,
}

/// What was counted for one promise.
#[derive(Clone, Debug, Default)]
pub struct Counted {
    /// By block of time, over all rounds; one block where only the whole is known.
    pub blocks: Vec<Block>,
    /// By round; empty where only the whole is known.
    pub rounds: Vec<Block>,
}

/// What is known of a share.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// All of them, and those over.
    pub total: Block,
    /// Their share.
    pub share: f64,
    /// The true share is at least this…
    pub lower: f64,
    /// … and at most this.
    pub upper: f64,
    /// How many requests are worth one that knows nothing of the others.
    pub design_effect: f64,
}

impl Rule {
    /// The rule of a budgets file at a look, counted from 1.
    #[must_use]
    pub fn at_look(budgets: &Budgets, look: u32) -> Self {
        Self {
            total_error: 1.0 - budgets.confidence,
            look,
            rounds_agree: budgets.rounds_agree.0,
        }
    }

    /// The probability of being wrong that this look may spend.
    #[must_use]
    pub fn error(&self) -> f64 {
        self.error_after(0)
    }

    /// The same so many looks later.
    fn error_after(&self, looks: u32) -> f64 {
        error_at_look(self.total_error, self.look.saturating_add(looks))
    }

    /// Judges the promise that no more than the share `allowed` is over. `what` begins the sentence
    /// with what was measured, `unit` is what was counted.
    #[must_use]
    pub fn judge(
        &self,
        finding: Finding,
        counted: &Counted,
        allowed: f64,
        what: &str,
        unit: &str,
    ) -> Finding {
        let bounds = Bounds::of(counted, self.error());
        let agreeing = Agreeing::of(counted, allowed);
        let verdict = self.verdict(&bounds, &agreeing, allowed);
        let found = match verdict {
            Verdict::Pass => format!("at most {}", percent(bounds.upper)),
            Verdict::Fail => format!("at least {}", percent(bounds.lower)),
            Verdict::Inconclusive => {
                let (lower, upper) = (percent(bounds.lower), percent(bounds.upper));
                format!("between {lower} and {upper}")
            }
        };
        let allowed_text = wording::share(allowed);
        let mut message = format!("{what}, {found} (allowed {allowed_text})");
        if verdict == Verdict::Inconclusive {
            let needed = self.needed(&bounds, &agreeing, allowed, unit);
            message = format!("{message}: {needed}");
        }
        Finding {
            verdict,
            samples: Some(bounds.total.requests),
            over: Some(bounds.total.over),
            share: Some(bounds.share),
            allowed: Some(allowed),
            lower: Some(bounds.lower),
            upper: Some(bounds.upper),
            design_effect: Some(bounds.design_effect),
            message,
            ..finding
        }
    }

    fn verdict(&self, bounds: &Bounds, agreeing: &Agreeing, allowed: f64) -> Verdict {
        if allowed <= 0.0 && bounds.total.requests > 0 {
            // Nothing proves that something never happens: what was promised is not to see it.
            return Verdict::kept(bounds.total.over == 0);
        }
        if bounds.upper <= allowed {
            Verdict::Pass
        } else if bounds.lower > allowed && agreeing.share() >= self.rounds_agree {
            Verdict::Fail
        } else {
            Verdict::Inconclusive
        }
    }

    /// What would probably decide it.
    fn needed(&self, bounds: &Bounds, agreeing: &Agreeing, allowed: f64, unit: &str) -> String {
        if bounds.lower > allowed {
            let Agreeing { over, rounds } = agreeing;
            let least = wording::share(self.rounds_agree);
            return format!(
                "only {over} of {rounds} rounds show it, {least} must; more rounds decide"
            );
        }
        let samples = bounds.total.requests;
        let a_round = ratio(samples, agreeing.rounds);
        let after = |rounds: &u32| count(samples) + a_round * f64::from(*rounds);
        let decides =
            |rounds: &u32| bounds.decides(after(rounds), allowed, self.error_after(*rounds));
        let rounds = (1..=ROUNDS).find(|rounds| a_round > 0.0 && decides(rounds));
        if let Some(rounds) = rounds {
            let more = wording::count(whole(a_round * f64::from(rounds)));
            let rounds = match rounds {
                1 => "1 more round".to_owned(),
                rounds => format!("{rounds} more rounds"),
            };
            return format!("{rounds} of such {unit} would decide it, about {more} more");
        }
        let enough = bounds.enough(allowed, self.error_after(1));
        enough.map_or_else(
            || format!("too close to what is allowed to be told apart by {FAR} times the {unit}"),
            |enough| {
                let more = wording::count(enough - samples);
                format!(
                    "about {more} more {unit} would decide it, at a higher rate or in longer rounds"
                )
            },
        )
    }
}

impl Bounds {
    /// The bounds on the true share, each but for the probability `error`.
    #[must_use]
    pub fn of(counted: &Counted, error: f64) -> Self {
        let total = counted.total();
        let design_effect = design_effect(&counted.blocks);
        let (over, requests) = (
            count(total.over) / design_effect,
            count(total.requests) / design_effect,
        );
        Self {
            total,
            share: ratio(total.over, total.requests),
            lower: lower_bound(over, requests, error),
            upper: upper_bound(over, requests, error),
            design_effect,
        }
    }

    /// Whether so many requests would decide it if they went on as they did.
    fn decides(&self, requests: f64, allowed: f64, error: f64) -> bool {
        let requests = requests / self.design_effect;
        let over = requests * self.share;
        if self.share < allowed {
            upper_bound(over, requests, error) <= allowed
        } else {
            lower_bound(over, requests, error) > allowed
        }
    }

    /// The least number of them that would; None when even very many would not.
    fn enough(&self, allowed: f64, error: f64) -> Option<u64> {
        let decides = |requests: u64| self.decides(count(requests), allowed, error);
        let mut too_few = self.total.requests;
        let mut enough = FAR * too_few.max(100);
        if !decides(enough) {
            return None;
        }
        while enough - too_few > 1 {
            let middle = too_few.midpoint(enough);
            if decides(middle) {
                enough = middle;
            } else {
                too_few = middle;
            }
        }
        Some(enough)
    }
}

impl Counted {
    /// Only the whole is known.
    #[must_use]
    pub fn whole(requests: u64, over: u64) -> Self {
        Self {
            blocks: vec![Block { requests, over }],
            rounds: Vec::new(),
        }
    }

    fn total(&self) -> Block {
        let mut total = Block::default();
        for block in &self.blocks {
            total.requests += block.requests;
            total.over += block.over;
        }
        total
    }
}

/// How many rounds show that more is over than allowed.
struct Agreeing {
    over: u64,
    rounds: u64,
}

impl Agreeing {
    fn of(counted: &Counted, allowed: f64) -> Self {
        let rounds = || counted.rounds.iter().filter(|round| round.requests > 0);
        let over = rounds().filter(|round| ratio(round.over, round.requests) > allowed);
        Self {
            over: over.map(|_| 1).sum(),
            rounds: rounds().map(|_| 1).sum(),
        }
    }

    /// Where nothing is known of the rounds, none disagrees.
    fn share(&self) -> f64 {
        if self.rounds == 0 {
            1.0
        } else {
            ratio(self.over, self.rounds)
        }
    }
}
