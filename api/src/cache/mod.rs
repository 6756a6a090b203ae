//! One metered wrapper over moka. The cache is just another store: services ask it first and give it the loader.
//!
//! **What it promises.** A value read before a write is never served after that write was acknowledged by this process. Another replica's
//! write is seen after the time to live at the latest.
//!
//! **How.** Each id belongs to one of a fixed number of counters, and the key of an entry is the id *with the counter's value*. A write moves the
//! counter on when it has ended, so everything that was loaded before is out of reach, including a load that is still running. A write
//! whose outcome is unknown (its future was dropped, its answer was lost) moves the counter on at once, and again when the statement can no
//! longer be running.
//!
//! **The subtle rule**: inside a transaction call [`Cache::writing`], never [`Cache::get`]: what a transaction sees may never be committed.

mod generations;
mod stampede;
mod waiting;

use std::{
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use moka::{Expiry, future::Cache as Moka, notification::RemovalCause};

use self::{
    generations::{Generation, Generations},
    stampede::Stampede,
    waiting::Waiting,
};
use crate::{
    budget::CacheOutcome,
    database::DatabaseError,
    faults::Faults,
    telemetry::{CacheMetrics, EvictionCause, Metrics, request},
};

/// How entries live.
#[derive(Clone, Debug)]
pub struct CacheOptions {
    /// Off: every look-up runs the loader.
    pub enabled: bool,
    /// Most entries.
    pub capacity: u64,
    /// Life of a value.
    pub ttl: Duration,
    /// Life of the knowledge that there is none.
    pub negative_ttl: Duration,
    /// How long after a lost answer a write may still be running.
    pub write_settles_within: Duration,
    /// What may be done to it on purpose.
    pub faults: Faults,
}

/// A cache of `V`s by their numeric id. Clones share the entries.
pub struct Cache<V> {
    inner: Arc<Inner<V>>,
}

impl<V> Clone for Cache<V> {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
        }
    }
}

struct Inner<V> {
    /// `None` where caching is off.
    entries: Option<Moka<Key, Option<Arc<V>>>>,
    generations: Arc<Generations>,
    stampede: Option<Stampede>,
    metrics: CacheMetrics,
    service_metrics: Arc<Metrics>,
    write_settles_within: Duration,
}

type Key = (i64, Generation);

impl<V: Send + Sync + 'static> Cache<V> {
    /// An empty cache, known to the metrics under `name`.
    #[must_use]
    pub fn new(name: &'static str, options: &CacheOptions, metrics: &Arc<Metrics>) -> Self {
        let cache_metrics = metrics.cache(name);
        cache_metrics
            .capacity
            .set(i64::try_from(options.capacity).unwrap_or(i64::MAX));
        let entries = options.enabled.then(|| build(options, &cache_metrics));
        if let Some(entries) = entries.clone() {
            let gauge = cache_metrics.entries.clone();
            metrics.before_exposition(move || {
                gauge.set(i64::try_from(entries.entry_count()).unwrap_or(i64::MAX));
            });
        }
        Self {
            inner: Arc::new(Inner {
                entries,
                generations: Arc::default(),
                stampede: Stampede::wired(&options.faults),
                metrics: cache_metrics,
                service_metrics: Arc::clone(metrics),
                write_settles_within: options.write_settles_within,
            }),
        }
    }

    /// The value with this id: from the cache, or by `load`, which runs once for any number of waiting callers. If the caller that runs it
    /// goes away, another one takes over.
    ///
    /// # Errors
    /// What `load` says; nothing is kept then.
    pub async fn get<F>(
        &self,
        id: i64,
        load: impl FnOnce() -> F,
    ) -> Result<Option<Arc<V>>, DatabaseError>
    where
        F: Future<Output = Result<Option<V>, DatabaseError>>,
    {
        let Some(entries) = &self.inner.entries else {
            return load().await.map(|value| value.map(Arc::new));
        };
        let slower = self
            .inner
            .stampede
            .as_ref()
            .and_then(|stampede| stampede.asked(id, &self.inner.generations));
        let key = (id, self.inner.generations.current(id));
        if let Some(value) = entries.get(&key).await {
            self.got(CacheOutcome::Hit);
            return Ok(value);
        }
        let mut waiting = Waiting::start();
        let mut outcome = CacheOutcome::Coalesced;
        let result = entries
            .try_get_with(key, async {
                outcome = CacheOutcome::Miss;
                let running = Running::start(&self.inner.metrics);
                if let Some(slower) = slower {
                    tokio::time::sleep(slower).await;
                }
                let result = load().await.map(|value| value.map(Arc::new));
                running.finish();
                result
            })
            .await;
        if result.is_err() {
            outcome = CacheOutcome::Error;
        }
        self.got(outcome);
        waiting.failed = result.as_ref().err().map(|error| error.kind().as_str());
        result.map_err(|error| DatabaseError::clone(&error))
    }

    /// Must be held by every write to the rows with these ids, from before the statement until its outcome is known.
    pub fn writing(&self, ids: impl Into<Vec<i64>>) -> Writing<V> {
        Writing {
            cache: self.clone(),
            ids: ids.into(),
            settled: false,
        }
    }

    fn got(&self, outcome: CacheOutcome) {
        if self.inner.service_metrics.enabled() {
            self.inner.metrics.got(outcome);
            request::with_current(|record| record.ledger.cache(outcome));
        }
    }
}

