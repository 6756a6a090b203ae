//! What is left of a run: one [`Report`], which `run.json` has completely and every other output
//! shows a part of, each in its module. A figure that one of them shows belongs into
//! [`crate::measurements`] first, or into a finding of [`crate::judge`].
//!
//! A new output is a module with a `render`, and a line in `files`.

pub mod annotations;
mod files;
pub mod html;
mod interval;
pub mod junit;
pub mod markdown;
mod page;
mod promises;
mod read;
mod schema;
mod svg;
pub mod text;

pub use files::{Format, append, write};
pub use page::{frame, page, settings};
pub use read::ReadError;
pub use schema::schema;
pub use text::Table;

use crate::budgets::Budgets;
use crate::evidence::Evidence;
use crate::judge::{Finding, Judgement, Verdict, judge, look_after};
use crate::measurements::Measurements;
use crate::wording::count;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

/// The number of the shape of `run.json`. Fields may be added; when one is removed or changes its
/// meaning, the number goes up.
pub const SCHEMA: u32 = 1;

/// A whole run: what was seen, what was promised, and what that amounts to.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// The number of this shape: 1.
    pub schema: u32,
    /// What was seen.
    pub evidence: Evidence,
    /// What was promised.
    pub budgets: BudgetsShown,
    /// Figures, from the evidence.
    pub measured: Measurements,
    /// The verdict, from figures and budgets.
    pub judgement: Judgement,
}

/// The budgets that a run was judged by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BudgetsShown {
    /// The name of the file.
    pub file: String,
    /// The file as it was read.
    pub text: String,
}

impl Report {
    /// Measures and judges a run.
    #[must_use]
    pub fn of(evidence: Evidence, budgets: &Budgets) -> Self {
        let measured = Measurements::of(&evidence, budgets);
        let judgement = judge(&evidence, &measured, budgets, look(&evidence));
        Self::new(evidence, measured, judgement, budgets)
    }

    /// Puts a report together, of a run that has been judged.
    #[must_use]
    pub fn new(
        evidence: Evidence,
        measured: Measurements,
        judgement: Judgement,
        budgets: &Budgets,
    ) -> Self {
        let budgets = BudgetsShown {
            file: budgets.file().to_owned(),
            text: budgets.text().to_owned(),
        };
        Self {
            schema: SCHEMA,
            evidence,
            budgets,
            measured,
            judgement,
        }
    }

    /// The verdict over the run.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.judgement.verdict
    }

    /// What a finding makes of the run. Where the generator cannot be trusted, nothing is worse
    /// than undecided, whatever was found.
    #[must_use]
    pub fn standing(&self, finding: &Finding) -> Verdict {
        match self.verdict() {
            Verdict::Inconclusive => finding.verdict.min(Verdict::Inconclusive),
            Verdict::Pass | Verdict::Fail => finding.verdict,
        }
    }

    /// The verdict in one sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let requests = count(self.measured.requests());
        let number = |verdict| {
            let all = self.judgement.findings.iter().filter(|own| own.counts);
            count_of(all.filter(|finding| self.standing(finding) == verdict))
        };
        let [kept, open, broken] =
            [Verdict::Pass, Verdict::Inconclusive, Verdict::Fail].map(number);
        let cut = if self.evidence.interrupted {
            " until it was interrupted"
        } else {
            ""
        };
        if self.evidence.plan.shown_only && self.verdict() == Verdict::Pass {
            return format!("{requests} requests{cut}, shown and not judged");
        }
        let doubted = !self.measured.generator.is_trusted();
        if doubted && self.verdict() == Verdict::Inconclusive {
            return format!("{requests} requests{cut}, but the generator cannot be trusted");
        }
        if open + broken == 0 {
            return format!("{requests} requests{cut}, every budget kept");
        }
        format!(
            "{requests} requests{cut}: {broken} of {} promises broken, {open} undecided",
            kept + open + broken
        )
    }

    /// Everything that stands against a pass: what is broken first, then why nothing else can be
    /// said to be.
    #[must_use]
    pub fn against(&self) -> Vec<&Finding> {
        let mut against: Vec<_> = self.judgement.against().collect();
        against.sort_by_key(|finding| {
            (
                Reverse(self.standing(finding)),
                finding.subject != "generator",
            )
        });
        against
    }
}

/// The look at a run that its verdict was given at; the same evidence is judged at the same one.
fn look(evidence: &Evidence) -> u32 {
    let rounds = u32::try_from(evidence.rounds.len()).unwrap_or(u32::MAX);
    look_after(rounds, evidence.plan.rounds.0).unwrap_or(1)
}

fn count_of<'a>(findings: impl Iterator<Item = &'a Finding>) -> u64 {
    findings.map(|_| 1).sum()
}

#[cfg(test)]
mod tests;
