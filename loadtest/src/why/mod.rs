//! Why a route was slow: where its slowest requests spent their time, beside where all of them did.
//!
//! Pure, like the verdict: it is told from the evidence, again and years later. What the slowest
//! requests did is in the header `Server-Timing` of each (`split`); what all did, in the target's
//! counters. What makes the difference stands in one sentence, and three trace ids lead on.

mod split;
#[cfg(test)]
mod tests;
mod text;

pub use split::{PhaseSplit, TOTAL, WAITED};
pub use text::{render, render_briefly};

use crate::evidence::{Evidence, SlowRequest};
use crate::judge::{Judgement, Verdict};
use crate::measurements::{Measurements, RouteFigures};
use crate::numbers::count;
use crate::wording::time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One in so many is looked at.
const ONE_IN: u64 = 100;
/// Trace ids that are named.
const TRACES: usize = 3;
/// A time without answers that is worth a word.
const STALL_MS: f64 = 50.0;

/// Why a route was slow.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// Its name.
    pub route: String,
    /// What is different in its slowest requests.
    pub sentence: String,
    /// How many of its requests are looked at, the slowest…
    pub slowest: u64,
    /// … of so many right answers.
    pub answers: u64,
    /// The requests that the target's counters are of: also those that failed, ended a task after
    /// the schedule, or fell into seconds that the generator spoilt.
    pub counted: Option<u64>,
    /// The fastest of those that are looked at.
    pub from_ms: f64,
    /// The slowest of them.
    pub to_ms: f64,
    /// Where the time went, in the order in which a request meets it; the last one is the total.
    pub phases: Vec<PhaseSplit>,
    /// What else was going on.
    pub surroundings: Surroundings,
    /// Some of the slowest requests, by what they are called in the target's log and traces.
    pub traces: Vec<Trace>,
}

/// The state of the target in that time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Surroundings {
    /// 99 of 100 waits for a connection took no longer.
    pub pool_wait_p99_ms: Option<f64>,
    /// Requests that waited for a connection when the last round was over.
    pub pool_waiting: Option<u64>,
    /// By cache, the share of the look-ups that found what they asked for; that of the route
    /// alone, where the target counts by route.
    pub cache_hits: BTreeMap<String, f64>,
    /// The longest time in which nobody was answered.
    pub longest_stall_ms: f64,
}

/// A slow request in the target's log and traces.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// How long it took.
    pub ms: f64,
    /// Its trace id, or where it has none its request id.
    pub id: String,
}

/// Explains every route that did not keep a promise.
#[must_use]
pub fn why(
    evidence: &Evidence,
    measured: &Measurements,
    judgement: &Judgement,
) -> Vec<Explanation> {
    let routes = measured.routes.iter();
    let failed = routes.filter(|route| judgement.of(&route.route) == Verdict::Fail);
    failed
        .filter_map(|figures| explain(evidence, measured, &figures.route))
        .collect()
}

/// Explains one route; None where no right answer of it was kept.
#[must_use]
pub fn explain(evidence: &Evidence, measured: &Measurements, route: &str) -> Option<Explanation> {
    let figures = measured.route(route)?;
    let records = evidence.rounds.iter().flat_map(|round| &round.routes);
    let records: Vec<_> = records.filter(|record| record.route == route).collect();
    let answers = records.iter().map(|record| record.whole().right.count());
    let answers: u64 = answers.sum();
    let kept = known_slowest(records.iter().map(|record| {
        let all = record.whole().right.count();
        (record.slowest.as_slice(), all)
    }));
    let wanted = usize::try_from(answers.div_ceil(ONE_IN)).unwrap_or(usize::MAX);
    let slowest = kept.get(..wanted.min(kept.len()))?;
    let (first, last) = (slowest.first()?, slowest.last()?);
    let mut explanation = Explanation {
        route: route.to_owned(),
        sentence: String::new(),
        slowest: u64::try_from(slowest.len()).unwrap_or(u64::MAX),
        answers,
        counted: figures.counted,
        from_ms: last.ms,
        to_ms: first.ms,
        surroundings: surroundings(evidence, measured, figures),
        traces: traces(slowest),
        phases: split::phases(slowest, &records, figures),
    };
    explanation.sentence = explanation.difference();
    Some(explanation)
}

