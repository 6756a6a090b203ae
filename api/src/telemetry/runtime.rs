//! The worker threads of the public listener: busy time, and how late their timers come.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use prometheus::{
    CounterVec, Histogram, HistogramVec, IntCounterVec, IntGaugeVec, Registry, Result,
};
use tokio::runtime::Handle;

use super::{Source, catalogue};

/// How often a worker looks at the clock.
const TICK: Duration = Duration::from_millis(100);

/// The metrics of all workers.
pub struct RuntimeMetrics {
    busy: CounterVec,
    parks: IntCounterVec,
    lag: HistogramVec,
    queue: IntGaugeVec,
    sources: Arc<Mutex<Vec<Source>>>,
}

impl RuntimeMetrics {
    pub(super) fn new(registry: &Registry, sources: Arc<Mutex<Vec<Source>>>) -> Result<Self> {
        Ok(Self {
            busy: catalogue::WORKER_BUSY.counter(registry)?,
            parks: catalogue::WORKER_PARKS.int_counter(registry)?,
            lag: catalogue::WORKER_LAG.histogram(registry)?,
            queue: catalogue::RUNTIME_QUEUE.int_gauge(registry)?,
            sources,
        })
    }

    /// Watches the runtime of the calling worker from now on.
    pub fn watch_worker(&self, worker: usize, handle: &Handle) -> Lag {
        let label = worker.to_string();
        let metrics = handle.metrics();
        let busy = self.busy.with_label_values(&[label.as_str()]);
        let parks = self.parks.with_label_values(&[label.as_str()]);
        let queue = self.queue.with_label_values(&[format!("worker-{label}")]);
        let source = move || {
            busy.inc_by(
                (metrics.worker_total_busy_duration(0).as_secs_f64() - busy.get()).max(0.0),
            );
            parks.inc_by(metrics.worker_park_count(0).saturating_sub(parks.get()));
            queue.set(i64::try_from(metrics.global_queue_depth()).unwrap_or(i64::MAX));
        };
        self.sources
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Box::new(source));
        Lag {
            histogram: self.lag.with_label_values(&[label.as_str()]),
        }
    }
}

/// Measures how late the timers of a worker come.
pub struct Lag {
    histogram: Histogram,
}

impl Lag {
    /// Looks at the clock ten times a second for ever, and calls `on_tick` each time.
    pub async fn measure(self, mut on_tick: impl FnMut()) {
        loop {
            let due = Instant::now() + TICK;
            tokio::time::sleep_until(due.into()).await;
            self.histogram.observe(due.elapsed().as_secs_f64());
            on_tick();
        }
    }
}
