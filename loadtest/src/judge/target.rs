//! The target as a whole: that it lives, that it never stands still, and what it counts itself.

use super::Case;
use super::finding::{Finding, Judgement, Verdict};
use crate::incidents::INCIDENTS;
use crate::measurements::{CacheFigures, ServerFigures};
use crate::numbers::count;
use crate::wording::{self, percent, time};

const SUBJECT: &str = "target";
const ALIVE: &str = "it lives";

/// That it did not die.
pub(super) fn life(case: &Case) -> Vec<Finding> {
    let died = case.evidence.target_died.iter();
    let message = |why| format!("it died during the attack: {why}");
    died.map(|why| Finding::new(Verdict::Fail, SUBJECT, ALIVE, message(why)))
        .collect()
}

/// Whether [`life`] found that it died.
pub(super) fn is_dead(judgement: &Judgement) -> bool {
    let mut findings = judgement.findings.iter();
    findings.any(|finding| finding.subject == SUBJECT && finding.promise == ALIVE)
}

/// That it never left everybody without an answer for long. One long stall is one event, from which
/// no statistics can prove a rate, and no user would accept it.
pub(super) fn stall(case: &Case) -> Vec<Finding> {
    let (longest, limit) = (case.measured.longest_stall_ms, case.budgets.stall);
    let allowed = wording::budget(limit.0);
    let promise = format!("stall <= {allowed}");
    let longest_text = time(longest);
    let found = format!("longest time without any answer {longest_text}, allowed {allowed}");
    let kept = longest <= limit.ms();
    let trusted = case.measured.generator.is_trusted();
    let (verdict, message) = if kept || trusted {
        (Verdict::kept(kept), found)
    } else {
        let doubt = "whose fault that was, an untrusted generator cannot tell";
        (Verdict::Inconclusive, format!("{found}; {doubt}"))
    };
    vec![Finding::new(verdict, SUBJECT, promise, message)]
}

/// Caches, what must not happen, waits for connections and memory.
pub(super) fn findings(case: &Case) -> Vec<Finding> {
    let mut findings = caches(case);
    let Some(server) = &case.measured.server else {
        return findings;
    };
    findings.extend(incidents(case, server));
    findings.extend(pool_wait(case, server));
    findings.extend(memory(case, server));
    findings
}

fn caches(case: &Case) -> Vec<Finding> {
    let judged = case.budgets.caches_of_their_own().filter_map(|name| {
        let least = case.budgets.cache_hit(name)?;
        let mut caches = case.measured.caches.iter();
        let figures = caches.find(|figures| figures.cache == name);
        let found = figures.filter(|figures| figures.gets() > 0);
        let found = found.map(CacheFigures::hit_ratio);
        let subject = format!("cache {name}");
        case.exact(&subject, format!("hits >= {least}"), found, |found| {
            let message = format!("hits {}, at least {least} required", percent(found));
            (found >= least.0, message)
        })
    });
    judged.collect()
}

fn incidents(case: &Case, server: &ServerFigures) -> Vec<Finding> {
    let judged = INCIDENTS.iter().filter_map(|incident| {
        let allowed = (incident.allowed)(&case.budgets.server)?;
        let what = incident.title;
        let found = server.count(incident).map(count);
        case.exact(SUBJECT, format!("{what} <= {allowed}"), found, |found| {
            let message = format!("{what} {found}, allowed {allowed}");
            (found <= count(allowed), message)
        })
    });
    judged.collect()
}

fn pool_wait(case: &Case, server: &ServerFigures) -> Option<Finding> {
    let limit = case.budgets.server.pool_wait_p99?;
    let allowed = wording::budget(limit.0);
    let promise = format!("p99 of waits for a connection <= {allowed}");
    // Where nobody waited, the longest wait is none.
    let found = server
        .pool_waits
        .map(|_| server.pool_wait_p99_ms.unwrap_or(0.0));
    case.exact(SUBJECT, promise, found, |found| {
        let message = format!(
            "p99 of waits for a connection {}, allowed {allowed}",
            time(found)
        );
        (found <= limit.ms() + 1e-9, message)
    })
}

fn memory(case: &Case, server: &ServerFigures) -> Option<Finding> {
    let limit = case.budgets.server.rss_growth?;
    let promise = format!("memory growth <= {limit}");
    case.exact(SUBJECT, promise, server.memory_growth, |found| {
        let message = format!("memory grew by {}, allowed {limit}", percent(found));
        (found <= limit.0 + 1e-9, message)
    })
}
