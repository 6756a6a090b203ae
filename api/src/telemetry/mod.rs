//! What the service says about itself: metrics, logs, trace context.
//!
//! - [`catalogue`] lists every metric; [`Metrics`] holds their handles, one struct over its own registry, so that tests run side by side.
//! - [`request`] is the record of the request that this task serves; everything a request spends is booked there.
//! - [`log`] sets up the JSON log; [`access_log`] writes its one line per request without going through `tracing`.
//!
//! Built for the hot path: labels are resolved once, at start; a request touches held handles only.

pub mod access_log;
mod cache;
pub mod catalogue;
mod exemplars;
mod exposition;
mod faults;
mod http;
mod idempotency;
pub mod log;
mod observation;
mod openmetrics;
mod plans;
mod pool;
mod process;
mod queries;
mod registry;
pub mod request;
mod route;
mod runtime;
mod service;
mod summary;
pub mod trace;
pub mod traces;

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use prometheus::{IntCounter, IntCounterVec, IntGauge, Registry, TextEncoder};

pub use self::{
    cache::{CacheMetrics, EvictionCause},
    catalogue::{CATALOGUE, Kind, MetricFamily},
    exposition::Exposition,
    faults::FaultMetrics,
    http::{HttpMetrics, RouteDefinition, UNMATCHED},
    idempotency::IdempotencyOutcome,
    observation::Observation,
    plans::PlanMetrics,
    pool::{ClosedReason, PoolMetrics, PoolStatus, PoolTimeout},
    queries::{CaptureResult, QueryMetrics, ResolvedQuery},
    route::RouteMetrics,
    runtime::RuntimeMetrics,
    service::{Lifecycle, ServiceMetrics},
    summary::{QuerySummary, RouteCalls},
};
use crate::budget::Query;

/// All metrics of one service.
pub struct Metrics {
    enabled: AtomicBool,
    registry: Registry,
    /// Requests.
    pub http: HttpMetrics,
    /// Named queries.
    pub queries: QueryMetrics,
    /// Plans of queries.
    pub plans: PlanMetrics,
    /// Worker threads.
    pub runtime: RuntimeMetrics,
    /// Faults that are switched on.
    pub faults: FaultMetrics,
    /// Build, settings, lifecycle, health.
    pub service: ServiceMetrics,
    /// Log lines by level: error, warn, info, debug, trace.
    pub log_events: [IntCounter; 5],
    /// Log lines that were dropped.
    pub log_drops: IntCounter,
    /// Spans that were dropped.
    pub trace_drops: IntCounter,
    pools: pool::PoolFamilies,
    caches: cache::CacheFamilies,
    process: process::ProcessMetrics,
    series: IntGauge,
    exposition_bytes: IntGauge,
    /// Run before each exposition: they read what is not counted as it happens.
    sources: Arc<Mutex<Vec<Source>>>,
}

type Source = Box<dyn Fn() + Send + Sync>;

impl Metrics {
    /// All metrics, in a registry of their own, with the series of these routes and queries at zero.
    ///
    /// # Errors
    /// If two families of the catalogue share a name.
    pub fn new(
        routes: &[RouteDefinition],
        queries: &'static [Query],
    ) -> prometheus::Result<Arc<Self>> {
        let registry = Registry::new();
        let overflow = catalogue::LABEL_OVERFLOW.int_counter(&registry)?;
        let levels = catalogue::LOG_EVENTS.int_counter(&registry)?;
        let drops: IntCounterVec = catalogue::TELEMETRY_DROPPED.int_counter(&registry)?;
        let sources = Arc::default();
        Ok(Arc::new(Self {
            enabled: AtomicBool::new(true),
            http: HttpMetrics::new(&registry, routes, queries, &overflow)?,
            queries: QueryMetrics::new(&registry, queries)?,
            plans: PlanMetrics::new(&registry, queries)?,
            runtime: RuntimeMetrics::new(&registry, Arc::clone(&sources))?,
            faults: FaultMetrics::new(&registry)?,
            service: ServiceMetrics::new(&registry)?,
            log_events: ["error", "warn", "info", "debug", "trace"]
                .map(|level| levels.with_label_values(&[level])),
            log_drops: drops.with_label_values(&["logs"]),
            trace_drops: drops.with_label_values(&["traces"]),
            pools: pool::PoolFamilies::new(&registry)?,
            caches: cache::CacheFamilies::new(&registry)?,
            process: process::ProcessMetrics::new(&registry)?,
            series: catalogue::REGISTRY_SERIES
                .int_gauge(&registry)?
                .with_label_values::<&str>(&[]),
            exposition_bytes: catalogue::EXPOSITION_BYTES
                .int_gauge(&registry)?
                .with_label_values::<&str>(&[]),
            sources,
            registry,
        }))
    }

    /// Whether requests, queries and look-ups are counted at all (`CENTUM_TELEMETRY`).
    #[must_use]
    pub fn enabled(&self) -> bool {
        self.enabled.load(Ordering::Relaxed)
    }

    /// Stops counting requests, queries and look-ups: to measure what the counting costs.
    pub fn disable(&self) {
        self.enabled.store(false, Ordering::Relaxed);
    }

    /// The metrics of the pool with this name.
    #[must_use]
    pub fn pool(&self, name: &'static str) -> Arc<PoolMetrics> {
        self.pools.pool(name)
    }

    /// The metrics of the cache with this name.
    #[must_use]
    pub fn cache(&self, name: &'static str) -> CacheMetrics {
        self.caches.cache(name)
    }

    /// Runs `source` before each exposition.
    pub fn before_exposition(&self, source: impl Fn() + Send + Sync + 'static) {
        self.sources
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Box::new(source));
    }

    /// Everything, in this form.
    ///
    /// # Errors
    /// If two series are the same, which the catalogue rules out.
    pub fn expose(&self, exposition: Exposition) -> prometheus::Result<String> {
        self.process.refresh();
        self.pools.refresh();
        for source in self
            .sources
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
        {
            source();
        }
        let families = self.registry.gather();
        let text = match exposition {
            Exposition::Text => TextEncoder::new().encode_to_string(&families)?,
            Exposition::OpenMetrics => openmetrics::encode(&families, &self.exemplars())
                .map_err(|error| prometheus::Error::Msg(error.to_string()))?,
        };
        let series = text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .count();
        self.series.set(i64::try_from(series).unwrap_or(i64::MAX));
        self.exposition_bytes
            .set(i64::try_from(text.len()).unwrap_or(i64::MAX));
        Ok(text)
    }

    fn exemplars(&self) -> exemplars::Shown {
        let mut shown = exemplars::Shown::new();
        self.http.show_exemplars(&mut shown);
        self.queries.show_exemplars(&mut shown);
        shown
    }
}
