//! The longest time in which requests were under way and none was answered.
//!
//! A stall is one event, however many requests it makes late: it is therefore judged by its
//! length. Times in which this program itself did not run are no stalls of the target.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// Of what is shorter only the longest is kept. It cannot lie in a time in which this program did
/// not run, as those are no shorter unless somebody's budgets say so.
const SHORTEST: Duration = Duration::from_millis(50);
/// So many are kept, the longest: more would decide nothing.
const KEPT: usize = 64;

/// Watches requests begin and end.
#[derive(Debug, Default)]
pub struct Stalls {
    origin: OnceLock<Instant>,
    under_way: AtomicI64,
    /// Microseconds from the origin to the last answer, or to when there was something to answer.
    last: AtomicU64,
    /// The longest of the short ones, in microseconds.
    short: AtomicU64,
    /// Begin and length in microseconds.
    found: Mutex<Vec<(u64, u64)>>,
}

impl Stalls {
    /// Begins to watch.
    pub fn open(&self, origin: Instant) {
        // It is opened once.
        let _ = self.origin.set(origin);
    }

    /// A request is sent.
    pub fn begin(&self, now: Instant) {
        if self.under_way.fetch_add(1, Relaxed) == 0 {
            self.last.store(self.micros(now), Relaxed);
        }
    }

    /// A request has ended, with an answer or without.
    pub fn end(&self, now: Instant, answered: bool) {
        let now = self.micros(now);
        let none_left = self.under_way.fetch_sub(1, Relaxed) == 1;
        if !answered && !none_left {
            return;
        }
        let last = self.last.fetch_max(now, Relaxed);
        let length = now.saturating_sub(last);
        if Duration::from_micros(length) >= SHORTEST {
            self.keep(last, length);
        } else if length > self.short.load(Relaxed) {
            self.short.fetch_max(length, Relaxed);
        }
    }

    /// The longest in milliseconds; `gaps` are the times in which this program did not run, as
    /// milliseconds from the origin and length.
    #[must_use]
    pub fn longest_ms(&self, gaps: &[(f64, f64)]) -> f64 {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let milliseconds = |micros: u64| Duration::from_micros(micros).as_secs_f64() * 1_000.0;
        let ours = |from: f64, length: f64| {
            let apart = |gap: &(f64, f64)| gap.0 >= from + length || gap.0 + gap.1 <= from;
            !gaps.iter().all(apart)
        };
        let stalls = found
            .iter()
            .map(|(from, length)| (milliseconds(*from), milliseconds(*length)));
        stalls
            .filter(|(from, length)| !ours(*from, *length))
            .map(|(_, length)| length)
            .fold(milliseconds(self.short.load(Relaxed)), f64::max)
    }

    fn keep(&self, from: u64, length: u64) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.push((from, length));
        if found.len() > KEPT {
            found.sort_by_key(|(_, length)| std::cmp::Reverse(*length));
            found.truncate(KEPT);
        }
    }

    fn micros(&self, time: Instant) -> u64 {
        let origin = self.origin.get().copied().unwrap_or(time);
        let since = time.saturating_duration_since(origin);
        u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_for_an_answer_is_a_stall_and_having_nothing_to_do_is_none() {
        let origin = Instant::now();
        let at = |ms| origin + Duration::from_millis(ms);
        let stalls = Stalls::default();
        stalls.open(origin);
        stalls.begin(at(1_000));
        stalls.begin(at(1_010));
        stalls.end(at(1_300), true);
        stalls.end(at(1_360), true);
        assert!((stalls.longest_ms(&[]) - 300.0).abs() < 1e-9);
        assert!((stalls.longest_ms(&[(1_100.0, 60.0)]) - 60.0).abs() < 1e-9);
    }

    #[test]
    fn the_longest_of_short_ones_is_known_too() {
        let origin = Instant::now();
        let at = |ms| origin + Duration::from_millis(ms);
        let stalls = Stalls::default();
        stalls.open(origin);
        for (begin, end) in [(0, 7), (20, 60), (80, 90)] {
            stalls.begin(at(begin));
            stalls.end(at(end), true);
        }
        assert!((stalls.longest_ms(&[]) - 40.0).abs() < 1e-9);
    }

    #[test]
    fn a_request_that_is_given_up_is_no_answer() {
        let origin = Instant::now();
        let at = |ms| origin + Duration::from_millis(ms);
        let stalls = Stalls::default();
        stalls.open(origin);
        stalls.begin(at(0));
        stalls.begin(at(0));
        stalls.end(at(500), false);
        stalls.end(at(900), false);
        assert!((stalls.longest_ms(&[]) - 900.0).abs() < 1e-9);
    }
}
