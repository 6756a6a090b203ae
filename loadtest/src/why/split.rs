//! Where a request spends its time: at the client, by the target's phases, and on the way.
//!
//! The parts add up to the whole: what no phase accounts for is the network, and the client. Both
//! columns have the same parts; where the target counts finer than it says in `Server-Timing`, what
//! it counts is added up, and named beside it.

use super::mean;
use crate::evidence::{Histogram, RouteRecord, SlowRequest};
use crate::measurements::RouteFigures;
use crate::numbers::count;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The wait for a free user: requests before this one were not answered.
pub const WAITED: &str = "wait for a free user";
/// What is left: the network and the client, and the arrival of the request's body.
pub const REST: &str = "network and client";
/// All of it.
pub const TOTAL: &str = "total";

/// A phase by its name in `Server-Timing`, and the counters that are the same time. A name that is
/// not here has one counter, of the same name.
const COUNTED_AS: [(&str, &[&str]); 3] = [
    ("pool", &["pool_wait", "blocking_queue"]),
    ("db", &["db"]),
    ("app", &["cache_load", "serialize", "handler"]),
];
/// Counted by the target, but spent by the client and on the way.
const NOT_ITS_OWN: &str = "receive";

/// One part of the time, in milliseconds on average.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PhaseSplit {
    /// What it is called.
    pub phase: String,
    /// In the slowest requests.
    pub slowest_ms: f64,
    /// In all requests of the route; None where the target does not count it.
    pub all_ms: Option<f64>,
    /// What that consists of, where the target counts finer.
    pub parts_ms: BTreeMap<String, f64>,
}

/// Every part, in the order in which a request meets it, and the total.
pub(super) fn phases(
    slowest: &[&SlowRequest],
    records: &[&RouteRecord],
    figures: &RouteFigures,
) -> Vec<PhaseSplit> {
    let total = split(TOTAL, mean(slowest.iter().map(|request| request.ms)));
    let waited = split(
        WAITED,
        mean(slowest.iter().map(|request| request.waited_ms)),
    );
    let mut named: Vec<_> = names(slowest)
        .into_iter()
        .map(|name| {
            let spent = slowest
                .iter()
                .map(|request| request.phases.get(name).copied().unwrap_or(0.0));
            counted(split(name, mean(spent)), figures)
        })
        .collect();
    let (all, sent) = means(records);
    let total = PhaseSplit {
        all_ms: all,
        ..total
    };
    let waited = PhaseSplit {
        all_ms: all.zip(sent).map(|(all, sent)| (all - sent).max(0.0)),
        ..waited
    };
    let told: f64 = named.iter().map(|part| part.slowest_ms).sum();
    let rest = (total.slowest_ms - waited.slowest_ms - told).max(0.0);
    let own = figures.phases_ms.iter();
    let own = own.filter(|(phase, _)| *phase != NOT_ITS_OWN);
    let own: f64 = own.map(|(_, ms)| ms).sum();
    let counts = !figures.phases_ms.is_empty();
    let rest = PhaseSplit {
        all_ms: sent.filter(|_| counts).map(|sent| (sent - own).max(0.0)),
        ..split(rest_name(&named), rest)
    };
    let mut phases = vec![waited];
    phases.append(&mut named);
    phases.extend([rest, total]);
    phases
}

/// A target that says nothing of its phases spends its time in what is left.
fn rest_name(named: &[PhaseSplit]) -> &'static str {
    if named.is_empty() {
        "target, network and client"
    } else {
        REST
    }
}

fn split(phase: &str, slowest_ms: f64) -> PhaseSplit {
    PhaseSplit {
        phase: phase.to_owned(),
        slowest_ms,
        ..PhaseSplit::default()
    }
}

/// With what all requests spent in it, by the target's counters.
fn counted(part: PhaseSplit, figures: &RouteFigures) -> PhaseSplit {
    let known = COUNTED_AS.iter().find(|(name, _)| *name == part.phase);
    let own = [part.phase.as_str()];
    let counters = known.map_or(own.as_slice(), |(_, counters)| counters);
    let spent = counters
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), *figures.phases_ms.get(*name)?)));
    let parts: BTreeMap<_, _> = spent.collect();
    PhaseSplit {
        all_ms: (!parts.is_empty()).then(|| parts.values().sum()),
        parts_ms: if parts.len() > 1 {
            parts
        } else {
            BTreeMap::new()
        },
        ..part
    }
}

/// The names in `Server-Timing`: the known ones first, in their order.
fn names<'a>(slowest: &[&'a SlowRequest]) -> Vec<&'a str> {
    let found = slowest.iter().flat_map(|request| request.phases.keys());
    let found: BTreeSet<&str> = found.map(String::as_str).collect();
    let place = |name: &str| {
        let known = COUNTED_AS.iter().position(|(known, _)| *known == name);
        known.unwrap_or(COUNTED_AS.len())
    };
    let mut names: Vec<_> = found.into_iter().collect();
    names.sort_by_key(|name| place(name));
    names
}

/// The means of all right answers: from when they were due, and from when they were sent.
fn means(records: &[&RouteRecord]) -> (Option<f64>, Option<f64>) {
    let (mut all, mut sent) = (Histogram::default(), Histogram::default());
    for record in records {
        all.merge(&record.whole().right);
        sent.merge(&record.service);
    }
    (mean_of(&all), mean_of(&sent))
}

/// In milliseconds, to the precision of its buckets; None when there is nothing in it.
fn mean_of(histogram: &Histogram) -> Option<f64> {
    let buckets = histogram.buckets();
    let sum: f64 = buckets
        .map(|(micros, number)| count(micros) / 1_000.0 * count(number))
        .sum();
    let number = Some(histogram.count()).filter(|number| *number > 0)?;
    Some(sum / count(number))
}
