//! How far an attack is, for a person who waits: one changing line on a terminal, a plain line
//! every few seconds elsewhere. It goes to stderr; stdout is for the verdict.

use crate::evidence::Cell;
use crate::numbers::{milliseconds, rank, rate, ratio};
use crate::wording::{count, per_second, percent, time};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::VecDeque;
use std::future::Future;
use std::io::{Write, stderr};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// The rate that is shown is that of the last seconds, so that a change is seen.
const RATE_OVER: Duration = Duration::from_secs(3);

/// What all users of an attack did so far.
#[derive(Debug, Default)]
pub struct Progress {
    requests: AtomicU64,
    errors: AtomicU64,
    unanswered_in_a_row: AtomicU64,
}

/// What only the record of the attack knows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// The 99th percentile so far, in milliseconds.
    pub p99_ms: Option<f64>,
    /// The share of the requests so far that were within their route's budget.
    pub within: Option<f64>,
}

impl Snapshot {
    /// From what was seen of each route so far, and the time that each promises.
    #[must_use]
    pub fn of(cells: &[Cell], promised: &[Option<Duration>]) -> Self {
        let (mut all, mut within, mut of) = (Cell::default(), 0, 0);
        for (cell, promised) in cells.iter().zip(promised) {
            all.merge(cell);
            if let Some(promised) = promised {
                within += cell.right.up_to(*promised);
                of += cell.requests();
            }
        }
        let p99 = all.right.at_rank(rank(0.99, all.requests()));
        Self {
            p99_ms: p99.map(milliseconds),
            within: (of > 0).then(|| ratio(within, of)),
        }
    }
}

impl Progress {
    /// Counts a request that is over, whether there was an answer at all, and whether it failed.
    pub fn count(&self, answered: bool, failed: bool) {
        self.requests.fetch_add(1, Relaxed);
        if failed {
            self.errors.fetch_add(1, Relaxed);
        }
        if answered {
            self.unanswered_in_a_row.store(0, Relaxed);
        } else {
            self.unanswered_in_a_row.fetch_add(1, Relaxed);
        }
    }

    /// Requests without an answer since the last one with an answer.
    pub fn unanswered_in_a_row(&self) -> u64 {
        self.unanswered_in_a_row.load(Relaxed)
    }

    /// Shows the progress of `work`, which is planned to take `planned`, until it is done.
    /// `snapshot` is asked once per line.
    pub async fn show<T>(
        &self,
        title: &str,
        planned: Duration,
        snapshot: impl Fn() -> Snapshot,
        work: impl Future<Output = T>,
    ) -> T {
        let line = Line::new();
        let mut lately = Lately::default();
        let started = Instant::now();
        let mut tick = tokio::time::interval(line.every());
        tick.tick().await;
        let mut work = std::pin::pin!(work);
        loop {
            let result = tokio::select! {
                result = &mut work => Some(result),
                _ = tick.tick() => None,
            };
            let elapsed = started.elapsed();
            let rate = lately.rate(elapsed, self.requests.load(Relaxed));
            let head = format!(
                "{title:<8} {:>5.1} of {} s",
                elapsed.as_secs_f64(),
                planned.as_secs()
            );
            line.write(&format!("{head}   {}", self.describe(rate, snapshot())));
            if let Some(result) = result {
                line.leave();
                return result;
            }
        }
    }

    fn describe(&self, rate: f64, snapshot: Snapshot) -> String {
        let (requests, errors) = (self.requests.load(Relaxed), self.errors.load(Relaxed));
        let p99 = snapshot.p99_ms.map(|ms| format!("p99 {}", time(ms)));
        let within = snapshot.within.map(percent);
        let parts = [
            Some(per_second(rate)),
            p99,
            within.map(|share| format!("{share} within budget")),
            Some(format!("{} errors", count(errors))),
            Some(format!("{} requests", count(requests))),
        ];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        parts.join("   ")
    }
}

/// What was counted when, as far back as the rate looks.
#[derive(Default)]
struct Lately(VecDeque<(Duration, u64)>);

impl Lately {
    fn rate(&mut self, elapsed: Duration, requests: u64) -> f64 {
        while let Some((then, _)) = self.0.front()
            && elapsed.saturating_sub(*then) > RATE_OVER
            && self.0.len() > 1
        {
            self.0.pop_front();
        }
        let (since, before) = self.0.front().copied().unwrap_or_default();
        self.0.push_back((elapsed, requests));
        rate(
            requests - before,
            elapsed.saturating_sub(since).as_secs_f64(),
        )
    }
}

/// Says on stderr what is being done.
pub fn say(what: &str) {
    // Nobody can be told that nobody can be told.
    let _ = writeln!(stderr(), "{what}");
}

/// Where the progress goes; without a terminal the bar is hidden, and lines are written.
struct Line(ProgressBar);

impl Line {
    fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        // The text is cut where the terminal ends.
        let style = ProgressStyle::with_template("{wide_msg}");
        Self(match style {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        })
    }

    fn every(&self) -> Duration {
        Duration::from_millis(if self.0.is_hidden() { 3_000 } else { 1_000 })
    }

    fn write(&self, text: &str) {
        if self.0.is_hidden() {
            say(text);
        } else {
            self.0.set_message(text.to_owned());
            self.0.tick();
        }
    }

    /// Leaves the last line where it is.
    fn leave(&self) {
        self.0.abandon();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_rate_p99_share_within_budget_and_errors() {
        let progress = Progress::default();
        for number in 0..1_500 {
            progress.count(number > 2, number == 0);
        }
        let snapshot = Snapshot {
            p99_ms: Some(3.1),
            within: Some(0.998),
        };
        assert_eq!(
            progress.describe(750.0, snapshot),
            "750/s   p99 3.1 ms   99.80% within budget   1 errors   1 500 requests"
        );
        let unknown = progress.describe(750.0, Snapshot::default());
        assert_eq!(unknown, "750/s   1 errors   1 500 requests");
    }

    #[test]
    fn a_failed_request_is_not_within_its_budget() {
        let mut slow = Cell::default();
        slow.right.record(Duration::from_millis(3));
        slow.right.record(Duration::from_millis(9));
        let failed = Cell {
            wrong: 2,
            ..Cell::default()
        };
        let promised = Some(Duration::from_millis(5));
        let snapshot = Snapshot::of(&[slow, failed], &[promised, promised]);
        let quarter = Snapshot {
            p99_ms: None,
            within: Some(0.25),
        };
        assert_eq!(snapshot, quarter);
        assert_eq!(Snapshot::of(&[], &[]), Snapshot::default());
    }

    #[test]
    fn the_rate_is_that_of_the_last_seconds() {
        let mut lately = Lately::default();
        let counted = [
            (1, 100),
            (2, 200),
            (3, 300),
            (4, 1_300),
            (5, 2_300),
            (6, 3_300),
        ];
        let rates = counted.map(|(second, requests)| {
            let rate = lately.rate(Duration::from_secs(second), requests);
            crate::numbers::whole(rate)
        });
        assert_eq!(rates, [100, 100, 100, 400, 700, 1_000]);
    }

    #[test]
    fn answers_end_the_row_of_requests_without_one() {
        let progress = Progress::default();
        progress.count(false, true);
        progress.count(false, true);
        assert_eq!(progress.unanswered_in_a_row(), 2);
        progress.count(true, false);
        assert_eq!(progress.unanswered_in_a_row(), 0);
    }
}
