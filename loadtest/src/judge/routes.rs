//! Routes: times and errors by the client's clock, and whether both sides counted the same.

use super::Case;
use super::finding::{Finding, Verdict};
use super::shares::Counted;
use crate::evidence::Cell;
use crate::measurements::{RouteFigures, over};
use crate::statistics::Block;
use crate::wording::{self, count, percent, time};
use std::collections::BTreeMap;

/// The errors of all routes together.
pub(super) fn all_together(case: &Case) -> Vec<Finding> {
    let allowed = case.budgets.run_errors.0;
    let counted = counted(case, |_, cell| Some(cell.errors()));
    let promise = format!("errors <= {}", wording::share(allowed));
    let finding = Finding::new(Verdict::Inconclusive, "run", promise, "");
    let what = format!("errors {}", percent(case.measured.error_share()));
    vec![
        case.rule
            .judge(finding, &counted, allowed, &what, "requests"),
    ]
}

/// Everything that was promised of every route.
pub(super) fn findings(case: &Case) -> Vec<Finding> {
    let routes = case.measured.routes.iter();
    routes.flat_map(|figures| of_route(case, figures)).collect()
}

fn of_route(case: &Case, figures: &RouteFigures) -> Vec<Finding> {
    let mut findings = Vec::new();
    if figures.requests == 0 {
        if case.evidence.target_died.is_none() {
            findings.push(no_request(figures));
        }
    } else {
        findings.extend(times(case, figures));
        findings.extend(errors(case, figures));
    }
    findings.extend(counts_differ(case, figures));
    findings.extend(queries_per_request(case, figures));
    findings.extend(cache_hit(case, figures));
    findings
}

fn no_request(figures: &RouteFigures) -> Finding {
    let message = "no request was made: more rounds, or a higher rate, may reach it";
    Finding {
        samples: Some(0),
        ..Finding::new(
            Verdict::Inconclusive,
            &figures.route,
            "requests >= 1",
            message,
        )
    }
}

fn times(case: &Case, figures: &RouteFigures) -> Vec<Finding> {
    let budget = case.budgets.route(&figures.route);
    let judged = budget.times.into_iter().map(|promise| {
        let (percentile, within) = (promise.percentile, promise.within);
        let counted = counted(case, |route, cell| {
            (route == figures.route).then(|| over(cell, within.0))
        });
        let measured = figures.percentile_ms(percentile).map_or_else(
            || format!("{percentile} falls among the failed requests"),
            |ms| format!("{percentile} {}", time(ms)),
        );
        let late = figures
            .promises
            .iter()
            .find(|own| own.percentile == percentile);
        let late = percent(late.map_or(0.0, |own| own.share));
        let what = format!("{measured}; {late} over {}", wording::budget(within.0));
        let finding = Finding::new(
            Verdict::Inconclusive,
            &figures.route,
            promise.to_string(),
            "",
        );
        let allowed = percentile.allowed();
        case.rule
            .judge(finding, &counted, allowed, &what, "requests")
    });
    judged.collect()
}

fn errors(case: &Case, figures: &RouteFigures) -> Option<Finding> {
    let budget = case.budgets.route(&figures.route);
    let allowed = budget.errors?.0;
    let counted = counted(case, |route, cell| {
        (route == figures.route).then(|| cell.errors())
    });
    let first = figures.messages.iter().max_by_key(|(_, times)| **times);
    let first = first.map_or(String::new(), |(message, _)| format!(" ({message})"));
    let what = format!("errors {}{first}", percent(figures.error_share()));
    let promise = format!("errors <= {}", wording::share(allowed));
    let finding = Finding::new(Verdict::Inconclusive, &figures.route, promise, "");
    let mut finding = case
        .rule
        .judge(finding, &counted, allowed, &what, "requests");
    // What is promised of every route alike, and what nothing speaks against, need not be proven
    // of every one: it is proven of all together.
    let unproven = finding.verdict == Verdict::Inconclusive && figures.errors == 0;
    finding.counts = budget.errors_of_its_own || !unproven;
    Some(finding)
}

/// Client and server must have counted the same, where the server counts at all.
fn counts_differ(case: &Case, figures: &RouteFigures) -> Option<Finding> {
    let mut routes = case.measured.routes.iter();
    let server_counts = routes.any(|route| route.counted.is_some());
    let counted = figures.counted.unwrap_or(0);
    (server_counts && counted != figures.sent).then(|| {
        let (sent, counted) = (count(figures.sent), count(counted));
        let message = format!("the client sent {sent} requests, the server counted {counted}");
        Finding::new(
            Verdict::Inconclusive,
            &figures.route,
            "sent = counted",
            message,
        )
    })
}

fn queries_per_request(case: &Case, figures: &RouteFigures) -> Option<Finding> {
    let allowed = case.budgets.route(&figures.route).queries_per_request?;
    let promise = format!("queries per request <= {allowed}");
    if figures.queries_per_request.is_none() && figures.counted.unwrap_or(0) == 0 {
        // Nothing was counted that could have run one, which is said above.
        return None;
    }
    case.exact(
        &figures.route,
        promise,
        figures.queries_per_request,
        |found| {
            let message = format!("{found:.3} queries per request, allowed {allowed}");
            (found <= allowed + 1e-9, message)
        },
    )
}

fn cache_hit(case: &Case, figures: &RouteFigures) -> Option<Finding> {
    let least = case.budgets.route(&figures.route).cache_hit?;
    let promise = format!("cache hits >= {least}");
    case.exact(&figures.route, promise, figures.cache_hit, |found| {
        let message = format!("cache hits {}, at least {least} required", percent(found));
        (found >= least.0, message)
    })
}

/// Counts by block and by round what `over` says of the cells that it knows.
fn counted(case: &Case, over: impl Fn(&str, &Cell) -> Option<u64>) -> Counted {
    let mut counted = Counted::default();
    for round in &case.evidence.rounds {
        let mut blocks: BTreeMap<u32, Block> = BTreeMap::new();
        let mut all = Block::default();
        for record in &round.routes {
            for (number, cell) in &record.blocks {
                let Some(over) = over(&record.route, cell) else {
                    continue;
                };
                for sum in [blocks.entry(*number).or_default(), &mut all] {
                    sum.requests += cell.requests();
                    sum.over += over;
                }
            }
        }
        counted.blocks.extend(blocks.into_values());
        counted.rounds.push(all);
    }
    counted
}

impl Case<'_> {
    /// Judges what the target counts exactly. What it does not tell is inconclusive, if it tells
    /// anything at all.
    pub(super) fn exact(
        &self,
        subject: &str,
        promise: String,
        found: Option<f64>,
        judge: impl FnOnce(f64) -> (bool, String),
    ) -> Option<Finding> {
        self.evidence.target.as_ref()?;
        let (verdict, message) = found.map_or_else(
            || {
                (
                    Verdict::Inconclusive,
                    "the target's metrics do not tell".to_owned(),
                )
            },
            |found| {
                let (kept, message) = judge(found);
                (Verdict::kept(kept), message)
            },
        );
        Some(Finding::new(verdict, subject, promise, message))
    }
}
