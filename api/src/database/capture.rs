//! Picks the calls whose plans are asked for: slow ones, at most one for each query and minute, and each statement when it is first prepared,
//! so that there is something to compare a slow one's plan with. Nothing here waits.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::mpsc::{self, Receiver, Sender};

use super::Explain;
use crate::telemetry::{CaptureResult, Metrics, request};

/// Calls of each kind that may wait to be explained.
const QUEUE: usize = 256;

/// At most one call of each query is explained again in this time, however fast it was.
const LOOK_INTERVAL: Duration = Duration::from_millis(200);

/// Which calls are picked.
#[derive(Clone, Copy, Debug)]
pub struct CapturePolicy {
    /// At most one slow call of each query in this time.
    pub interval: Duration,
    /// Every call is picked, slow or not: to look at all plans.
    pub every_call: bool,
}

impl Default for CapturePolicy {
    fn default() -> Self {
        Self {
            interval: Duration::from_mins(1),
            every_call: false,
        }
    }
}

/// A call that has ended.
pub(super) struct Call {
    pub slot: usize,
    pub query: Arc<dyn Explain>,
    pub over_budget: bool,
    pub prepared: bool,
    /// Whether its plan may be another than before, however fast it was.
    pub again: bool,
    pub duration: Duration,
    pub rows: usize,
}

/// A call that was picked.
pub struct Capture {
    /// The place of its name in the list of all queries.
    pub slot: usize,
    /// The query with its binds.
    pub query: Arc<dyn Explain>,
    /// Whether it took longer than its budget; if not, it is here to be compared with.
    pub over_budget: bool,
    /// Whether it is explained although its statement is known.
    pub again: bool,
    /// How long it took.
    pub duration: Duration,
    /// How many rows it returned or touched.
    pub rows: usize,
    /// The trace of its request; empty outside of requests.
    pub trace_id: String,
}

/// Where the picked calls come out.
pub struct Picked {
    slow: Receiver<Capture>,
    first: Receiver<Capture>,
}

impl Picked {
    /// The next one; slow ones before those that were only the first of their statement. `None` when there can be no more.
    pub async fn next(&mut self) -> Option<Capture> {
        tokio::select! {
            biased;
            Some(slow) = self.slow.recv() => Some(slow),
            Some(first) = self.first.recv() => Some(first),
            else => None,
        }
    }
}

/// Picks calls and hands them over.
pub struct Captures {
    slow: Sender<Capture>,
    first: Sender<Capture>,
    policy: CapturePolicy,
    started: Instant,
    /// When a slow call of each query was last picked: milliseconds since the start, and one more; 0 is never.
    newest: Box<[AtomicU64]>,
    /// The same for calls that are explained again.
    looked_at: Box<[AtomicU64]>,
    metrics: Arc<Metrics>,
}

impl Captures {
    /// What picks, and where the picked calls come out. `queries` is how many queries there are.
    #[must_use]
    pub fn new(
        policy: CapturePolicy,
        queries: usize,
        metrics: &Arc<Metrics>,
    ) -> (Arc<Self>, Picked) {
        let (slow, slow_picked) = mpsc::channel(QUEUE);
        let (first, first_picked) = mpsc::channel(QUEUE);
        let captures = Self {
            slow,
            first,
            policy,
            started: Instant::now(),
            newest: (0..queries).map(|_| AtomicU64::new(0)).collect(),
            looked_at: (0..queries).map(|_| AtomicU64::new(0)).collect(),
            metrics: Arc::clone(metrics),
        };
        let picked = Picked {
            slow: slow_picked,
            first: first_picked,
        };
        (Arc::new(captures), picked)
    }

    /// Picks `call` or lets it go.
    pub(super) fn offer(&self, call: Call) {
        if call.over_budget {
            if self.is_due(&self.newest, call.slot, self.policy.interval) {
                self.pick(call);
            } else {
                self.count(call.slot, CaptureResult::RateLimited);
            }
        } else if call.prepared
            || self.policy.every_call
            || (call.again && self.is_due(&self.looked_at, call.slot, LOOK_INTERVAL))
        {
            self.pick(call);
        }
    }

    fn pick(&self, call: Call) {
        let slot = call.slot;
        let capture = Capture {
            slot,
            query: call.query,
            over_budget: call.over_budget,
            again: call.again && !call.prepared,
            duration: call.duration,
            rows: call.rows,
            trace_id: request::trace_id(),
        };
        let queue = if capture.over_budget {
            &self.slow
        } else {
            &self.first
        };
        if queue.try_send(capture).is_err() {
            self.count(slot, CaptureResult::Failed);
        }
    }

    /// Whether the last call of this query was picked long enough ago. True for one caller only.
    fn is_due(&self, newest: &[AtomicU64], slot: usize, interval: Duration) -> bool {
        let Some(newest) = newest.get(slot) else {
            return false;
        };
        let interval = u64::try_from(interval.as_millis()).unwrap_or(u64::MAX);
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX) + 1;
        let before = newest.load(Ordering::Relaxed);
        let due = before == 0 || now.saturating_sub(before) >= interval;
        due && newest
            .compare_exchange(before, now, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok()
    }

    fn count(&self, slot: usize, result: CaptureResult) {
        if let Some(query) = self.metrics.queries.get(slot) {
            query.captured(result);
        }
    }
}
