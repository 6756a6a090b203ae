//! Watches a connection from below Diesel: whatever interface issued a statement, it is seen here. A statement that comes while no named
//! query is announced has no name; it is counted, and the count must stay 0.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use diesel::connection::{Instrumentation, InstrumentationEvent};

use crate::telemetry::{Metrics, ResolvedQuery};

/// No query is announced.
const NONE: usize = usize::MAX;

/// Shared by a connection and its runner. The runner announces a named query; the connection reports what it is asked to do.
#[derive(Clone)]
pub(super) struct Probe {
    announced: Arc<AtomicUsize>,
    prepared: Arc<AtomicBool>,
    metrics: Arc<Metrics>,
}

impl Probe {
    pub(super) fn new(metrics: Arc<Metrics>) -> Self {
        Self {
            announced: Arc::new(AtomicUsize::new(NONE)),
            prepared: Arc::default(),
            metrics,
        }
    }

    /// From now on statements belong to the query in `slot`.
    pub(super) fn announce(&self, slot: usize) {
        self.announced.store(slot, Ordering::Relaxed);
    }

    /// From now on statements have no name. Says whether one had to be prepared since they had.
    pub(super) fn clear(&self) -> bool {
        self.announced.store(NONE, Ordering::Relaxed);
        self.prepared.swap(false, Ordering::Relaxed)
    }

    fn query(&self) -> Option<&ResolvedQuery> {
        self.metrics
            .queries
            .get(self.announced.load(Ordering::Relaxed))
    }
}

impl Instrumentation for Probe {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartQuery { .. } => {
                self.metrics.queries.statements.inc();
                if self.query().is_none() {
                    self.metrics.queries.unnamed.inc();
                }
            }
            InstrumentationEvent::CacheQuery { .. } => {
                if let Some(query) = self.query() {
                    query.prepares.inc();
                    self.prepared.store(true, Ordering::Relaxed);
                }
            }
            _ => {}
        }
    }
}
