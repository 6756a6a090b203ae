//! What becomes of requests with an `Idempotency-Key`.

use prometheus::{IntCounter, IntCounterVec};

use super::http::RouteDefinition;

/// What became of a request with a key. One that failed for another reason has none of these: its status says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdempotencyOutcome {
    /// It was the first with its key, and done or refused.
    Executed,
    /// It was answered as the first.
    Replayed,
    /// Its key was used with another body.
    Reused,
    /// The first was still at work, for too long.
    InProgress,
}

impl IdempotencyOutcome {
    const ALL: [Self; 4] = [
        Self::Executed,
        Self::Replayed,
        Self::Reused,
        Self::InProgress,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Executed => "executed",
            Self::Replayed => "replayed",
            Self::Reused => "reused",
            Self::InProgress => "in_progress",
        }
    }
}

/// The handles of one route, if its method is one that takes keys.
pub(super) struct IdempotencyMetrics(Option<[IntCounter; IdempotencyOutcome::ALL.len()]>);

impl IdempotencyMetrics {
    pub fn new(family: &IntCounterVec, route: RouteDefinition) -> Self {
        let counter =
            |outcome: IdempotencyOutcome| family.with_label_values(&[route.name, outcome.as_str()]);
        Self((route.method == "POST").then(|| IdempotencyOutcome::ALL.map(counter)))
    }

    pub fn ended(&self, outcome: Option<IdempotencyOutcome>) {
        if let (Some(counters), Some(outcome)) = (&self.0, outcome)
            && let Some(counter) = counters.get(outcome as usize)
        {
            counter.inc();
        }
    }
}
