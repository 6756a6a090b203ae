//! How much of the target's resources a step used, and what one request of it cost.
//!
//! The names of the metrics that are read here are those of this service; what a target does not
//! tell is unknown.

use crate::evidence::Evidence;
use crate::measurements::Measurements;
use crate::numbers::ratio;
use crate::probe::Window;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const WORKER_BUSY: &str = "tokio_worker_busy_seconds_total";
const WORKER_LAG: &str = "tokio_worker_loop_lag_seconds";
const WORKER: &str = "worker";
const POOL_USE: &str = "db_client_connection_use_time_seconds_sum";
const POOL_MAX: &str = "db_client_connection_max";
const BLOCKING_QUEUE: &str = "db_client_blocking_queue_seconds";

/// How much of each resource was used in one step; None is not known.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Load {
    /// Processors that the target kept busy.
    pub cpu_cores: Option<f64>,
    /// Workers that it has.
    pub workers: Option<u64>,
    /// The share of its time that the busiest worker was not idle.
    pub worker_busy: Option<f64>,
    /// 99 of 100 timers of the workers came no later.
    pub worker_lag_p99_ms: Option<f64>,
    /// The share of the connections that was in use on average.
    pub pool_used: Option<f64>,
    /// 99 of 100 waits for a connection took no longer.
    pub pool_wait_p99_ms: Option<f64>,
    /// 99 of 100 statements stood no longer in the queue of a connection's thread.
    pub blocking_queue_p99_ms: Option<f64>,
    /// The share of the look-ups that the cache answered.
    pub cache_hit: Option<f64>,
    /// Milliseconds of the average request by phase.
    pub phases_ms: BTreeMap<String, f64>,
}

impl Load {
    /// What was used in a step; None where the target has no metrics.
    #[must_use]
    pub fn of(evidence: &Evidence, measured: &Measurements) -> Option<Self> {
        let window = evidence.target.as_ref()?;
        let seconds = window.seconds().max(1e-9);
        let server = measured.server.as_ref();
        let busy = worker_seconds(window);
        let busiest = busy.iter().copied().reduce(f64::max);
        let used = window.growth(POOL_USE, &[]);
        let connections = window.after.sum(POOL_MAX, &[]);
        let connections = connections.filter(|connections| *connections > 0.0);
        let (hits, gets) = measured.caches.iter().fold((0, 0), |(hits, gets), cache| {
            (hits + cache.hits, gets + cache.gets())
        });
        let phases = measured.phases.iter();
        Some(Self {
            cpu_cores: server.and_then(|server| server.cpu_cores),
            workers: (!busy.is_empty()).then(|| u64::try_from(busy.len()).unwrap_or(u64::MAX)),
            worker_busy: busiest.map(|busiest| busiest / seconds),
            worker_lag_p99_ms: p99(window, WORKER_LAG),
            pool_used: used
                .zip(connections)
                .map(|(used, all)| used / all / seconds),
            pool_wait_p99_ms: server.and_then(|server| server.pool_wait_p99_ms),
            blocking_queue_p99_ms: p99(window, BLOCKING_QUEUE),
            cache_hit: (gets > 0).then(|| ratio(hits, gets)),
            phases_ms: phases
                .map(|phase| (phase.phase.clone(), phase.ms_per_request))
                .collect(),
        })
    }

    pub(super) fn phase(&self, name: &str) -> f64 {
        self.phases_ms.get(name).copied().unwrap_or(0.0)
    }

    /// The phase that grew most since a lower rate, and from what to what.
    pub(super) fn grew_most(&self, before: &Self) -> Option<(&str, f64, f64)> {
        let grew = self.phases_ms.iter().map(|(phase, ms)| {
            let before = before.phase(phase);
            (phase.as_str(), before, *ms)
        });
        let most = grew.max_by(|one, other| (one.2 - one.1).total_cmp(&(other.2 - other.1)));
        most.filter(|(_, before, after)| after > before)
    }
}

/// What one request costs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Footprint {
    /// Resident memory at the end of the step.
    pub memory_bytes: Option<u64>,
    /// Processor milliseconds per request.
    pub cpu_ms_per_request: Option<f64>,
    /// Queries per request.
    pub queries_per_request: Option<f64>,
}

impl Footprint {
    /// That of a step; None where the target has no metrics.
    #[must_use]
    pub fn of(evidence: &Evidence, measured: &Measurements) -> Option<Self> {
        evidence.target.as_ref()?;
        let server = measured.server.as_ref();
        Some(Self {
            memory_bytes: server.and_then(|server| server.memory_bytes),
            cpu_ms_per_request: server.and_then(|server| server.cpu_ms_per_request),
            queries_per_request: measured.queries_per_request(),
        })
    }
}

/// Seconds in which each worker was not idle.
fn worker_seconds(window: &Window) -> Vec<f64> {
    let workers = window.after.label_values(WORKER_BUSY, WORKER);
    let seconds = |worker: &String| window.growth(WORKER_BUSY, &[(WORKER, worker)]);
    workers.iter().filter_map(seconds).collect()
}

fn p99(window: &Window, histogram: &str) -> Option<f64> {
    let seconds = window.buckets(histogram, &[]).quantile(0.99);
    seconds.map(|seconds| seconds * 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budgets::Budgets;
    use crate::probe::Scrape;

    fn window(scale: f64) -> Scrape {
        let seconds = |share: f64| share * scale;
        Scrape::of(&format!(
            "tokio_worker_busy_seconds_total{{worker=\"0\"}} {}\n\
             tokio_worker_busy_seconds_total{{worker=\"1\"}} {}\n\
             db_client_connection_use_time_seconds_sum {}\n\
             db_client_connection_max 4\n\
             process_cpu_seconds_total {}\n\
             cache_gets_total{{cache_name=\"users\",result=\"hit\"}} {}\n\
             cache_gets_total{{cache_name=\"users\",result=\"miss\"}} {}\n",
            seconds(0.9),
            seconds(0.3),
            seconds(2.0),
            seconds(1.1),
            seconds(30.0),
            seconds(10.0),
        ))
    }

    #[test]
    fn shares_are_of_the_time_between_the_two_scrapes() {
        let before = window(0.0);
        let deadline = std::time::Instant::now() + std::time::Duration::from_millis(20);
        while std::time::Instant::now() < deadline {
            std::hint::spin_loop();
        }
        let after = window(1.0);
        let target = Window { before, after };
        let seconds = target.seconds();
        let evidence = Evidence {
            target: Some(target),
            ..Evidence::default()
        };
        let budgets = Budgets::parse("budgets.toml", "").unwrap();
        let load = Load::of(&evidence, &Measurements::of(&evidence, &budgets)).unwrap();
        let close = |found: Option<f64>, expected: f64| (found.unwrap() - expected).abs() < 1e-6;
        assert_eq!(load.workers, Some(2));
        assert!(close(load.worker_busy.map(|busy| busy * seconds), 0.9));
        assert!(close(load.pool_used.map(|used| used * seconds), 0.5));
        assert!(close(load.cpu_cores.map(|cores| cores * seconds), 1.1));
        assert!(close(load.cache_hit, 0.75));
        assert_eq!(load.worker_lag_p99_ms, None);
    }
}
