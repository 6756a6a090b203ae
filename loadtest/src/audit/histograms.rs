//! Can the target's histograms be true?
//!
//! The target's time of a request lies inside the client's, so that for every bucket at most as many
//! requests can be above it by the target's clock as by the client's; one bucket is left to them for
//! what the target does after the last byte. From below, the target's own words bound it: an answer
//! whose `Server-Timing` says 30 ms cannot stand in a bucket of less.

use super::{Case, TARGET, of_route, over_routes, target};
use crate::evidence::{Evidence, Histogram, RouteRecord};
use crate::judge::{Finding, Verdict};
use crate::numbers::whole;
use crate::probe::{Buckets, Labels, Scrape, Window};
use crate::wording::{self, count};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const INSIDE: &str = "the server's time lies inside the client's";
const OWN_WORDS: &str = "its histogram has what Server-Timing says";
const EDGES: &str = "a bucket ends at each budget";
const SOUND: &str = "buckets add up";

pub(super) fn findings(case: &Case, window: &Window) -> Vec<Finding> {
    let requests = &case.names().requests;
    let buckets = window.buckets(requests, &[]);
    if buckets.bounds().next().is_none() {
        let what = format!("{requests}_bucket");
        let checks = [INSIDE, OWN_WORDS, EDGES, SOUND];
        return checks.map(|check| super::missing(check, &what)).into();
    }
    let mut findings = plausible(case.evidence);
    findings.push(edges(case, &buckets));
    findings.push(sound(&window.after));
    findings
}

/// Whether the histograms of the routes can be true, by the client's clock and by the target's own
/// words; nothing where it has none.
#[must_use]
pub fn plausible(evidence: &Evidence) -> Vec<Finding> {
    let Some(window) = &evidence.target else {
        return Vec::new();
    };
    let routes = Route::all(evidence, window);
    let inside = routes.iter().map(|route| (route.name, route.inside()));
    let inside = over_routes(INSIDE, inside.collect(), |routes| {
        format!("in every bucket of {routes}")
    });
    let told = routes.iter().filter(|route| !route.told.is_empty());
    let told: Vec<_> = told.map(|route| (route.name, route.own_words())).collect();
    let own_words = if told.is_empty() {
        let message = "no answer says its time in Server-Timing";
        vec![Finding::new(
            Verdict::Inconclusive,
            TARGET,
            OWN_WORDS,
            message,
        )]
    } else {
        over_routes(OWN_WORDS, told, |routes| {
            format!("of the slowest answers of {routes}")
        })
    };
    [inside, own_words].concat()
}

/// What both sides say of the times of a route.
struct Route<'a> {
    name: &'a str,
    server: Buckets,
    client: Histogram,
    /// Requests that the client sent and did not time.
    untimed: u64,
    /// Seconds by `Server-Timing`, of the slowest answers.
    told: Vec<f64>,
}

impl<'a> Route<'a> {
    fn all(evidence: &'a Evidence, window: &Window) -> Vec<Self> {
        let mut records: BTreeMap<&str, Vec<&RouteRecord>> = BTreeMap::new();
        for record in evidence.rounds.iter().flat_map(|round| &round.routes) {
            records.entry(&record.route).or_default().push(record);
        }
        let names = &evidence.metrics;
        let route = |(name, records): (&'a str, Vec<&RouteRecord>)| {
            let mut client = Histogram::default();
            for record in &records {
                client.merge(&record.service);
            }
            let slowest = records.iter().flat_map(|record| &record.slowest);
            let told = slowest.filter(|request| !request.phases.is_empty());
            Self {
                name,
                server: window.buckets(&names.requests, &of_route(names, name)),
                client,
                untimed: records.iter().map(|record| record.untimed()).sum(),
                told: told
                    .map(|request| request.phases.values().sum::<f64>() / 1_000.0)
                    .collect(),
            }
        };
        let routes = records.into_iter().map(route);
        routes.filter(|route| route.server.count() > 0.0).collect()
    }

