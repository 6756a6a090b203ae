//! Traces that are kept: of requests that are sampled, by their caller or by chance, and of every request that took longer than its budget.
//!
//! A request makes no spans. It notes its steps in a [`Timeline`](crate::budget::Timeline); when it has ended and is to be kept, it hands them
//! over to a thread that makes spans of them and exports them. It never waits for that thread: what does not fit is dropped and counted.
//! The export itself needs the Cargo feature `otlp`.

#[cfg(not(feature = "otlp"))]
mod absent;
#[cfg(feature = "otlp")]
mod export;
#[cfg(feature = "otlp")]
mod spans;

#[cfg(not(feature = "otlp"))]
pub use self::absent::start;
#[cfg(feature = "otlp")]
pub use self::export::start;

use std::time::{Duration, Instant, SystemTime};

use crossbeam_channel::{Receiver, Sender};
use prometheus::IntCounter;

use super::{
    Metrics, Observation,
    exemplars::Exemplar,
    trace::{Sampling, TraceContext},
};
use crate::budget::{Step, StepKind};

/// How long the last export is waited for when the service stops.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);

/// A finished request whose trace is kept.
#[derive(Debug)]
pub struct KeptRequest {
    /// Its trace.
    pub trace: TraceContext,
    /// Its route's slot in the URL table.
    pub route: usize,
    /// Its numbers.
    pub observation: Observation,
    /// Its path, as it is shown.
    pub path: Box<str>,
    /// Whether it took longer than its route's budget.
    pub over_budget: bool,
    /// When it began.
    pub started: Instant,
    /// When it ended, by the wall clock.
    pub ended: SystemTime,
    /// What it did when.
    pub steps: Vec<Step>,
    /// Steps that found no place.
    pub steps_left_out: u32,
}

impl KeptRequest {
    /// When something happened, by the wall clock.
    #[must_use]
    pub fn wall_clock(&self, at: Instant) -> SystemTime {
        let began = self.ended - self.observation.duration;
        began + at.saturating_duration_since(self.started)
    }

    fn span_count(&self) -> u64 {
        self.steps.len() as u64 + 1
    }
}

/// What the export's thread is told.
pub enum Message {
    /// Export this one.
    Request(Box<KeptRequest>),
    /// Nothing comes after this.
    End,
}

/// Where requests that are kept go. Clones share the export.
#[derive(Clone)]
pub struct Traces {
    messages: Sender<Message>,
    drops: IntCounter,
    sampling: Sampling,
}

impl Traces {
    /// Which of the traces that begin here are sampled.
    #[must_use]
    pub fn sampling(&self) -> Sampling {
        self.sampling
    }

    /// Hands over a request that is kept. Never waits.
    pub fn keep(&self, request: KeptRequest) {
        let (spans, left_out) = (request.span_count(), u64::from(request.steps_left_out));
        // Half of the queue is for those over budget: whoever sends `traceparent` decides what is sampled, and may send many.
        let capacity = self.messages.capacity().unwrap_or(usize::MAX);
        let room = request.over_budget || self.messages.len() < capacity / 2;
        let message = Message::Request(Box::new(request));
        if !room {
            return self.drops.inc_by(left_out + spans);
        }
        let dropped = match self.messages.try_send(message) {
            Ok(()) => left_out,
            Err(_) => left_out + spans,
        };
        self.drops.inc_by(dropped);
    }
}

/// Ends the export after everything has been handed to the collector.
pub struct TraceWriter {
    messages: Sender<Message>,
    done: Receiver<()>,
}

impl TraceWriter {
    /// Waits until everything that was kept is exported, but no longer than a second for a collector that does not answer.
    pub fn finish(self) {
        let deadline = Instant::now() + FLUSH_TIMEOUT;
        if self.messages.send_deadline(Message::End, deadline).is_ok() {
            // Nothing to say either way: the service stops.
            let _ = self.done.recv_deadline(deadline);
        }
    }
}

impl Metrics {
    /// Shows a request whose trace the collector has, and its queries, beside the buckets that they were counted in.
    pub fn exemplify(&self, request: &KeptRequest) {
        let exemplar = |seconds: Duration, at: SystemTime, over_budget| Exemplar {
            trace_id: request.trace.trace_id().to_owned(),
            seconds: seconds.as_secs_f64(),
            at,
            over_budget,
        };
        let observation = &request.observation;
        if let Some(route) = self.http.route(request.route) {
            let shown = exemplar(observation.duration, request.ended, request.over_budget);
            route.exemplify(observation, shown);
        }
        for step in &request.steps {
            let StepKind::Query(slot) = step.kind else {
                continue;
            };
            if let Some(query) = self.queries.get(slot) {
                let at = request.wall_clock(step.started + step.duration);
                let shown = exemplar(step.duration, at, step.duration > query.query.budget);
                query.exemplify(step.error, shown);
            }
        }
    }
}
