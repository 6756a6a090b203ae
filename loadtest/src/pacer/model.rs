//! How requests come about: by a schedule, or one after the other.

use crate::schedule::{Schedule, Stage};
use std::time::Duration;

/// How requests come about.
#[derive(Clone, Debug)]
pub enum Model {
    /// By a schedule.
    Open(Schedule),
    /// Every user begins the next request when the last one is answered.
    Closed(Duration),
}

impl Model {
    /// How long it goes on.
    #[must_use]
    pub fn length(&self) -> Duration {
        match self {
            Self::Open(schedule) => Duration::from_secs_f64(schedule.seconds()),
            Self::Closed(length) => *length,
        }
    }

    /// The same at its base rate for this long.
    #[must_use]
    pub fn over(&self, length: Duration) -> Self {
        match self {
            Self::Open(schedule) => Self::Open(Schedule {
                stages: vec![Stage::flat(length.as_secs_f64())],
                ..schedule.clone()
            }),
            Self::Closed(_) => Self::Closed(length),
        }
    }

    /// The same with gaps of its own.
    #[must_use]
    pub fn seeded(self, seed: u64) -> Self {
        match self {
            Self::Open(schedule) => Self::Open(Schedule { seed, ..schedule }),
            closed @ Self::Closed(_) => closed,
        }
    }
}
