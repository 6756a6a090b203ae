//! The run as time went by: one point per block of every round.

use super::routes::{over, quantile};
use crate::budgets::Budgets;
use crate::evidence::{Cell, Evidence, Round};
use crate::numbers::{rate, ratio, whole};
use serde::{Deserialize, Serialize};

/// One block of time, over all routes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct TimelinePoint {
    /// The round, counted from 1.
    pub round: u32,
    /// Seconds since the first round's begin, without the pauses between rounds.
    pub second: f64,
    /// Its length.
    pub seconds: f64,
    /// Requests per second that were meant to start in it.
    pub rate: f64,
    /// Half of them took no longer.
    pub p50_ms: Option<f64>,
    /// 99 of 100 took no longer.
    pub p99_ms: Option<f64>,
    /// The share of them that took longer than their route's main promise, or failed.
    pub over_share: f64,
    /// Requests without a right answer.
    pub errors: u64,
    /// Whether the generator spoilt a second of it; such seconds are in no other figure.
    pub tainted: bool,
}

pub(super) fn points(evidence: &Evidence, budgets: &Budgets) -> Vec<TimelinePoint> {
    let mut begin = 0.0;
    let mut points = Vec::new();
    for (number, round) in (1..).zip(&evidence.rounds) {
        for block in 0..blocks(round) {
            points.push(point(round, block, budgets, number, begin));
        }
        begin += round.seconds;
    }
    points
}

/// How many blocks a round has.
fn blocks(round: &Round) -> u32 {
    let blocks = round.seconds / f64::from(round.block_seconds.max(1));
    u32::try_from(whole(blocks.ceil())).unwrap_or(u32::MAX)
}

fn point(round: &Round, block: u32, budgets: &Budgets, number: u32, begin: f64) -> TimelinePoint {
    let length = round.block_seconds.max(1);
    let first = block * length;
    let tainted = round.generator.tainted.range(first..first + length).count();
    let mut all = Cell::default();
    let mut late = 0;
    for record in &round.routes {
        let Some(cell) = record.blocks.get(&block) else {
            continue;
        };
        let promise = budgets.route(&record.route).main();
        late += promise.map_or_else(|| cell.errors(), |promise| over(cell, promise.within.0));
        all.merge(cell);
    }
    let seconds = f64::from(length).min(round.seconds - f64::from(first));
    let usable = seconds - crate::numbers::count(u64::try_from(tainted).unwrap_or(0));
    TimelinePoint {
        round: number,
        second: begin + f64::from(first),
        seconds,
        rate: rate(all.requests(), usable),
        p50_ms: quantile(&all, 0.50),
        p99_ms: quantile(&all, 0.99),
        over_share: ratio(late, all.requests()),
        errors: all.errors(),
        tainted: tainted > 0,
    }
}
