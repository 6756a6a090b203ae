//! Was it us? What this program knows of its own lateness.
//!
//! A thread of its own looks at the clock two hundred times a second. When it looks too late,
//! the program did not run (it was stopped, swapped out, or starved of processors): whatever was
//! measured in those blocks of time is not the target's doing. What it got of the processors, and
//! how long it waited for them, is in `processors`.

mod processors;

pub use processors::cores;

use crate::numbers::milliseconds;
use processors::Processors;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{JoinHandle, park_timeout, spawn};
use std::time::{Duration, Instant};

/// How often the clock is looked at.
const BEAT: Duration = Duration::from_millis(5);
/// Gaps that are kept; more cannot make a round any less trusted.
const KEPT: usize = 1_000;

/// Watches this program from its start until it is asked.
#[derive(Debug)]
pub struct Heartbeat {
    gaps: Arc<Mutex<Vec<(Duration, Duration)>>>,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    processors: Processors,
}

/// What it saw.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Beats {
    /// Times without a beat, as milliseconds from the origin and length.
    pub gaps: Vec<(f64, f64)>,
    /// Processor seconds that the host took away from this machine.
    pub stolen_seconds: f64,
}

impl Heartbeat {
    /// Begins to watch; a look that comes later than `late` is a gap.
    #[must_use]
    pub fn start(origin: Instant, late: Duration) -> Self {
        let gaps = Arc::new(Mutex::new(Vec::new()));
        let stopped = Arc::new(AtomicBool::new(false));
        let (found, ended) = (Arc::clone(&gaps), Arc::clone(&stopped));
        let thread = spawn(move || {
            let mut last = Instant::now();
            while !ended.load(Relaxed) {
                park_timeout(BEAT);
                let now = Instant::now();
                if now - last > late {
                    let mut gaps = found.lock().unwrap_or_else(PoisonError::into_inner);
                    if gaps.len() < KEPT {
                        gaps.push((last.saturating_duration_since(origin), now - last));
                    }
                }
                last = now;
            }
        });
        Self {
            gaps,
            stopped,
            thread: Some(thread),
            processors: Processors::watch(),
        }
    }

    /// Ends it.
    #[must_use]
    pub fn stop(mut self) -> Beats {
        self.end();
        let gaps = self.gaps.lock().unwrap_or_else(PoisonError::into_inner);
        let shown =
            |(from, length): &(Duration, Duration)| (milliseconds(*from), milliseconds(*length));
        Beats {
            gaps: gaps.iter().map(shown).collect(),
            stolen_seconds: self.processors.stolen_seconds(),
        }
    }

    /// Times without a beat until now.
    #[must_use]
    pub fn gaps(&self) -> u64 {
        let gaps = self.gaps.lock().unwrap_or_else(PoisonError::into_inner);
        u64::try_from(gaps.len()).unwrap_or(u64::MAX)
    }

    /// The blocks of time, of this length, that its gaps touch.
    #[must_use]
    pub fn tainted(gaps: &[(f64, f64)], block_seconds: u32) -> BTreeSet<u32> {
        let block = f64::from(block_seconds.max(1)) * 1_000.0;
        let number = |ms: f64| crate::numbers::whole((ms / block).floor());
        let touched = gaps
            .iter()
            .flat_map(|(from, length)| number(*from)..=number(from + length));
        touched
            .filter_map(|number| u32::try_from(number).ok())
            .collect()
    }

    /// Processor seconds that this program used until now.
    #[must_use]
    pub fn cpu_seconds(&self) -> f64 {
        self.processors.used_seconds()
    }

    /// Seconds in which its threads were ready to run and got no processor, until now; None where
    /// the kernel does not say.
    #[must_use]
    pub fn cpu_wait_seconds(&self) -> Option<f64> {
        self.processors.waited_seconds()
    }

    fn end(&mut self) {
        self.stopped.store(true, Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // It only looks at the clock: there is no panic to hear of.
            let _ = thread.join();
        }
    }
}

impl Drop for Heartbeat {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_block_that_a_gap_touches_is_tainted() {
        let gaps = [(900.0, 50.0), (1_990.0, 60.0), (5_500.0, 2_000.0)];
        let tainted = Heartbeat::tainted(&gaps, 1);
        assert_eq!(Vec::from_iter(tainted), [0, 1, 2, 5, 6, 7]);
        assert_eq!(Vec::from_iter(Heartbeat::tainted(&gaps, 4)), [0, 1]);
    }
}
