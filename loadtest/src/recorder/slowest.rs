//! The slowest right answers of a route, as many as are kept, and what the target said of each.

use crate::contract::Answer;
use crate::evidence::SlowRequest;
use crate::numbers::milliseconds;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::time::Duration;

/// How many are kept of each route and part of the recorder: a hundredth of 25 600.
const KEPT: usize = 256;

/// How many are told of however few there were.
const LEAST: usize = 3;

/// A bounded collection: whatever is faster than everything in it is not looked at.
#[derive(Debug, Default)]
pub struct Slowest {
    kept: BinaryHeap<Reverse<Kept>>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Kept {
    elapsed: Duration,
    /// The block of time in which it was meant to start.
    block: u32,
    waited: Duration,
    /// `traceresponse`, `X-Request-Id` and `Server-Timing`, as they came.
    headers: [String; 3],
}

impl Slowest {
    /// Keeps an answer if it is one of the slowest.
    pub fn offer(&mut self, block: u32, elapsed: Duration, waited: Duration, answer: &Answer) {
        if self.kept.len() >= KEPT && self.fastest().is_some_and(|fastest| elapsed <= fastest) {
            return;
        }
        let header = |name| answer.header(name).unwrap_or_default().to_owned();
        let headers = ["traceresponse", "x-request-id", "server-timing"].map(header);
        self.keep(Kept {
            elapsed,
            block,
            waited,
            headers,
        });
    }

    /// Adds what another collection kept.
    pub fn merge(&mut self, other: Self) {
        for Reverse(kept) in other.kept {
            self.keep(kept);
        }
    }

    /// The slowest hundredth of `count` answers, as far as it was kept, slowest first; three at least.
    /// What was meant to start in `tainted` blocks is not among them.
    #[must_use]
    pub fn into_requests(self, count: u64, tainted: &BTreeSet<u32>) -> Vec<SlowRequest> {
        let hundredth = usize::try_from(count.div_ceil(100)).unwrap_or(usize::MAX);
        // In the order of `Reverse`, that is from the slowest on.
        let sorted = self.kept.into_sorted_vec().into_iter();
        sorted
            .filter(|Reverse(kept)| !tainted.contains(&kept.block))
            .take(hundredth.max(LEAST))
            .map(|Reverse(kept)| kept.into_request())
            .collect()
    }

    fn fastest(&self) -> Option<Duration> {
        self.kept.peek().map(|Reverse(kept)| kept.elapsed)
    }

    fn keep(&mut self, kept: Kept) {
        self.kept.push(Reverse(kept));
        if self.kept.len() > KEPT {
            self.kept.pop();
        }
    }
}

impl Kept {
    fn into_request(self) -> SlowRequest {
        let [trace, request, timing] = self.headers;
        SlowRequest {
            ms: milliseconds(self.elapsed),
            waited_ms: milliseconds(self.waited),
            // version-trace-span-flags, by W3C Trace Context
            trace_id: trace.split('-').nth(1).map(str::to_owned),
            request_id: (!request.is_empty()).then_some(request),
            phases: phases(&timing),
        }
    }
}

/// Reads `name;dur=1.2, other;dur=3;desc="x"` (<https://www.w3.org/TR/server-timing/>).
fn phases(timing: &str) -> BTreeMap<String, f64> {
    let phase = |metric: &str| {
        let mut parts = metric.split(';').map(str::trim);
        let name = parts.next()?.to_owned();
        let milliseconds = parts.find_map(|part| part.strip_prefix("dur="))?;
        Some((name, milliseconds.parse().ok()?))
    };
    timing.split(',').filter_map(phase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use reqwest::StatusCode;

    fn answer() -> Answer {
        let headers = [
            ("traceresponse", "00-abc-def-01"),
            ("server-timing", "db;dur=1.5, cache;desc=hit;dur=2"),
        ];
        Answer {
            status: StatusCode::OK,
            headers: headers.into_iter().collect(),
            body: Bytes::new(),
        }
    }

    #[test]
    fn only_the_slowest_are_kept_and_the_slowest_comes_first() {
        let mut slowest = Slowest::default();
        for ms in 0..1_000 {
            // Every number once, in no order.
            let elapsed = Duration::from_millis(ms * 7 % 1_000);
            slowest.offer(0, elapsed, Duration::ZERO, &answer());
        }
        let kept = slowest.into_requests(100_000, &BTreeSet::new());
        assert_eq!(kept.len(), KEPT);
        assert!((kept[0].ms - 999.0).abs() < 1e-9);
        assert!((kept[KEPT - 1].ms - 744.0).abs() < 1e-9);
    }

    #[test]
    fn what_the_generator_spoilt_is_not_among_them() {
        let mut slowest = Slowest::default();
        for block in 0..3 {
            let elapsed = Duration::from_millis(10 + u64::from(block));
            slowest.offer(block, elapsed, Duration::ZERO, &answer());
        }
        let kept = slowest.into_requests(3, &BTreeSet::from([2]));
        let times: Vec<_> = kept
            .iter()
            .map(|kept| crate::numbers::whole(kept.ms))
            .collect();
        assert_eq!(times, [11, 10]);
    }

    #[test]
    fn what_the_target_said_is_read() {
        let mut slowest = Slowest::default();
        slowest.offer(
            0,
            Duration::from_millis(5),
            Duration::from_millis(2),
            &answer(),
        );
        let request = slowest.into_requests(1, &BTreeSet::new()).remove(0);
        assert_eq!(request.trace_id.as_deref(), Some("abc"));
        assert_eq!(request.request_id, None);
        assert_eq!(
            request.phases,
            BTreeMap::from([("db".to_owned(), 1.5), ("cache".to_owned(), 2.0)])
        );
    }
}
