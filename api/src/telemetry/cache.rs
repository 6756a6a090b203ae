//! The handles of each cache.

use std::time::Duration;

use prometheus::{
    Histogram, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Registry, Result,
};

use super::catalogue;
use crate::budget::CacheOutcome;

/// The metrics of one cache. Clones share the handles.
#[derive(Clone)]
pub struct CacheMetrics {
    gets: [IntCounter; CacheOutcome::ALL.len()],
    load: Histogram,
    evictions: [IntCounter; 4],
    /// Loaders that run now.
    pub loads_in_flight: IntGauge,
    /// Entries in the cache.
    pub entries: IntGauge,
    /// Most entries.
    pub capacity: IntGauge,
}

/// Why an entry left the cache.
#[derive(Clone, Copy, Debug)]
pub enum EvictionCause {
    /// The cache was full.
    Size,
    /// Its time was up.
    Expired,
    /// A write made it stale.
    Explicit,
    /// Another took its place.
    Replaced,
}

impl CacheMetrics {
    /// Counts a look-up.
    pub fn got(&self, outcome: CacheOutcome) {
        if let Some(counter) = self.gets.get(outcome as usize) {
            counter.inc();
        }
    }

    /// Counts a run of the loader.
    pub fn loaded(&self, time: Duration) {
        self.load.observe(time.as_secs_f64());
    }

    /// Counts an entry that left.
    pub fn evicted(&self, cause: EvictionCause) {
        if let Some(counter) = self.evictions.get(cause as usize) {
            counter.inc();
        }
    }
}

pub(super) struct CacheFamilies {
    gets: IntCounterVec,
    load: HistogramVec,
    loads_in_flight: IntGaugeVec,
    evictions: IntCounterVec,
    entries: IntGaugeVec,
    capacity: IntGaugeVec,
}

impl CacheFamilies {
    pub(super) fn new(registry: &Registry) -> Result<Self> {
        Ok(Self {
            gets: catalogue::CACHE_GETS.int_counter(registry)?,
            load: catalogue::CACHE_LOAD.histogram(registry)?,
            loads_in_flight: catalogue::CACHE_LOADS_IN_FLIGHT.int_gauge(registry)?,
            evictions: catalogue::CACHE_EVICTIONS.int_counter(registry)?,
            entries: catalogue::CACHE_ENTRIES.int_gauge(registry)?,
            capacity: catalogue::CACHE_CAPACITY.int_gauge(registry)?,
        })
    }

    pub(super) fn cache(&self, name: &str) -> CacheMetrics {
        CacheMetrics {
            gets: CacheOutcome::ALL
                .map(|outcome| self.gets.with_label_values(&[name, outcome.as_str()])),
            load: self.load.with_label_values(&[name]),
            evictions: ["size", "expired", "explicit", "replaced"]
                .map(|cause| self.evictions.with_label_values(&[name, cause])),
            loads_in_flight: self.loads_in_flight.with_label_values(&[name]),
            entries: self.entries.with_label_values(&[name]),
            capacity: self.capacity.with_label_values(&[name]),
        }
    }
}
