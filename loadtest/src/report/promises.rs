//! What tables say of a promise: the share that is over it, with its bound.

use super::{Report, interval};
use crate::judge::{Finding, Verdict};
use crate::measurements::RouteFigures;
use crate::wording::{percent, range};

impl Report {
    /// The finding on a route's main promise.
    pub(super) fn main_finding(&self, route: &RouteFigures) -> Option<&Finding> {
        let percentile = route.main_promise()?.percentile.to_string();
        let mut findings = self.judgement.findings.iter();
        findings.find(|finding| {
            let own = finding.subject == route.route;
            own && finding.promise.split(' ').next() == Some(&percentile)
        })
    }

    /// Every finding on a route, a query, the target …
    pub(super) fn findings_of<'a>(&'a self, subject: &'a str) -> impl Iterator<Item = &'a Finding> {
        let findings = self.judgement.findings.iter();
        findings.filter(move |finding| finding.subject == subject)
    }

    /// The verdict over a subject; None where nothing was promised, or only what does not count
    /// and is kept.
    pub(super) fn verdict_of(&self, subject: &str) -> Option<Verdict> {
        let counting = self.findings_of(subject).filter(|finding| finding.counts);
        let counting = counting.map(|finding| self.standing(finding)).max();
        counting.or_else(|| {
            self.findings_of(subject)
                .map(|own| self.standing(own))
                .max()
        })
    }

    /// The interval in which a route's true p99 lies: `2.9–3.4 ms`.
    pub(super) fn p99_interval(&self, route: &RouteFigures) -> String {
        let design_effect = self.main_finding(route).and_then(|own| own.design_effect);
        interval::p99(self, &route.route, design_effect.unwrap_or(1.0))
            .map_or_else(String::new, |(low, high)| range(low, high))
    }
}

/// The share that did not keep a promise, and the bound that decides it: `0.12% (≤ 0.31%)`.
pub(super) fn share(finding: &Finding) -> String {
    let Some(share) = finding.share else {
        return String::new();
    };
    let share = percent(share);
    match (finding.verdict, finding.lower, finding.upper) {
        (Verdict::Pass, _, Some(upper)) => format!("{share} (≤ {})", percent(upper)),
        (Verdict::Fail, Some(lower), _) => format!("{share} (≥ {})", percent(lower)),
        (Verdict::Inconclusive, Some(lower), Some(upper)) => {
            format!("{share} ({}–{})", percent(lower), percent(upper))
        }
        _ => share,
    }
}
