//! What one request did when: the steps that become spans if the request's trace is kept.

use std::{
    cell::{Cell, RefCell},
    time::{Duration, Instant},
};

/// Most steps that are kept of one request; what comes after them is counted.
const MOST_STEPS: usize = 128;

/// What a step was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// The query in this slot of the list of all queries.
    Query(usize),
    /// Waiting for a connection, for the turn to write, or in the queue of a connection's thread.
    PoolWait,
    /// Waiting for a loader of a cache, one's own or another's.
    CacheLoad,
}

/// Something that a request did or waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What it was.
    pub kind: StepKind,
    /// When it began.
    pub started: Instant,
    /// How long it took.
    pub duration: Duration,
    /// What went wrong, in the word of the label `error_type`.
    pub error: Option<&'static str>,
}

/// The finished steps of one request, in the order of their ends.
#[derive(Debug, Default)]
pub struct Timeline {
    records: bool,
    steps: RefCell<Vec<Step>>,
    left_out: Cell<u32>,
}

impl Timeline {
    /// An empty timeline. One that does not record stays empty.
    #[must_use]
    pub fn new(records: bool) -> Self {
        Self {
            records,
            ..Self::default()
        }
    }

    /// Adds a finished step.
    pub fn push(
        &self,
        kind: StepKind,
        started: Instant,
        duration: Duration,
        error: Option<&'static str>,
    ) {
        if !self.records {
            return;
        }
        let mut steps = self.steps.borrow_mut();
        if steps.len() < MOST_STEPS {
            steps.push(Step {
                kind,
                started,
                duration,
                error,
            });
        } else {
            self.left_out.set(self.left_out.get().saturating_add(1));
        }
    }

    /// Adds the query in `slot`, which first stood in a queue from `started` on, if only for a moment.
    pub fn query(
        &self,
        slot: usize,
        started: Instant,
        queued: Duration,
        elapsed: Duration,
        error: Option<&'static str>,
    ) {
        if !queued.is_zero() {
            self.push(StepKind::PoolWait, started, queued, None);
        }
        self.push(StepKind::Query(slot), started + queued, elapsed, error);
    }

    /// The steps, and how many found no place. Leaves the timeline empty.
    #[must_use]
    pub fn take(&self) -> (Vec<Step>, u32) {
        (self.steps.take(), self.left_out.take())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_that_stood_in_a_queue_is_two_steps() {
        let (timeline, started) = (Timeline::new(true), Instant::now());
        let (queued, elapsed) = (Duration::from_millis(2), Duration::from_millis(3));
        timeline.query(7, started, queued, elapsed, Some("timeout"));
        let (steps, left_out) = timeline.take();
        let wait = Step {
            kind: StepKind::PoolWait,
            started,
            duration: queued,
            error: None,
        };
        let query = Step {
            kind: StepKind::Query(7),
            started: started + queued,
            duration: elapsed,
            error: Some("timeout"),
        };
        assert_eq!((steps, left_out), (vec![wait, query], 0));
    }

    #[test]
    fn steps_are_bounded_and_what_is_left_out_is_counted() {
        let timeline = Timeline::new(true);
        for _ in 0..MOST_STEPS + 3 {
            timeline.push(
                StepKind::CacheLoad,
                Instant::now(),
                Duration::from_nanos(1),
                None,
            );
        }
        let (steps, left_out) = timeline.take();
        assert_eq!((steps.len(), left_out), (MOST_STEPS, 3));
    }

    #[test]
    fn a_timeline_that_does_not_record_stays_empty() {
        let timeline = Timeline::new(false);
        timeline.push(StepKind::PoolWait, Instant::now(), Duration::ZERO, None);
        assert_eq!(timeline.take(), (Vec::new(), 0));
    }
}
