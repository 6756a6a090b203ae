//! What can be promised, as plain data.

use super::{Share, Time};
use crate::numbers::{milliseconds, ratio};
use crate::wording;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// So many of 100 requests…
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Percentile {
    /// 50 of 100.
    P50,
    /// 90 of 100.
    P90,
    /// 95 of 100.
    P95,
    /// 99 of 100.
    P99,
    /// 999 of 1000.
    P999,
}

impl Percentile {
    /// Every percentile that can be promised, the least first.
    pub const ALL: [Self; 5] = [Self::P50, Self::P90, Self::P95, Self::P99, Self::P999];

    /// Its quantile, such as 0.99.
    #[must_use]
    pub fn quantile(self) -> f64 {
        1.0 - self.allowed()
    }

    /// The share of the requests that may take longer.
    #[must_use]
    pub fn allowed(self) -> f64 {
        // From whole numbers: 1 - 0.999 is not 0.001 in binary.
        let per_mille = match self {
            Self::P50 => 500,
            Self::P90 => 100,
            Self::P95 => 50,
            Self::P99 => 10,
            Self::P999 => 1,
        };
        ratio(per_mille, 1_000)
    }
}

impl fmt::Display for Percentile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::P50 => "p50",
            Self::P90 => "p90",
            Self::P95 => "p95",
            Self::P99 => "p99",
            Self::P999 => "p99.9",
        })
    }
}

/// A share of the requests takes no longer than a time, by the client's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimePromise {
    /// Which share.
    pub percentile: Percentile,
    /// Which time.
    pub within: Time,
}

impl fmt::Display for TimePromise {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let within = wording::budget(self.within.0);
        write!(formatter, "{} <= {within}", self.percentile)
    }
}

/// What a route promises.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RouteBudget {
    /// By percentile, the least first.
    pub times: Vec<TimePromise>,
    /// At most this share of the requests fails.
    pub errors: Option<Share>,
    /// Whether the route's own entry says so, and not the default for all.
    pub errors_of_its_own: bool,
    /// It runs at most so many queries on average.
    pub queries_per_request: Option<f64>,
    /// At least this share of its look-ups in caches finds what it asks for.
    pub cache_hit: Option<Share>,
}

impl RouteBudget {
    /// The time promised for this percentile.
    #[must_use]
    pub fn time(&self, percentile: Percentile) -> Option<Time> {
        let mut times = self.times.iter();
        let promise = times.find(|promise| promise.percentile == percentile)?;
        Some(promise.within)
    }

    /// The promise that is shown first and drawn: p99, or else that of the highest percentile.
    #[must_use]
    pub fn main(&self) -> Option<TimePromise> {
        let p99 = |promise: &&TimePromise| promise.percentile == Percentile::P99;
        let p99 = self.times.iter().find(p99);
        p99.or(self.times.last()).copied()
    }
}

/// What a query promises.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct QueryBudget {
    /// The time a call may take; None is what the service itself exports as the query's budget.
    pub within: Option<Time>,
    /// At least this share of the calls takes no longer.
    pub share: Option<Share>,
    /// It is called at most so often per request of the routes that call it.
    pub max_per_request: Option<f64>,
    /// Whether the query has an entry of its own.
    pub of_its_own: bool,
}

/// What the service promises as a whole. What is not promised is shown, not judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerBudget {
    /// Statements that ran without a name.
    pub unnamed_queries: Option<u64>,
    /// Requests that ran the same query again and again.
    pub query_loops: Option<u64>,
    /// Requests that ran more queries than their route declares.
    pub query_counts_exceeded: Option<u64>,
    /// Calls that returned more rows than their query declares.
    pub rows_exceeded: Option<u64>,
    /// Statements that were planned in another shape than before.
    pub plan_changes: Option<u64>,
    /// Log lines that were dropped.
    pub log_drops: Option<u64>,
    /// 99 of 100 requests wait no longer for a connection.
    pub pool_wait_p99: Option<Time>,
    /// The resident memory grows by at most this share between the first scrape and the last.
    pub rss_growth: Option<Share>,
}

/// What the generator must be like to be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GeneratorLimits {
    /// A time in which this process did not run, and which spoils its second, is longer than this.
    pub gap: Time,
    /// At most this share of the seconds is spoilt so.
    pub tainted: Share,
    /// It uses at most this share of the processors it may use; where requests were late, the time
    /// that it waited for a processor counts as well. The whole is no limit.
    pub cpu: Share,
    /// 99 of 100 free users begin no later than this after the time.
    pub slip_p99: Time,
    /// At least this share of the requests that are due is begun.
    pub begun: Share,
}

impl Default for GeneratorLimits {
    fn default() -> Self {
        Self {
            gap: Time(Duration::from_millis(50)),
            tainted: Share(0.01),
            cpu: Share(0.85),
            slip_p99: Time(Duration::from_millis(5)),
            begun: Share(0.99),
        }
    }
}

/// What a comparison may call worse.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Regression {
    /// A smaller difference is none.
    pub min_effect: Share,
    /// The figures that decide; all others are only shown.
    pub gate: Vec<Gate>,
}

/// A figure that can decide a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// Half of the requests take no longer.
    P50,
    /// Requests per second.
    Throughput,
    /// Processor time per request.
    CpuPerRequest,
    /// Queries per request.
    QueriesPerRequest,
}

impl Default for Regression {
    fn default() -> Self {
        Self {
            min_effect: Share(0.05),
            gate: vec![
                Gate::P50,
                Gate::Throughput,
                Gate::CpuPerRequest,
                Gate::QueriesPerRequest,
            ],
        }
    }
}

impl Time {
    /// Milliseconds with their fraction.
    #[must_use]
    pub fn ms(self) -> f64 {
        milliseconds(self.0)
    }
}
