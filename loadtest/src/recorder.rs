//! What the client saw: counts and latencies per route, mergeable by addition.
//!
//! Every user of an attack has its own [`Recorder`]; they are merged when the attack is over.
//! Latencies are kept to three significant digits, rounded up, so that no percentile flatters.
//! Whether a request was within its budget is decided from the unrounded time, so that count is
//! exact. A failed request is over budget, however fast it failed: percentiles are those of all
//! requests, with the failed ones as the slowest.

use crate::numbers;
use crate::routes::Route;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Distinct error messages kept per route; what comes after is counted as one.
const MESSAGES_KEPT: usize = 20;

/// How one request ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Answered, and the answer was right.
    Right,
    /// Sent, but the answer was wrong, or there was none.
    Wrong(String),
    /// Not sent: no connection could be made, so the target cannot have counted it.
    Unsent(String),
}

/// Everything one or more users recorded.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    budgets: BTreeMap<Route, Duration>,
    routes: BTreeMap<Route, Samples>,
    span: Option<(Instant, Instant)>,
}

/// What was recorded for one route.
#[derive(Clone, Debug, Default)]
pub struct Samples {
    right: u64,
    unsent: u64,
    errors: BTreeMap<String, u64>,
    within_budget: u64,
    /// Microseconds, rounded up to three digits, to the number of right answers that took so long.
    latencies: BTreeMap<u64, u64>,
}

impl Recorder {
    /// A recorder which counts, exactly, the requests of each route within its budget.
    #[must_use]
    pub fn new(budgets: BTreeMap<Route, Duration>) -> Self {
        Self {
            budgets,
            ..Self::default()
        }
    }

    /// Takes down one request which began at `started` and ended `elapsed` later.
    pub fn record(&mut self, route: Route, started: Instant, elapsed: Duration, outcome: Outcome) {
        let budget = self.budgets.get(&route).copied().unwrap_or(Duration::ZERO);
        self.widen(started, started + elapsed);
        let samples = self.routes.entry(route).or_default();
        match outcome {
            Outcome::Right => samples.right(elapsed, elapsed <= budget),
            Outcome::Wrong(message) => samples.error(message, 1),
            Outcome::Unsent(message) => {
                samples.unsent += 1;
                samples.error(message, 1);
            }
        }
    }

    /// Adds what another recorder saw.
    pub fn merge(&mut self, other: &Self) {
        for (route, samples) in &other.routes {
            self.routes.entry(*route).or_default().merge(samples);
        }
        if let Some((first, last)) = other.span {
            self.widen(first, last);
        }
    }

    /// What was recorded for a route; nothing at all is an empty record.
    #[must_use]
    pub fn route(&self, route: Route) -> Samples {
        self.routes.get(&route).cloned().unwrap_or_default()
    }

    /// The time from the first request's begin to the last one's end.
    #[must_use]
    pub fn span(&self) -> Duration {
        self.span
            .map_or(Duration::ZERO, |(first, last)| last - first)
    }

    fn widen(&mut self, first: Instant, last: Instant) {
        self.span = Some(match self.span {
            Some((earliest, latest)) => (earliest.min(first), latest.max(last)),
            None => (first, last),
        });
    }
}

impl Samples {
    /// All requests that were tried.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.right + self.errors()
    }

    /// Requests that reached a connection: what the target must have counted.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.requests() - self.unsent
    }

    /// Requests which failed, in whatever way.
    #[must_use]
    pub fn errors(&self) -> u64 {
        self.errors.values().sum()
    }

    /// What the failed requests failed with, and how often.
    #[must_use]
    pub fn messages(&self) -> &BTreeMap<String, u64> {
        &self.errors
    }

    /// Requests with a right answer, its last byte within the route's budget.
    #[must_use]
    pub fn within_budget(&self) -> u64 {
        self.within_budget
    }

    /// The latency which a share `q` of all requests did not exceed.
    ///
    /// None when there were no requests, or when that request failed.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<Duration> {
        let rank = numbers::rank(q, self.requests());
        let mut seen = 0;
        self.latencies.iter().find_map(|(micros, count)| {
            seen += count;
            (seen >= rank).then(|| Duration::from_micros(*micros))
        })
    }

    /// The slowest right answer.
    #[must_use]
    pub fn max(&self) -> Option<Duration> {
        let (micros, _) = self.latencies.last_key_value()?;
        Some(Duration::from_micros(*micros))
    }

    fn right(&mut self, elapsed: Duration, within_budget: bool) {
        self.right += 1;
        self.within_budget += u64::from(within_budget);
        *self.latencies.entry(three_digits(elapsed)).or_default() += 1;
    }

    fn error(&mut self, message: String, count: u64) {
        let known = self.errors.contains_key(&message);
        let message = if known || self.errors.len() < MESSAGES_KEPT {
            message
        } else {
            "other errors".to_owned()
        };
        *self.errors.entry(message).or_default() += count;
    }

    fn merge(&mut self, other: &Self) {
        self.right += other.right;
        self.unsent += other.unsent;
        self.within_budget += other.within_budget;
        for (message, count) in &other.errors {
            self.error(message.clone(), *count);
        }
        for (micros, count) in &other.latencies {
            *self.latencies.entry(*micros).or_default() += count;
        }
    }
}

