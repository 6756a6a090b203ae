//! Progress on standard error: a bar on a terminal, a line every two seconds elsewhere.

use std::{
    io::{IsTerminal, stderr},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

const INTERVAL: Duration = Duration::from_secs(2);

pub(super) struct Progress {
    bar: ProgressBar,
    plain: bool,
    printed: Instant,
}

impl Progress {
    pub(super) fn new(rows: u64) -> Self {
        let plain = !stderr().is_terminal();
        let bar = if plain {
            ProgressBar::hidden()
        } else {
            ProgressBar::new(rows)
        };
        bar.set_length(rows);
        if let Ok(style) = ProgressStyle::with_template(
            "seeding {bar:40} {human_pos}/{human_len} rows, {eta} left",
        ) {
            bar.set_style(style);
        }
        Self {
            bar,
            plain,
            printed: Instant::now(),
        }
    }

    pub(super) fn add(&mut self, rows: u64) {
        self.bar.inc(rows);
        if self.plain && self.printed.elapsed() >= INTERVAL {
            self.printed = Instant::now();
            eprintln!(
                "seeding: {} of {} rows",
                self.bar.position(),
                self.bar.length().unwrap_or_default()
            );
        }
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