/// A write to rows that may be cached. See [`Cache::writing`].
#[must_use = "dropped before the write has ended it lets stale values in"]
pub struct Writing<V: Send + Sync + 'static> {
    cache: Cache<V>,
    ids: Vec<i64>,
    settled: bool,
}

impl<V: Send + Sync + 'static> Writing<V> {
    /// The write touches these rows too.
    pub fn also(&mut self, ids: impl IntoIterator<Item = i64>) {
        self.ids.extend(ids);
    }

    /// The write has ended with `result`: what was cached before is out of reach from here on.
    ///
    /// # Errors
    /// Those of `result`, which passes through.
    pub async fn settle<T, E>(
        mut self,
        result: Result<T, E>,
        outcome_is_unknown: impl FnOnce(&E) -> bool,
    ) -> Result<T, E> {
        self.settled = !result.as_ref().err().is_some_and(outcome_is_unknown);
        if let Some(entries) = &self.cache.inner.entries {
            // All of them before the first wait, where the caller may go away.
            let advance = |id: &i64| (*id, self.cache.inner.generations.advance(*id));
            let stale: Vec<Key> = self.ids.iter().map(advance).collect();
            for key in &stale {
                entries.invalidate(key).await;
            }
        }
        result
    }
}

impl<V: Send + Sync + 'static> Drop for Writing<V> {
    fn drop(&mut self) {
        if self.settled {
            return;
        }
        let generations = Arc::clone(&self.cache.inner.generations);
        let ids = std::mem::take(&mut self.ids);
        generations.advance_all(&ids);
        let settles_within = self.cache.inner.write_settles_within;
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                tokio::time::sleep(settles_within).await;
                generations.advance_all(&ids);
            });
        }
    }
}

/// Counts a loader while it runs, however it ends.
struct Running<'a> {
    metrics: &'a CacheMetrics,
    started: Instant,
}

impl<'a> Running<'a> {
    fn start(metrics: &'a CacheMetrics) -> Self {
        metrics.loads_in_flight.inc();
        Self {
            metrics,
            started: Instant::now(),
        }
    }

    fn finish(self) {
        self.metrics.loaded(self.started.elapsed());
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.metrics.loads_in_flight.dec();
    }
}

fn build<V: Send + Sync + 'static>(
    options: &CacheOptions,
    metrics: &CacheMetrics,
) -> Moka<Key, Option<Arc<V>>> {
    let metrics = metrics.clone();
    Moka::builder()
        .max_capacity(options.capacity)
        .expire_after(Lifetimes {
            value: options.ttl,
            absence: options.negative_ttl,
        })
        .eviction_listener(move |_, _, cause| {
            metrics.evicted(match cause {
                RemovalCause::Expired => EvictionCause::Expired,
                RemovalCause::Explicit => EvictionCause::Explicit,
                RemovalCause::Replaced => EvictionCause::Replaced,
                RemovalCause::Size => EvictionCause::Size,
            });
        })
        .build()
}

struct Lifetimes {
    value: Duration,
    absence: Duration,
}

impl<V> Expiry<Key, Option<Arc<V>>> for Lifetimes {
    fn expire_after_create(&self, _: &Key, value: &Option<Arc<V>>, _: Instant) -> Option<Duration> {
        Some(if value.is_some() {
            self.value
        } else {
            self.absence
        })
    }
}