    fn server_above(&self, bound: f64) -> u64 {
        let within = self.server.up_to(bound).unwrap_or(0.0);
        whole(self.server.count() - within)
    }

    fn inside(&self) -> Result<(), String> {
        // Those that the client did not time, or did not send, may have taken any time.
        let counted = whole(self.server.count());
        let untimed = counted
            .saturating_sub(self.client.count())
            .max(self.untimed);
        let lower = self.server.bounds();
        let upper = self.server.bounds().skip(1);
        for (lower, upper) in lower.zip(upper) {
            let within = self.client.up_to(Duration::from_secs_f64(lower));
            let client = self.client.count() - within;
            let server = self.server_above(upper);
            if server > client + untimed {
                return Err(format!(
                    "the server counts {} over {}, the client {} over {}",
                    count(server),
                    seconds(upper),
                    count(client + untimed),
                    seconds(lower),
                ));
            }
        }
        Ok(())
    }

    fn own_words(&self) -> Result<(), String> {
        for bound in self.server.bounds() {
            // The header is rounded to microseconds, phase by phase.
            let above = |told: &&f64| **told > bound + 1e-5;
            let told = self.told.iter().filter(above).count();
            let told = u64::try_from(told).unwrap_or(u64::MAX);
            let server = self.server_above(bound);
            if told > server {
                return Err(format!(
                    "{} answers say that they took over {}, the histogram has {}",
                    count(told),
                    seconds(bound),
                    count(server),
                ));
            }
        }
        Ok(())
    }
}

fn edges(case: &Case, buckets: &Buckets) -> Finding {
    let routes = case.measured.routes.iter();
    let promises = routes.flat_map(|route| &route.promises);
    let micros: BTreeSet<_> = promises
        .map(|promise| whole(promise.budget_ms * 1_000.0))
        .collect();
    let budgets = micros.into_iter().map(Duration::from_micros);
    let (met, missed): (Vec<_>, Vec<_>) =
        budgets.partition(|budget| buckets.up_to(budget.as_secs_f64()).is_some());
    let named = |budgets: &[Duration]| {
        let named = budgets.iter().map(|budget| wording::budget(*budget));
        named.collect::<Vec<_>>().join(", ")
    };
    if missed.is_empty() {
        return target(true, EDGES, named(&met));
    }
    let ends: Vec<_> = buckets.bounds().map(seconds).collect();
    let (missed, ends) = (named(&missed), ends.join(", "));
    let message = format!("none ends at {missed}, only at {ends}");
    target(false, EDGES, message)
}

/// In every histogram a bucket has no less than the one below it, and the last has all.
fn sound(scrape: &Scrape) -> Finding {
    let mut histograms: BTreeMap<(&str, Labels), Vec<(f64, f64)>> = BTreeMap::new();
    for sample in scrape.samples() {
        let Some(name) = sample.name.strip_suffix("_bucket") else {
            continue;
        };
        let mut labels = sample.labels.clone();
        let Some(bound) = labels.remove("le") else {
            continue;
        };
        let bound = bound.parse().unwrap_or(f64::NAN);
        let buckets = histograms.entry((name, labels)).or_default();
        buckets.push((bound, sample.value));
    }
    let number = count(u64::try_from(histograms.len()).unwrap_or(u64::MAX));
    let broken = histograms
        .into_iter()
        .find_map(|((name, labels), mut buckets)| {
            buckets.sort_by(|left, right| left.0.total_cmp(&right.0));
            let counts: Vec<_> = buckets.iter().map(|(_, value)| *value).collect();
            let total = scrape.exactly(&format!("{name}_count"), &labels);
            let whole = counts.last().copied() == total;
            (!whole || !counts.is_sorted()).then(|| format!("{name} {labels:?} has {counts:?}"))
        });
    match broken {
        Some(broken) => target(false, SOUND, broken),
        None => target(true, SOUND, format!("in all {number} histograms")),
    }
}

fn seconds(bound: f64) -> String {
    wording::time(bound * 1_000.0)
}
