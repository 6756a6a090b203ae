//! Does the target's telemetry tell the truth under load? What was sent is known; what the target
//! says of it is checked: counts, histograms, counters, gauges, headers.
//!
//! [`run`] sends a round and reads the metrics meanwhile ([`Reading`]); the checks are pure. Each is
//! PASS where it agrees, FAIL where it does not, INCONCLUSIVE where the target does not tell.

mod account;
mod answers;
mod counts;
mod histograms;
mod reading;
mod run;
mod series;
#[cfg(test)]
mod tests;

pub use histograms::plausible;
pub use reading::Reading;
pub use run::run;

use crate::evidence::{Evidence, MetricNames};
use crate::judge::{Finding, Verdict};
use crate::measurements::Measurements;
use crate::probe::Window;
use std::fmt::Write;

/// What a finding is about that is about no route alone.
const TARGET: &str = "target";

/// Everything that is checked.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// What was sent, and what the target counted before and after.
    pub evidence: &'a Evidence,
    /// The figures.
    pub measured: &'a Measurements,
    /// The metrics, from before the first request until after the last.
    pub readings: &'a [Reading],
}

impl<'a> Case<'a> {
    fn names(&self) -> &'a MetricNames {
        &self.evidence.metrics
    }
}

/// Every check.
#[must_use]
pub fn audit(case: &Case) -> Vec<Finding> {
    let died = case.evidence.target_died.iter();
    let died = died.map(|why| Finding::new(Verdict::Fail, TARGET, "it lives", why));
    let died: Vec<_> = died.collect();
    let Some(window) = &case.evidence.target else {
        let unknown = missing("its metrics are read", "any metrics");
        return if died.is_empty() { vec![unknown] } else { died };
    };
    let parts = [
        died,
        counts::findings(case, window),
        histograms::findings(case, window),
        account::findings(case, window),
        series::findings(case, window),
        answers::findings(case),
    ];
    parts.concat()
}

/// The verdict over all checks.
#[must_use]
pub fn verdict(findings: &[Finding]) -> Verdict {
    let verdicts = findings.iter().map(|finding| finding.verdict);
    verdicts.max().unwrap_or_default()
}

/// One line for each check, and one for all of them.
#[must_use]
pub fn render(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{:<12}  {}: {}: {}",
            finding.verdict, finding.subject, finding.promise, finding.message
        );
    }
    let of = |verdict| {
        let findings = findings.iter();
        findings.filter(|found| found.verdict == verdict).count()
    };
    let agree = of(Verdict::Pass);
    let (against, unknown) = (of(Verdict::Fail), of(Verdict::Inconclusive));
    let verdict = verdict(findings);
    let _ = writeln!(
        text,
        "\n{verdict}: {agree} checks agree, {against} do not, {unknown} cannot be told"
    );
    text
}

/// A check of the target as a whole.
fn target(agrees: bool, promise: &str, message: impl Into<String>) -> Finding {
    let verdict = if agrees { Verdict::Pass } else { Verdict::Fail };
    Finding::new(verdict, TARGET, promise, message)
}

/// What cannot be checked, since the target does not say it.
fn missing(promise: &str, what: &str) -> Finding {
    let message = format!("the target does not export {what}");
    Finding::new(Verdict::Inconclusive, TARGET, promise, message)
}

/// One check over all routes: a line for each that does not agree, or one for all that do.
fn over_routes(
    promise: &str,
    results: Vec<(&str, Result<(), String>)>,
    agreed: impl FnOnce(&str) -> String,
) -> Vec<Finding> {
    let number = results.len();
    let disagree = |(route, result): (&str, Result<(), String>)| {
        let message = result.err()?;
        Some(Finding::new(Verdict::Fail, route, promise, message))
    };
    let against: Vec<_> = results.into_iter().filter_map(disagree).collect();
    if !against.is_empty() {
        return against;
    }
    if number == 0 {
        let message = "no route was asked";
        return vec![Finding::new(
            Verdict::Inconclusive,
            TARGET,
            promise,
            message,
        )];
    }
    let routes = match number {
        1 => "1 route".to_owned(),
        more => format!("{more} routes"),
    };
    vec![target(true, promise, agreed(&routes))]
}

/// The series of a route.
fn of_route<'a>(names: &'a MetricNames, route: &'a str) -> [(&'a str, &'a str); 1] {
    [(names.route_label.as_str(), route)]
}

/// By how much a route's counter grew; 0 where it has none.
fn growth(window: &Window, name: &str, filter: &[(&str, &str)]) -> f64 {
    window.growth(name, filter).unwrap_or(0.0)
}
