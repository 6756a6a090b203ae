//! A finished request in numbers.

use std::time::Duration;

use crate::budget::Phase;

/// A finished request, as the metrics see it.
#[derive(Clone, Copy, Debug)]
pub struct Observation {
    /// The place of the method among the known ones.
    pub method: usize,
    /// The status, or 499 where the client hung up.
    pub status: u16,
    /// From first byte read to last byte handed over.
    pub duration: Duration,
    /// Nanoseconds by phase.
    pub phases: [u64; Phase::ALL.len()],
    /// Bytes of the body that were handed over.
    pub body_bytes: u64,
}

impl Observation {
    /// The phase that took most of the time.
    #[must_use]
    pub fn dominant_phase(&self) -> Phase {
        let longest = Phase::ALL
            .into_iter()
            .zip(self.phases)
            .max_by_key(|(_, nanos)| *nanos);
        longest.map_or(Phase::Handler, |(phase, _)| phase)
    }
}
