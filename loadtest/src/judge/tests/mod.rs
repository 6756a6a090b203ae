//! Each rule of the verdict, kept and broken; [`golden`] has whole judgements.

mod golden;
mod properties;
mod rules;

use super::*;
use crate::evidence::{Cell, Histogram, Round, RouteRecord};
use std::time::Duration;

const BUDGETS: &str = "[default]\np99 = \"100ms\"\nerrors = \"1%\"\n[run]\nerrors = \"1%\"\n";
const ROUTE: &str = "GET /a";

/// Requests of one block: prompt ones, late ones, and such that failed at once.
#[derive(Clone, Copy, Debug, Default)]
struct Second {
    prompt: u64,
    late: u64,
    wrong: u64,
}

fn second(prompt: u64, late: u64, wrong: u64) -> Second {
    Second {
        prompt,
        late,
        wrong,
    }
}

fn cell(second: Second) -> Cell {
    let right = [(1_000, second.prompt), (250_000, second.late)];
    let right = right.into_iter().filter(|(_, count)| *count > 0);
    Cell {
        right: Histogram::from(right.collect::<Vec<_>>()),
        wrong: second.wrong,
        unsent: 0,
    }
}

fn round(seconds: &[Second]) -> Round {
    let mut record = RouteRecord {
        route: ROUTE.to_owned(),
        blocks: (0..).zip(seconds.iter().copied().map(cell)).collect(),
        ..RouteRecord::default()
    };
    let wrong = seconds.iter().map(|second| second.wrong).sum();
    if wrong > 0 {
        record.message("status 500, expected 200", wrong);
    }
    Round {
        seconds: f64::from(u32::try_from(seconds.len()).unwrap()),
        block_seconds: 1,
        routes: vec![record],
        ..Round::default()
    }
}

fn evidence(rounds: &[&[Second]]) -> Evidence {
    Evidence {
        rounds: rounds.iter().map(|seconds| round(seconds)).collect(),
        ..Evidence::default()
    }
}

fn judge_by(evidence: &Evidence, budgets: &str, look: u32) -> Judgement {
    let budgets = Budgets::parse("budgets.toml", budgets).unwrap();
    judge(
        evidence,
        &Measurements::of(evidence, &budgets),
        &budgets,
        look,
    )
}

fn judged(evidence: &Evidence) -> Judgement {
    judge_by(evidence, BUDGETS, 1)
}

/// The verdict over the promise of a route.
fn verdict_of(judgement: &Judgement, promise: &str) -> Verdict {
    let mut findings = judgement.findings.iter();
    let finding = findings.find(|finding| finding.subject == ROUTE && finding.promise == promise);
    finding.unwrap().verdict
}

const P99: &str = "p99 <= 100 ms";

/// A hung server, by the longest time without an answer.
fn stalled(mut evidence: Evidence, stall: Duration) -> Evidence {
    evidence.rounds[0].longest_stall_ms = crate::numbers::milliseconds(stall);
    evidence
}
