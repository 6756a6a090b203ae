//! Queries, by the server's clock: exact bounds on the target's own exact counters.

use super::Case;
use super::finding::{Finding, Verdict};
use super::shares::Counted;
use crate::measurements::QueryFigures;
use crate::wording::{percent, time};

/// Everything that was promised of every query that ran.
pub(super) fn findings(case: &Case) -> Vec<Finding> {
    let queries = case.measured.queries.iter();
    let judged = queries.flat_map(|figures| [share(case, figures), per_request(case, figures)]);
    judged.flatten().collect()
}

fn share(case: &Case, figures: &QueryFigures) -> Option<Finding> {
    let budget = case.budgets.query(&figures.query);
    let least = budget.share?;
    let within = time(figures.budget_ms);
    let promise = format!("{least} within {within}");
    let mut finding = Finding::new(Verdict::Inconclusive, &figures.query, promise, "");
    if let Some(why) = &figures.unjudged {
        finding.promise = format!("{least} within its budget");
        finding.message = format!("cannot be judged: {why}");
    } else {
        // A call that was late and failed counts twice; more than all of them is all.
        let over = figures.calls.min(figures.over_budget);
        let what = format!("{} over {within}", percent(1.0 - figures.share_within()));
        let counted = Counted::whole(figures.calls, over);
        let allowed = least.others();
        finding = case.rule.judge(finding, &counted, allowed, &what, "calls");
    }
    finding.counts = budget.of_its_own || finding.verdict != Verdict::Inconclusive;
    Some(finding)
}

fn per_request(case: &Case, figures: &QueryFigures) -> Option<Finding> {
    let most = case.budgets.query(&figures.query).max_per_request?;
    let promise = format!("calls per request <= {most}");
    case.exact(&figures.query, promise, figures.per_request, |found| {
        let message = format!("called {found:.3} times per request of its routes, allowed {most}");
        (found <= most + 1e-9, message)
    })
}
