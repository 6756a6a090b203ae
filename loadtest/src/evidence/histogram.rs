//! How long requests took: counts by duration, to three significant digits, mergeable by addition.
//!
//! The edges of the buckets are all numbers of microseconds with at most three significant digits,
//! and a duration counts at the edge above it. So no percentile flatters, the error is below one
//! per cent, and every time that a person writes as a budget ("100ms", "1.5s", "250us") is an
//! edge: how many requests were within it is known exactly, during a run and years later.

use crate::numbers::rank;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// Counts by duration; written as `[[microseconds, count], …]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(from = "Vec<(u64, u64)>", into = "Vec<(u64, u64)>")]
#[schemars(with = "Vec<(u64, u64)>")]
pub struct Histogram {
    counts: BTreeMap<u64, u64>,
    total: u64,
}

impl Histogram {
    /// Counts a duration.
    pub fn record(&mut self, elapsed: Duration) {
        self.add(edge(elapsed), 1);
    }

    /// Adds what another histogram counted.
    pub fn merge(&mut self, other: &Self) {
        for (micros, count) in &other.counts {
            self.add(*micros, *count);
        }
    }

    /// All durations that were counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.total
    }

    /// The durations of at most `limit`; exact when that has at most three significant digits.
    #[must_use]
    pub fn up_to(&self, limit: Duration) -> u64 {
        self.counts
            .range(..=edge(limit))
            .map(|(_, count)| count)
            .sum()
    }

    /// The duration at `rank`, counted from 1 for the shortest; None beyond the last.
    #[must_use]
    pub fn at_rank(&self, rank: u64) -> Option<Duration> {
        let mut seen = 0;
        self.counts.iter().find_map(|(micros, count)| {
            seen += count;
            (seen >= rank).then(|| Duration::from_micros(*micros))
        })
    }

    /// The duration that a share `q` of those counted did not exceed.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<Duration> {
        self.at_rank(rank(q, self.total))
    }

    /// The longest.
    #[must_use]
    pub fn max(&self) -> Option<Duration> {
        let (micros, _) = self.counts.last_key_value()?;
        Some(Duration::from_micros(*micros))
    }

    /// Edges in microseconds, ascending, with their counts.
    pub fn buckets(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.counts.iter().map(|(micros, count)| (*micros, *count))
    }

    /// Adds so many durations of a bucket, which is named by its edge in microseconds.
    pub(crate) fn add(&mut self, micros: u64, count: u64) {
        *self.counts.entry(micros).or_default() += count;
        self.total += count;
    }
}

impl From<Vec<(u64, u64)>> for Histogram {
    fn from(buckets: Vec<(u64, u64)>) -> Self {
        let mut histogram = Self::default();
        for (micros, count) in buckets {
            histogram.add(micros, count);
        }
        histogram
    }
}

impl From<Histogram> for Vec<(u64, u64)> {
    fn from(histogram: Histogram) -> Self {
        histogram.counts.into_iter().collect()
    }
}

/// Whether a time is the edge of a bucket, so that the requests within it are known exactly.
#[must_use]
pub fn is_edge(time: Duration) -> bool {
    Duration::from_micros(edge(time)) == time
}

/// Microseconds, rounded up to three significant digits.
fn edge(elapsed: Duration) -> u64 {
    edge_of(slot(elapsed))
}

/// Buckets with less than three significant digits: 0 to 99.
const SHORT: u64 = 100;
/// Buckets for each number of digits from three on: 100 to 999, times a power of ten.
const PER_DIGIT: u64 = 900;

/// The place of a duration's bucket among all buckets, shortest first.
#[must_use]
pub fn slot(elapsed: Duration) -> usize {
    let micros = elapsed.as_secs().saturating_mul(1_000_000);
    let micros = micros.saturating_add(u64::from(elapsed.subsec_nanos().div_ceil(1_000)));
    let digits = micros.checked_ilog10().unwrap_or(0).saturating_sub(2);
    // 1000 of a digit is 100 of the next one, and its place is the same.
    let leading = micros.div_ceil(10_u64.pow(digits));
    usize::try_from(PER_DIGIT * u64::from(digits) + leading).unwrap_or(usize::MAX)
}

/// The edge, in microseconds, of the bucket at this place.
#[must_use]
pub fn edge_of(slot: usize) -> u64 {
    let slot = u64::try_from(slot).unwrap_or(u64::MAX);
    let digits = slot.saturating_sub(SHORT) / PER_DIGIT;
    let power = u32::try_from(digits).ok();
    let step = power.and_then(|power| 10_u64.checked_pow(power));
    step.map_or(u64::MAX, |step| {
        (slot - PER_DIGIT * digits).saturating_mul(step)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(micros: impl IntoIterator<Item = u64>) -> Histogram {
        let mut histogram = Histogram::default();
        for micros in micros {
            histogram.record(Duration::from_micros(micros));
        }
        histogram
    }

    #[test]
    fn a_budget_is_an_edge_and_a_nanosecond_more_is_beyond_it() {
        let budget = Duration::from_millis(100);
        let mut histogram = of([100_000]);
        histogram.record(budget + Duration::from_nanos(1));
        assert_eq!((histogram.count(), histogram.up_to(budget)), (2, 1));
        assert!(is_edge(budget) && is_edge(Duration::from_micros(250)));
        assert!(!is_edge(Duration::from_micros(100_500)));
    }

    #[test]
    fn durations_are_rounded_up_to_three_digits() {
        let rounded = |micros| edge(Duration::from_micros(micros));
        assert_eq!(rounded(0), 0);
        assert_eq!(rounded(999), 999);
        assert_eq!(rounded(1_001), 1_010);
        assert_eq!(rounded(100_000), 100_000);
        assert_eq!(rounded(99_901), 100_000);
    }

    #[test]
    fn merging_the_parts_gives_the_whole() {
        let mut left = of((1..=1_000).filter(|n| n % 3 == 0).map(|n| n * 7));
        left.merge(&of((1..=1_000).filter(|n| n % 3 != 0).map(|n| n * 7)));
        assert_eq!(left, of((1..=1_000).map(|n| n * 7)));
    }

    #[test]
    fn it_is_read_back_as_it_was_written() {
        let histogram = of([3, 3, 1_234]);
        let written = serde_json::to_string(&histogram).unwrap();
        assert_eq!(written, "[[3,2],[1240,1]]");
        assert_eq!(
            serde_json::from_str::<Histogram>(&written).unwrap(),
            histogram
        );
    }
}
