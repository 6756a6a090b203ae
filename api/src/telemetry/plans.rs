//! Which plan each query has, and how often that changed.

use std::sync::{Mutex, PoisonError};

use prometheus::{IntCounter, IntGaugeVec, Registry, Result};

use super::catalogue;
use crate::budget::Query;

/// Metrics of plans. Only the recorder of plans touches them: no request waits for their lock.
pub struct PlanMetrics {
    queries: &'static [Query],
    info: IntGaugeVec,
    changes: Vec<IntCounter>,
    /// Hash and top node that are shown for each query.
    shown: Mutex<Vec<Option<[String; 2]>>>,
}

impl PlanMetrics {
    pub(super) fn new(registry: &Registry, queries: &'static [Query]) -> Result<Self> {
        let changes = catalogue::PLAN_CHANGES.int_counter(registry)?;
        Ok(Self {
            queries,
            info: catalogue::PLAN_INFO.int_gauge(registry)?,
            changes: queries
                .iter()
                .map(|query| changes.with_label_values(&[query.name]))
                .collect(),
            shown: Mutex::new(vec![None; queries.len()]),
        })
    }

    /// Shows the newest plan of the query in `slot` in place of the one before.
    pub fn show(&self, slot: usize, hash: &str, top_node: &str) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let (Some(query), Some(before)) = (self.queries.get(slot), shown.get_mut(slot)) else {
            return;
        };
        let now = [hash.to_owned(), top_node.to_owned()];
        let gauge = |[hash, node]: &[String; 2], present: bool| {
            let labels = [query.name, hash, node];
            if present {
                self.info.with_label_values(&labels).set(1);
            } else {
                // It is there: it was shown.
                let _ = self.info.remove_label_values(&labels);
            }
        };
        if let Some(before) = before.as_ref().filter(|before| **before != now) {
            gauge(before, false);
        }
        gauge(&now, true);
        *before = Some(now);
    }

    /// Counts that the query in `slot` is planned in another way than before.
    pub fn changed(&self, slot: usize) {
        if let Some(counter) = self.changes.get(slot) {
            counter.inc();
        }
    }
}
