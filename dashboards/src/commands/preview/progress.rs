//! Tells how far it is.

use std::{
    cell::Cell,
    io::{IsTerminal, Write, stderr},
    time::{Duration, Instant},
};

/// When nothing was said for so long, progress is told.
const SILENCE: Duration = Duration::from_secs(2);

/// Tells how far it is, once it takes some time.
pub(super) struct Progress {
    number: usize,
    told: Cell<Instant>,
    is_terminal: bool,
}

impl Progress {
    pub(super) fn new(number: usize) -> Self {
        Self {
            number,
            told: Cell::new(Instant::now()),
            is_terminal: stderr().is_terminal(),
        }
    }

    pub(super) fn tell(&self, done: usize) {
        if self.told.get().elapsed() < SILENCE {
            return;
        }
        let end = if self.is_terminal { "\r" } else { "\n" };
        // Nowhere to say it if the terminal is gone.
        let _ = write!(
            stderr(),
            "{done} of {} queries are answered{end}",
            self.number
        );
        self.told.set(Instant::now());
    }

    /// Leaves nothing on the line.
    pub(super) fn end(&self) {
        if self.is_terminal {
            let _ = write!(stderr(), "\r\x1b[K");
        }
    }
}
