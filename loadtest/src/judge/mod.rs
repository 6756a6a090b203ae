//! The verdict: evidence, measurements and budgets in, findings out. Pure, so a run can be judged
//! again, with other budgets, without sending anything.
//!
//! A promise about a share of requests is PASS when it is proven to be kept, FAIL when it is proven
//! to be broken and most rounds show it, else INCONCLUSIVE, and more rounds may decide it
//! (`shares` has the rule). What the target counts exactly needs no proof (`target`,
//! `queries`). Whatever else was found, a target that died has failed, and figures of a generator
//! that cannot be trusted conclude nothing (`generator`).

mod finding;
mod generator;
mod queries;
mod routes;
mod shares;
mod target;

#[cfg(test)]
mod tests;

pub use finding::{Finding, Judgement, Verdict};
pub use shares::{Bounds, Counted, Rule};

use crate::audit;
use crate::budgets::Budgets;
use crate::evidence::Evidence;
use crate::measurements::Measurements;

/// Everything that is judged, and by what.
#[derive(Clone, Copy, Debug)]
struct Case<'a> {
    evidence: &'a Evidence,
    measured: &'a Measurements,
    budgets: &'a Budgets,
    rule: Rule,
}

/// Judges a run at the `look`-th look at it, counted from 1.
#[must_use]
pub fn judge(
    evidence: &Evidence,
    measured: &Measurements,
    budgets: &Budgets,
    look: u32,
) -> Judgement {
    let case = Case {
        evidence,
        measured,
        budgets,
        rule: Rule::at_look(budgets, look),
    };
    let parts = [
        target::life(&case),
        generator::shards(&case),
        generator::findings(&case),
        target::stall(&case),
        routes::all_together(&case),
        routes::findings(&case),
        queries::findings(&case),
        target::findings(&case),
        lies(&case),
    ];
    let mut findings = parts.concat();
    if evidence.plan.shown_only {
        for finding in &mut findings {
            finding.counts = false;
        }
    }
    let counting = findings.iter().filter(|finding| finding.counts);
    let worst = counting.map(|finding| finding.verdict).max();
    let verdict = if evidence.target_died.is_some() {
        Verdict::Fail
    } else if measured.generator.is_trusted() || evidence.plan.shown_only {
        worst.unwrap_or_default()
    } else {
        Verdict::Inconclusive
    };
    Judgement { verdict, findings }
}

/// What the target's histograms say of the routes that cannot be true; `loadtest audit` tells more.
fn lies(case: &Case) -> Vec<Finding> {
    let found = audit::plausible(case.evidence).into_iter();
    found
        .filter(|finding| finding.verdict == Verdict::Fail)
        .collect()
}

/// Whether more rounds would not tell more: the target is dead, or no finding is open.
#[must_use]
pub fn decided(judgement: &Judgement) -> bool {
    let mut findings = judgement.findings.iter();
    target::is_dead(judgement) || !findings.any(Finding::is_open)
}

/// Which look at a run comes after so many rounds; None as long as there are fewer than the least
/// number of them.
#[must_use]
pub fn look_after(rounds: u32, least: u32) -> Option<u32> {
    (rounds + 1)
        .checked_sub(least.max(1))
        .filter(|look| *look > 0)
}
