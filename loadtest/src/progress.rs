//! How far an attack is, for a person who waits: one changing line on a terminal, a plain line
//! every few seconds elsewhere. It goes to stderr; stdout is for the verdict.

use crate::numbers::rate;
use crate::wording::{count, per_second};
use std::future::Future;
use std::io::{IsTerminal, Write, stderr};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// What all users of an attack did so far.
#[derive(Debug, Default)]
pub struct Progress {
    requests: AtomicU64,
    errors: AtomicU64,
    unanswered_in_a_row: AtomicU64,
}

impl Progress {
    /// Counts a request that is over, and whether there was an answer at all.
    pub fn count(&self, answered: bool) {
        self.requests.fetch_add(1, Relaxed);
        if answered {
            self.unanswered_in_a_row.store(0, Relaxed);
        } else {
            self.unanswered_in_a_row.fetch_add(1, Relaxed);
        }
    }

    /// Counts that it failed.
    pub fn count_error(&self) {
        self.errors.fetch_add(1, Relaxed);
    }

    /// Requests without an answer since the last one with an answer.
    pub fn unanswered_in_a_row(&self) -> u64 {
        self.unanswered_in_a_row.load(Relaxed)
    }

    /// Shows the progress of `work`, which is planned to take `planned`, until it is done.
    pub async fn show<T>(
        &self,
        title: &str,
        planned: Duration,
        work: impl Future<Output = T>,
    ) -> T {
        let line = Line::new();
        let started = Instant::now();
        let mut tick = tokio::time::interval(line.every());
        tick.tick().await;
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                result = &mut work => {
                    line.last(&self.describe(title, started.elapsed(), planned));
                    return result;
                }
                _ = tick.tick() => {
                    line.write(&self.describe(title, started.elapsed(), planned));
                }
            }
        }
    }

    fn describe(&self, title: &str, elapsed: Duration, planned: Duration) -> String {
        let (requests, errors) = (self.requests.load(Relaxed), self.errors.load(Relaxed));
        let seconds = elapsed.as_secs_f64();
        format!(
            "{title:<8} {seconds:>5.1} of {} s   {} requests   {}   {} errors",
            planned.as_secs(),
            count(requests),
            per_second(rate(requests, seconds)),
            count(errors),
        )
    }
}

/// Says on stderr what is being done.
pub fn say(what: &str) {
    // Nobody can be told that nobody can be told.
    let _ = writeln!(stderr(), "{what}");
}

struct Line {
    terminal: bool,
}

impl Line {
    fn new() -> Self {
        Self {
            terminal: stderr().is_terminal(),
        }
    }

    fn every(&self) -> Duration {
        Duration::from_millis(if self.terminal { 250 } else { 3_000 })
    }

    fn write(&self, text: &str) {
        if self.terminal {
            let _ = write!(stderr(), "\r\x1b[2K{text}");
            let _ = stderr().flush();
        } else {
            say(text);
        }
    }

    fn last(&self, text: &str) {
        self.write(text);
        if self.terminal {
            say("");
        }
    }
}
