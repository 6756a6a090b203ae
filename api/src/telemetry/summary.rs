//! What the metrics say of one query, for people: read from the handles when somebody asks.

use prometheus::{Histogram, IntCounter, core::Metric};
use serde::Serialize;

use super::{Metrics, UNMATCHED};

/// One query so far.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QuerySummary {
    /// How often it ran, failures included.
    pub calls: u64,
    /// How many of these failed.
    pub failed: u64,
    /// Seconds within which half of the calls ended; reckoned from buckets, as Prometheus' `histogram_quantile` does.
    pub p50_seconds: Option<f64>,
    /// The same for 95 of 100 calls.
    pub p95_seconds: Option<f64>,
    /// The same for 99 of 100 calls.
    pub p99_seconds: Option<f64>,
    /// Calls that took longer than the budget.
    pub over_budget: u64,
    /// Rows that calls returned or touched, on average.
    pub rows_per_call: Option<f64>,
    /// How often it was prepared.
    pub prepares: u64,
    /// Calls by route.
    pub routes: Vec<RouteCalls>,
}

/// Calls of a query by requests of one route.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RouteCalls {
    /// The route's name.
    pub route: &'static str,
    /// How often its requests ran the query.
    pub calls: u64,
}

impl Metrics {
    /// What is known of the query in `slot`.
    #[must_use]
    pub fn query_summary(&self, slot: usize) -> Option<QuerySummary> {
        let query = self.queries.get(slot)?;
        let durations = Distribution::of(query.durations());
        let failed = Distribution::of(query.failures());
        let rows = query.rows();
        #[expect(clippy::cast_precision_loss, reason = "exact up to 9e15 calls")]
        let rows_per_call = (rows.get_sample_count() > 0)
            .then(|| rows.get_sample_sum() / rows.get_sample_count() as f64);
        Some(QuerySummary {
            calls: durations.count,
            failed: failed.count,
            p50_seconds: durations.quantile(0.5),
            p95_seconds: durations.quantile(0.95),
            p99_seconds: durations.quantile(0.99),
            over_budget: query.over_budget(),
            rows_per_call,
            prepares: query.prepares.get(),
            routes: self.routes_of(slot),
        })
    }

    fn routes_of(&self, slot: usize) -> Vec<RouteCalls> {
        let routes = self
            .http
            .routes()
            .filter(|route| route.route.name != UNMATCHED);
        let calls = routes.map(|route| RouteCalls {
            route: route.route.name,
            calls: route.calls_of(slot).map_or(0, IntCounter::get),
        });
        calls.filter(|route| route.calls > 0).collect()
    }
}

/// Histograms with the same bounds, added up.
#[derive(Debug, Default)]
struct Distribution {
    count: u64,
    /// Upper bounds, with the number of observations up to each.
    buckets: Vec<(f64, u64)>,
}

impl Distribution {
    fn of<'a>(histograms: impl Iterator<Item = &'a Histogram>) -> Self {
        let mut sum = Self::default();
        for histogram in histograms {
            let metric = histogram.metric();
            let proto = metric.get_histogram();
            sum.count += proto.get_sample_count();
            for (at, bucket) in proto.get_bucket().iter().enumerate() {
                match sum.buckets.get_mut(at) {
                    Some((_, count)) => *count += bucket.cumulative_count(),
                    None => sum
                        .buckets
                        .push((bucket.upper_bound(), bucket.cumulative_count())),
                }
            }
        }
        sum
    }

    /// Linear within the bucket; above the last bound it is the last bound.
    #[expect(clippy::cast_precision_loss, reason = "exact up to 9e15 calls")]
    fn quantile(&self, share: f64) -> Option<f64> {
        if self.count == 0 {
            return None;
        }
        let rank = share * self.count as f64;
        let mut below = (0.0, 0);
        for (bound, count) in &self.buckets {
            if *count as f64 >= rank {
                let inside = (rank - below.1 as f64) / (*count - below.1) as f64;
                return Some(below.0 + (bound - below.0) * inside);
            }
            below = (*bound, *count);
        }
        Some(below.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distribution(counts: &[(f64, u64)], count: u64) -> Distribution {
        Distribution {
            count,
            buckets: counts.to_vec(),
        }
    }

    #[test]
    fn a_quantile_lies_in_its_bucket() {
        let of_ten = distribution(&[(0.1, 5), (0.2, 10)], 10);
        assert_eq!(of_ten.quantile(0.5), Some(0.1));
        assert_eq!(
            of_ten.quantile(0.75).map(|q| (q * 1e3).round()),
            Some(150.0)
        );
        assert_eq!(distribution(&[(0.1, 0)], 0).quantile(0.5), None);
    }

    #[test]
    fn beyond_the_last_bound_it_is_the_last_bound() {
        assert_eq!(
            distribution(&[(0.1, 0), (1.0, 0)], 3).quantile(0.5),
            Some(1.0)
        );
    }
}
