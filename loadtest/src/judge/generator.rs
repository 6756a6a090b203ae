//! The generator: where it cannot be trusted, or is only one of several, nothing is concluded from
//! what it saw.

use super::Case;
use super::finding::{Finding, Verdict};
use crate::wording::{percent, time_or_dash};
use std::collections::BTreeSet;

/// One finding when parts of the schedule are not in the evidence.
pub(super) fn shards(case: &Case) -> Vec<Finding> {
    let (_, of) = case.evidence.plan.shard;
    let present = case.evidence.shards();
    let all: BTreeSet<u32> = (0..of).collect();
    let missing: Vec<_> = all.difference(&present).collect();
    if missing.is_empty() {
        return Vec::new();
    }
    let name = |shard: &&u32| format!("{shard}/{of}");
    let names: Vec<_> = missing.iter().map(name).collect();
    let message = format!(
        "without shard {}: put the run.json of all shards together with `loadtest merge`",
        names.join(", ")
    );
    let promise = "every shard is there";
    vec![Finding::new(
        Verdict::Inconclusive,
        "generator",
        promise,
        message,
    )]
}

/// One finding for each doubt, or one that there is none.
pub(super) fn findings(case: &Case) -> Vec<Finding> {
    let figures = &case.measured.generator;
    let finding = |verdict, message| Finding {
        // More rounds can outweigh a bad one.
        samples: Some(figures.seconds),
        over: Some(figures.tainted_seconds),
        share: Some(figures.tainted_share()),
        allowed: Some(case.budgets.generator.tainted.0),
        ..Finding::new(verdict, "generator", "can be trusted", message)
    };
    if figures.is_trusted() {
        let cpu = figures.cpu_share.map_or_else(|| "-".to_owned(), percent);
        let slip = time_or_dash(figures.slip_p99_ms);
        let tainted = figures.tainted_seconds;
        let message = format!("processor {cpu}, slip p99 {slip}, {tainted} seconds spoilt");
        return vec![finding(Verdict::Pass, message)];
    }
    let doubts = figures.doubts.iter().cloned();
    doubts
        .map(|doubt| finding(Verdict::Inconclusive, doubt))
        .collect()
}
