//! Where the service is between start and stop, and whether its workers are alive: what the probes ask.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use crate::telemetry::{Lifecycle, Metrics};

/// A worker that has not looked at the clock for this long is stuck.
const HEARTBEAT_LIMIT: Duration = Duration::from_secs(10);

/// The state of the service, for everybody to read.
pub struct ServiceState {
    lifecycle: AtomicUsize,
    started: Instant,
    heartbeats: Mutex<Vec<Arc<AtomicU64>>>,
    metrics: Arc<Metrics>,
}

impl ServiceState {
    /// A service that is starting.
    #[must_use]
    pub fn new(metrics: Arc<Metrics>) -> Arc<Self> {
        Arc::new(Self {
            lifecycle: AtomicUsize::new(0),
            started: Instant::now(),
            heartbeats: Mutex::default(),
            metrics,
        })
    }

    /// Enters a state and shows it.
    pub fn enter(&self, state: Lifecycle) {
        self.lifecycle.store(state as usize, Ordering::Release);
        self.metrics.service.enter(state);
    }

    /// The state.
    #[must_use]
    pub fn lifecycle(&self) -> Lifecycle {
        let state = self.lifecycle.load(Ordering::Acquire);
        Lifecycle::ALL
            .get(state)
            .copied()
            .unwrap_or(Lifecycle::Stopped)
    }

    /// A pulse for a new worker, to be beaten from its event loop.
    #[must_use]
    pub fn new_worker(self: &Arc<Self>) -> Pulse {
        let beat = Arc::new(AtomicU64::new(self.elapsed_millis()));
        self.heartbeats
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arc::clone(&beat));
        Pulse {
            state: Arc::clone(self),
            beat,
        }
    }

    /// Whether every worker has looked at the clock in the last ten seconds.
    #[must_use]
    pub fn workers_are_alive(&self) -> bool {
        let now = self.elapsed_millis();
        let heartbeats = self
            .heartbeats
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        heartbeats.iter().all(|beat| {
            now.saturating_sub(beat.load(Ordering::Relaxed)) <= u64_millis(HEARTBEAT_LIMIT)
        })
    }

    fn elapsed_millis(&self) -> u64 {
        u64_millis(self.started.elapsed())
    }
}

fn u64_millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// One worker's sign of life.
pub struct Pulse {
    state: Arc<ServiceState>,
    beat: Arc<AtomicU64>,
}

impl Pulse {
    /// The worker is alive now.
    pub fn beat(&self) {
        self.beat
            .store(self.state.elapsed_millis(), Ordering::Relaxed);
    }
}
