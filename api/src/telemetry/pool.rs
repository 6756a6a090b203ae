//! The metrics of connection pools. What a pool knows of itself is read when somebody asks.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use prometheus::{
    Histogram, HistogramVec, IntCounter, IntCounterVec, IntGaugeVec, Registry, Result,
};

use super::catalogue;
use crate::database::ErrorKind;

/// The errors with which a lease can end.
const LEASE_ERRORS: [ErrorKind; 2] = [ErrorKind::Overloaded, ErrorKind::Unavailable];

/// What a pool says of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolStatus {
    /// Connections that wait for work.
    pub idle: usize,
    /// Connections at work.
    pub used: usize,
    /// Most connections.
    pub max: usize,
    /// Callers that wait.
    pub pending: usize,
}

/// Which wait was given up.
#[derive(Clone, Copy, Debug)]
pub enum PoolTimeout {
    /// For a free connection.
    Wait,
    /// For a new connection.
    Create,
    /// For the check of a used one.
    Recycle,
}

/// Why a connection was not given back.
#[derive(Clone, Copy, Debug)]
pub enum ClosedReason {
    /// It was closed when it was to be leased again.
    RecycleFailed,
    /// It was dropped in the middle of a statement or a transaction, or failed.
    Broken,
}

/// The metrics of one pool. PostgreSQL has a pool for each worker; they share one name, and their numbers are added up.
pub struct PoolMetrics {
    wait: Histogram,
    used: Histogram,
    create: Histogram,
    queue: Histogram,
    timeouts: [IntCounter; 3],
    errors: [IntCounter; LEASE_ERRORS.len()],
    closed: [IntCounter; 2],
    watched: Mutex<Vec<Box<dyn Fn() -> PoolStatus + Send + Sync>>>,
}

impl PoolMetrics {
    /// Reads `status` before each exposition.
    pub fn watch(&self, status: impl Fn() -> PoolStatus + Send + Sync + 'static) {
        self.watched
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Box::new(status));
    }

    /// A connection, or the turn to write, was waited for.
    pub fn waited(&self, time: Duration) {
        self.wait.observe(time.as_secs_f64());
    }

    /// A connection was given back.
    pub fn used(&self, time: Duration) {
        self.used.observe(time.as_secs_f64());
    }

    /// A connection was made.
    pub fn created(&self, time: Duration) {
        self.create.observe(time.as_secs_f64());
    }

    /// A statement left the queue of its connection's thread.
    pub fn queued(&self, time: Duration) {
        self.queue.observe(time.as_secs_f64());
    }

    /// A wait was given up.
    pub fn timed_out(&self, kind: PoolTimeout) {
        if let Some(counter) = self.timeouts.get(kind as usize) {
            counter.inc();
        }
    }

    /// A connection was asked for in vain.
    pub fn failed(&self, kind: ErrorKind) {
        let errors = LEASE_ERRORS.iter().zip(&self.errors);
        for (_, counter) in errors.filter(|(known, _)| **known == kind) {
            counter.inc();
        }
    }

    /// A connection was not given back.
    pub fn closed(&self, reason: ClosedReason) {
        if let Some(counter) = self.closed.get(reason as usize) {
            counter.inc();
        }
    }

    fn status(&self) -> PoolStatus {
        let watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        watched
            .iter()
            .map(|status| status())
            .fold(PoolStatus::default(), |sum, one| PoolStatus {
                idle: sum.idle + one.idle,
                used: sum.used + one.used,
                max: sum.max + one.max,
                pending: sum.pending + one.pending,
            })
    }
}

/// The families, and the pools that have been made from them.
pub(super) struct PoolFamilies {
    wait: HistogramVec,
    used: HistogramVec,
    create: HistogramVec,
    queue: HistogramVec,
    timeouts: IntCounterVec,
    errors: IntCounterVec,
    closed: IntCounterVec,
    connections: IntGaugeVec,
    max: IntGaugeVec,
    pending: IntGaugeVec,
    pools: Mutex<BTreeMap<&'static str, Arc<PoolMetrics>>>,
}

impl PoolFamilies {
    pub(super) fn new(registry: &Registry) -> Result<Self> {
        Ok(Self {
            wait: catalogue::POOL_WAIT.histogram(registry)?,
            used: catalogue::POOL_USE.histogram(registry)?,
            create: catalogue::POOL_CREATE.histogram(registry)?,
            queue: catalogue::BLOCKING_QUEUE.histogram(registry)?,
            timeouts: catalogue::POOL_TIMEOUTS.int_counter(registry)?,
            errors: catalogue::POOL_ERRORS.int_counter(registry)?,
            closed: catalogue::POOL_CLOSED.int_counter(registry)?,
            connections: catalogue::POOL_CONNECTIONS.int_gauge(registry)?,
            max: catalogue::POOL_MAX.int_gauge(registry)?,
            pending: catalogue::POOL_PENDING.int_gauge(registry)?,
            pools: Mutex::default(),
        })
    }

    pub(super) fn pool(&self, name: &'static str) -> Arc<PoolMetrics> {
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(
            pools
                .entry(name)
                .or_insert_with(|| Arc::new(self.resolve(name))),
        )
    }

    fn resolve(&self, name: &str) -> PoolMetrics {
        PoolMetrics {
            wait: self.wait.with_label_values(&[name]),
            used: self.used.with_label_values(&[name]),
            create: self.create.with_label_values(&[name]),
            queue: self.queue.with_label_values(&[name]),
            timeouts: ["wait", "create", "recycle"]
                .map(|kind| self.timeouts.with_label_values(&[name, kind])),
            errors: LEASE_ERRORS.map(|kind| self.errors.with_label_values(&[name, kind.as_str()])),
            closed: ["recycle_failed", "broken"]
                .map(|reason| self.closed.with_label_values(&[name, reason])),
            watched: Mutex::default(),
        }
    }

    pub(super) fn refresh(&self) {
        for (name, pool) in self
            .pools
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
        {
            let status = pool.status();
            self.connections
                .with_label_values(&[*name, "idle"])
                .set(integer(status.idle));
            self.connections
                .with_label_values(&[*name, "used"])
                .set(integer(status.used));
            self.max
                .with_label_values(&[*name])
                .set(integer(status.max));
            self.pending
                .with_label_values(&[*name])
                .set(integer(status.pending));
        }
    }
}

fn integer(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