impl Explanation {
    /// What is looked at, in few words: `slowest 1%`, or where fewer are known `slowest 9`.
    #[must_use]
    pub fn looked_at(&self) -> String {
        if self.slowest == self.answers.div_ceil(ONE_IN) {
            "slowest 1%".to_owned()
        } else {
            format!("slowest {}", crate::wording::count(self.slowest))
        }
    }

    /// What is different: the phase that grew most.
    fn difference(&self) -> String {
        let Some((total, parts)) = self.phases.split_last() else {
            return String::new();
        };
        let growth = |part: &PhaseSplit| part.slowest_ms - part.all_ms.unwrap_or(0.0);
        let most = parts
            .iter()
            .max_by(|left, right| growth(left).total_cmp(&growth(right)));
        let Some(most) = most else {
            return String::new();
        };
        let (what, takes, of) = (&most.phase, time(most.slowest_ms), time(total.slowest_ms));
        let slowest = format!("{what} takes {takes} of {of} in the {}", self.looked_at());
        match (most.all_ms, total.all_ms) {
            (Some(takes), Some(of)) => {
                format!("{slowest}, {} of {} in all", time(takes), time(of))
            }
            _ => slowest,
        }
    }
}

/// The requests of which it is certain that nothing slower was left out, slowest first: of a round
/// that kept only some of its answers, that is whatever is as slow as the fastest it kept.
fn known_slowest<'a>(
    rounds: impl Iterator<Item = (&'a [SlowRequest], u64)>,
) -> Vec<&'a SlowRequest> {
    let (mut kept, mut floor) = (Vec::new(), 0.0_f64);
    for (slowest, answers) in rounds {
        let complete = u64::try_from(slowest.len()).is_ok_and(|kept| kept >= answers);
        if let Some(fastest) = slowest.last().filter(|_| !complete) {
            floor = floor.max(fastest.ms);
        }
        kept.extend(slowest);
    }
    kept.retain(|request| request.ms >= floor);
    kept.sort_by(|left, right| right.ms.total_cmp(&left.ms));
    kept
}

/// The slowest, the fastest of those that are looked at, and the one in the middle.
fn traces(slowest: &[&SlowRequest]) -> Vec<Trace> {
    let named = slowest.iter().filter_map(|request| {
        let id = request.trace_id.as_ref().or(request.request_id.as_ref())?;
        let (ms, id) = (request.ms, id.clone());
        Some(Trace { ms, id })
    });
    let named: Vec<_> = named.collect();
    if named.len() <= TRACES {
        return named;
    }
    let places = [0, named.len() / 2, named.len() - 1];
    let chosen = places.into_iter().filter_map(|place| named.get(place));
    chosen.cloned().collect()
}

fn surroundings(
    evidence: &Evidence,
    measured: &Measurements,
    figures: &RouteFigures,
) -> Surroundings {
    let server = measured.server.as_ref();
    let waiting = evidence.target.as_ref().and_then(|window| {
        let gauge = &evidence.metrics.pool_waiting;
        window.after.sum(gauge, &[])
    });
    let asked = measured.caches.iter().filter(|cache| cache.gets() > 0);
    let all = asked.map(|cache| (cache.cache.clone(), cache.hit_ratio()));
    let own = figures.cache_hit.map(|hits| (figures.route.clone(), hits));
    Surroundings {
        pool_wait_p99_ms: server.and_then(|server| server.pool_wait_p99_ms),
        pool_waiting: waiting.map(crate::numbers::whole),
        cache_hits: own.map_or_else(|| all.collect(), |own| BTreeMap::from([own])),
        longest_stall_ms: measured.longest_stall_ms,
    }
}

/// The mean, 0 of nothing.
fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let number = u64::try_from(values.len()).unwrap_or(u64::MAX).max(1);
    values.sum::<f64>() / count(number)
}
