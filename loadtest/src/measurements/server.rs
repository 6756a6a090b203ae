//! The target as a whole: phases, caches, memory, processor time, and what must not happen.

use super::routes::RouteFigures;
use crate::evidence::MetricNames;
use crate::incidents::{INCIDENTS, Incident};
use crate::numbers::{per, ratio, whole};
use crate::probe::{Labels, Window};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where the time of all requests went.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PhaseFigures {
    /// The phase's name, such as `db`.
    pub phase: String,
    /// Its share of all the time that requests took, by the server's clock.
    pub share: f64,
    /// Its part of the average request.
    pub ms_per_request: f64,
}

/// How a cache did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CacheFigures {
    /// The cache's name.
    pub cache: String,
    /// Look-ups that found what they asked for.
    pub hits: u64,
    /// Look-ups that had to load it.
    pub misses: u64,
    /// Look-ups that waited for another one's load.
    pub coalesced: u64,
    /// Look-ups that failed.
    pub errors: u64,
}

/// The target as a whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ServerFigures {
    /// Resident memory after the last round.
    pub memory_bytes: Option<u64>,
    /// By what share it grew between the two scrapes.
    pub memory_growth: Option<f64>,
    /// 99 of 100 waits for a connection took no longer, estimated from its histogram.
    pub pool_wait_p99_ms: Option<f64>,
    /// Waits for a connection; None where the target does not count them.
    pub pool_waits: Option<u64>,
    /// Processors kept busy between the two scrapes: 1 is one whole core.
    pub cpu_cores: Option<f64>,
    /// Processor milliseconds per request.
    pub cpu_ms_per_request: Option<f64>,
    /// How often what must not happen has happened, by its key; unknown where the target does not count it.
    #[serde(flatten)]
    pub incidents: BTreeMap<String, Option<u64>>,
    /// The target's version, revision and compiler, in its own words.
    pub build: Labels,
    /// The settings it ran with, in its own words.
    pub config: Labels,
}

impl ServerFigures {
    /// How often it happened, if the target counts it.
    #[must_use]
    pub fn count(&self, incident: &Incident) -> Option<u64> {
        self.incidents.get(incident.key).copied().flatten()
    }
}

impl CacheFigures {
    /// All look-ups.
    #[must_use]
    pub fn gets(&self) -> u64 {
        self.hits + self.misses + self.coalesced + self.errors
    }

    /// The share of the look-ups that found what they asked for.
    #[must_use]
    pub fn hit_ratio(&self) -> f64 {
        ratio(self.hits, self.gets())
    }
}

/// Every phase, the longest first.
pub(super) fn phases(
    window: &Window,
    names: &MetricNames,
    routes: &[RouteFigures],
) -> Vec<PhaseFigures> {
    let requests = routes.iter().filter_map(|route| route.counted).sum();
    let routes: Vec<_> = routes.iter().map(|route| route.route.as_str()).collect();
    let phases = window.after.label_values(&names.phases, &names.phase_label);
    let seconds = |phase: &str| -> f64 {
        let of = |route: &&str| {
            let mut labels = names.of_route(route);
            labels.push((names.phase_label.as_str(), phase));
            window.growth(&names.phases, &labels)
        };
        routes.iter().filter_map(of).sum()
    };
    let spent: Vec<_> = phases
        .into_iter()
        .map(|name| (seconds(&name), name))
        .collect();
    let total: f64 = spent.iter().map(|(seconds, _)| seconds).sum();
    let mut phases: Vec<_> = spent
        .into_iter()
        .map(|(seconds, phase)| PhaseFigures {
            phase,
            share: if total > 0.0 { seconds / total } else { 0.0 },
            ms_per_request: per(seconds * 1_000.0, requests),
        })
        .collect();
    phases.sort_by(|left, right| right.share.total_cmp(&left.share));
    phases
}

/// Every cache, by name.
pub(super) fn caches(window: &Window, names: &MetricNames) -> Vec<CacheFigures> {
    let gets = &names.cache_gets;
    let of_cache = |cache: String| {
        let count = |result| {
            let series = [
                (names.cache_label.as_str(), cache.as_str()),
                (names.cache_result_label.as_str(), result),
            ];
            whole(window.growth(gets, &series).unwrap_or(0.0))
        };
        CacheFigures {
            hits: count("hit"),
            misses: count("miss"),
            coalesced: count("coalesced"),
            errors: count("error"),
            cache,
        }
    };
    let caches = window.after.label_values(gets, &names.cache_label);
    caches.into_iter().map(of_cache).collect()
}

/// Memory, processor time, and what must not happen.
pub(super) fn figures(window: &Window, names: &MetricNames) -> ServerFigures {
    let busy = window.growth(&names.cpu_seconds, &[]);
    let requests = window.growth(&format!("{}_count", names.requests), &[]);
    let per_request = |(busy, requests): (f64, f64)| busy * 1_000.0 / requests;
    let memory = window.after.sum(&names.memory_bytes, &[]);
    let before = window.before.sum(&names.memory_bytes, &[]);
    let growth = |(after, before): (f64, f64)| after / before - 1.0;
    let waits = window.buckets(&names.pool_wait, &[]);
    ServerFigures {
        memory_bytes: memory.map(whole),
        memory_growth: memory.zip(before.filter(|bytes| *bytes > 0.0)).map(growth),
        pool_wait_p99_ms: waits.quantile(0.99).map(|seconds| seconds * 1_000.0),
        pool_waits: window
            .growth(&format!("{}_count", names.pool_wait), &[])
            .map(whole),
        cpu_cores: busy.map(|busy| busy / window.seconds().max(1e-9)),
        cpu_ms_per_request: busy
            .zip(requests.filter(|requests| *requests > 0.0))
            .map(per_request),
        incidents: INCIDENTS
            .iter()
            .map(|incident| {
                let count = window.growth((incident.metric)(names), incident.labels);
                (incident.key.to_owned(), count.map(whole))
            })
            .collect(),
        build: window.after.info(&names.build),
        config: window.after.info(&names.config),
    }
}
