//! What a run measured: the client's record and the target's metrics, side by side.
//!
//! Pure: the same evidence gives the same figures, years later. They are plain data, without any
//! statistics: they are judged by [`crate::judge`] and shown by [`crate::report`]. Times are
//! milliseconds; a missing time means that there was nothing to measure, or (percentiles) that so
//! many requests failed that the percentile falls among them. A figure of the target is missing
//! where its metrics do not tell it.

mod generator;
mod queries;
mod routes;
mod server;
mod timeline;

#[cfg(test)]
mod tests;

pub use generator::GeneratorFigures;
pub use queries::QueryFigures;
pub(crate) use routes::over;
pub use routes::{LatencyPoint, PromiseFigures, RouteFigures, counts_agree};
pub use server::{CacheFigures, PhaseFigures, ServerFigures};
pub use timeline::TimelinePoint;

use crate::budgets::Budgets;
use crate::evidence::Evidence;
use crate::numbers::{count, ratio};
use serde::{Deserialize, Serialize};

/// Everything that was measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Measurements {
    /// Seconds of all rounds.
    pub seconds: f64,
    /// Of which these can be used: the generator did not spoil them.
    pub usable_seconds: f64,
    /// One entry per route, in the order of the evidence.
    pub routes: Vec<RouteFigures>,
    /// One entry per block of time, over all rounds.
    pub timeline: Vec<TimelinePoint>,
    /// The longest time in which requests were under way and none was answered.
    pub longest_stall_ms: f64,
    /// The generator.
    pub generator: GeneratorFigures,
    /// One entry per query that was called.
    pub queries: Vec<QueryFigures>,
    /// One entry per phase, over all routes.
    pub phases: Vec<PhaseFigures>,
    /// One entry per cache.
    pub caches: Vec<CacheFigures>,
    /// The target as a whole; None when its metrics were not read.
    pub server: Option<ServerFigures>,
}

impl Measurements {
    /// Puts both views together.
    #[must_use]
    pub fn of(evidence: &Evidence, budgets: &Budgets) -> Self {
        let rounds = evidence.rounds.iter();
        let stalls = rounds.clone().map(|round| round.longest_stall_ms);
        let seconds: f64 = rounds.map(|round| round.seconds).sum();
        let generator = generator::figures(evidence, budgets);
        let usable_seconds = (seconds - count(generator.tainted_seconds)).max(0.0);
        let mut measured = Self {
            seconds,
            usable_seconds,
            routes: routes::figures(evidence, budgets, usable_seconds),
            timeline: timeline::points(evidence, budgets),
            longest_stall_ms: stalls.fold(0.0, f64::max),
            generator,
            ..Self::default()
        };
        if let Some(window) = &evidence.target {
            let names = &evidence.metrics;
            measured.queries = queries::figures(window, names, budgets);
            measured.phases = server::phases(window, names, &measured.routes);
            measured.caches = server::caches(window, names);
            measured.server = Some(server::figures(window, names));
        }
        measured
    }

    /// The figures of a route.
    #[must_use]
    pub fn route(&self, name: &str) -> Option<&RouteFigures> {
        self.routes.iter().find(|figures| figures.route == name)
    }

    /// All requests, without those in seconds that the generator spoilt.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.routes.iter().map(|route| route.requests).sum()
    }

    /// All requests that failed.
    #[must_use]
    pub fn errors(&self) -> u64 {
        self.routes.iter().map(|route| route.errors).sum()
    }

    /// Queries that a request ran on average, over all routes of which the target tells it.
    #[must_use]
    pub fn queries_per_request(&self) -> Option<f64> {
        let known = self.routes.iter().filter_map(|route| {
            let requests = route.counted?;
            Some((route.queries_per_request? * count(requests), requests))
        });
        let add = |one: (f64, u64), other: (f64, u64)| (one.0 + other.0, one.1 + other.1);
        known
            .reduce(add)
            .map(|(queries, requests)| queries / count(requests))
    }

    /// Requests per second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        crate::numbers::rate(self.requests(), self.usable_seconds)
    }

    /// The share of the requests that failed.
    #[must_use]
    pub fn error_share(&self) -> f64 {
        ratio(self.errors(), self.requests())
    }
}
