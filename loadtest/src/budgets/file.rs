//! The budgets file as it is written: tables and keys, with their places.

use super::{GeneratorLimits, Regression, ServerBudget, Share, Time};
use serde::{Deserialize, Deserializer, de::Error};
use std::collections::BTreeMap;
use toml::Spanned;

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct File {
    pub verdict: VerdictEntry,
    pub generator: GeneratorLimits,
    pub run: RunEntry,
    pub default: RouteEntry,
    pub route: BTreeMap<Spanned<String>, RouteEntry>,
    pub query_default: QueryEntry,
    pub query: BTreeMap<Spanned<String>, QueryEntry>,
    pub cache: BTreeMap<Spanned<String>, CacheEntry>,
    pub server: ServerBudget,
    pub regression: Regression,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct VerdictEntry {
    pub confidence: Option<Spanned<f64>>,
    pub rounds_agree: Option<Share>,
    #[serde(rename = "failures_count_as")]
    _failures_count_as: FailuresCountAs,
    #[serde(rename = "clock")]
    _clock: Clock,
}

/// There is no other way to count failures; the key is there to say so.
#[derive(Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FailuresCountAs {
    #[default]
    OverBudget,
}

/// There is no other clock; the key is there to say so.
#[derive(Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Clock {
    #[default]
    LastByte,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RunEntry {
    pub errors: Option<Share>,
}

/// How many of something a request makes on average.
#[derive(Clone, Copy, Debug)]
pub(super) struct PerRequest(pub f64);

impl<'de> Deserialize<'de> for PerRequest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = f64::deserialize(deserializer)?;
        if number.is_finite() && number >= 0.0 {
            Ok(Self(number))
        } else {
            Err(D::Error::custom("a number of queries is 0 or more"))
        }
    }
}

/// `[default]`, or a route's own.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RouteEntry {
    /// Of the target as a whole, so only in `[default]`.
    pub stall: Option<Spanned<Time>>,
    pub p50: Option<Time>,
    pub p90: Option<Time>,
    pub p95: Option<Time>,
    pub p99: Option<Time>,
    pub p999: Option<Time>,
    pub errors: Option<Share>,
    pub queries_per_request: Option<PerRequest>,
    pub cache_hit: Option<Share>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct QueryEntry {
    pub within: Option<Time>,
    pub share: Option<Share>,
    pub max_per_request: Option<PerRequest>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CacheEntry {
    pub hit: Share,
}

impl RouteEntry {
    /// What this entry says, and what `other` says where this one says nothing.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            stall: self.stall.or(other.stall),
            p50: self.p50.or(other.p50),
            p90: self.p90.or(other.p90),
            p95: self.p95.or(other.p95),
            p99: self.p99.or(other.p99),
            p999: self.p999.or(other.p999),
            errors: self.errors.or(other.errors),
            queries_per_request: self.queries_per_request.or(other.queries_per_request),
            cache_hit: self.cache_hit.or(other.cache_hit),
        }
    }

    /// The times, in the order of [`super::Percentile::ALL`].
    pub(super) fn times(&self) -> [Option<Time>; 5] {
        [self.p50, self.p90, self.p95, self.p99, self.p999]
    }
}

impl QueryEntry {
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            within: self.within.or(other.within),
            share: self.share.or(other.share),
            max_per_request: self.max_per_request.or(other.max_per_request),
        }
    }
}