/// Microseconds, rounded up to three significant digits.
fn three_digits(elapsed: Duration) -> u64 {
    let micros = u64::try_from(elapsed.as_nanos().div_ceil(1_000)).unwrap_or(u64::MAX);
    let digits = micros.checked_ilog10().unwrap_or(0) + 1;
    let step = 10_u64.pow(digits.saturating_sub(3));
    micros.div_ceil(step).saturating_mul(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTE: Route = Route::GetUser;

    fn recorder() -> Recorder {
        Recorder::new(BTreeMap::from([(ROUTE, Duration::from_millis(100))]))
    }

    fn right(recorder: &mut Recorder, micros: u64) {
        let elapsed = Duration::from_micros(micros);
        recorder.record(ROUTE, Instant::now(), elapsed, Outcome::Right);
    }

    #[test]
    fn the_budget_itself_is_within_the_budget_and_a_microsecond_more_is_not() {
        let mut recorder = recorder();
        right(&mut recorder, 100_000);
        right(&mut recorder, 100_001);
        assert_eq!(recorder.route(ROUTE).within_budget(), 1);
    }

    #[test]
    fn latencies_are_rounded_up_to_three_digits() {
        let rounded = |micros| three_digits(Duration::from_micros(micros));
        assert_eq!(rounded(0), 0);
        assert_eq!(rounded(999), 999);
        assert_eq!(rounded(1_001), 1_010);
        assert_eq!(rounded(100_000), 100_000);
        assert_eq!(rounded(99_901), 100_000);
    }

    #[test]
    fn failures_are_the_slowest_requests_however_fast_they_were() {
        let mut recorder = recorder();
        for _ in 0..98 {
            right(&mut recorder, 500);
        }
        for _ in 0..2 {
            let wrong = Outcome::Wrong("status 500".to_owned());
            recorder.record(ROUTE, Instant::now(), Duration::from_micros(1), wrong);
        }
        let samples = recorder.route(ROUTE);
        assert_eq!(samples.quantile(0.98), Some(Duration::from_micros(500)));
        assert_eq!(samples.quantile(0.99), None);
        assert_eq!(samples.within_budget(), 98);
        assert_eq!(samples.errors(), 2);
    }

    #[test]
    fn requests_that_found_no_connection_are_errors_but_were_not_sent() {
        let mut recorder = recorder();
        let unsent = Outcome::Unsent("connection refused".to_owned());
        recorder.record(ROUTE, Instant::now(), Duration::ZERO, unsent);
        right(&mut recorder, 10);
        let samples = recorder.route(ROUTE);
        assert_eq!((samples.requests(), samples.sent()), (2, 1));
    }

    #[test]
    fn merging_the_parts_gives_the_whole() {
        let (mut whole, mut left, mut other) = (recorder(), recorder(), recorder());
        for micros in 1..=1_000 {
            right(&mut whole, micros * 7);
            right(
                if micros % 3 == 0 {
                    &mut left
                } else {
                    &mut other
                },
                micros * 7,
            );
        }
        left.merge(&other);
        let (left, whole) = (left.route(ROUTE), whole.route(ROUTE));
        assert_eq!(left.requests(), whole.requests());
        for q in [0.0, 0.5, 0.9, 0.99, 1.0] {
            assert_eq!(left.quantile(q), whole.quantile(q));
        }
    }

    #[test]
    fn the_number_of_kept_messages_is_bounded() {
        let mut recorder = recorder();
        for number in 0..100 {
            let wrong = Outcome::Wrong(format!("message {number}"));
            recorder.record(ROUTE, Instant::now(), Duration::ZERO, wrong);
        }
        let samples = recorder.route(ROUTE);
        assert_eq!(samples.messages().len(), MESSAGES_KEPT + 1);
        assert_eq!(samples.errors(), 100);
    }
}
