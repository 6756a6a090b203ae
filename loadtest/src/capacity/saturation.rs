//! What gave way first: read from the target's own metrics, between a rate that held and one that
//! did not. Pure.
//!
//! The order matters: a worker that is always busy makes everything behind it
//! wait, and a slow database keeps connections in use, so that the pool is only the cause where the
//! database is not slower than before.

use super::load::Load;
use crate::numbers::ratio;
use crate::wording::{percent, time};
use serde::{Deserialize, Serialize};

/// A resource that is used as much as this has nothing left to give.
const FULL: f64 = 0.85;
/// The database is slower when a request spends this many times as much in it.
const SLOWER: f64 = 1.5;
/// The cache answers less when its share of hits falls by this.
const FEWER_HITS: f64 = 0.05;

/// What gave way first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// The threads that answer.
    Worker,
    /// The connections to the database.
    Pool,
    /// The database itself.
    Database,
    /// The cache, which answered less.
    Cache,
    /// This program.
    Generator,
    /// It is not known.
    Unknown,
}

/// What gave way first, with the figures that say so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Saturation {
    /// Which resource.
    pub resource: Resource,
    /// A sentence for people.
    pub sentence: String,
}

/// What the generator's own limit is called.
#[must_use]
pub fn generator(doubts: &[String]) -> Saturation {
    Saturation {
        resource: Resource::Generator,
        sentence: format!(
            "the generator gave way first, so this limit is not the target's: {}",
            doubts.join("; ")
        ),
    }
}

/// What gave way, from the load at the highest rate that held (nothing where none did), and at the
/// lowest that did not.
#[must_use]
pub fn saturated(held: Option<&Load>, broke: Option<&Load>) -> Saturation {
    let Some(broke) = broke else {
        let sentence =
            "what gave way is not known: the target's metrics were not read, say --metrics";
        return unknown(sentence.to_owned());
    };
    let idle = Load::default();
    let held = held.unwrap_or(&idle);
    worker(broke)
        .or_else(|| behind_the_pool(held, broke))
        .or_else(|| cache(held, broke))
        .unwrap_or_else(|| by_phase(held, broke))
}

fn worker(broke: &Load) -> Option<Saturation> {
    let by_processor = broke.cpu_cores.zip(broke.workers);
    let by_processor = by_processor.map(|(cores, workers)| cores * ratio(1, workers.max(1)));
    let busy = broke.worker_busy.or(by_processor)?;
    let cores = broke.cpu_cores.map_or(String::new(), |cores| {
        format!(", {cores:.2} processors in use")
    });
    let lag = broke.worker_lag_p99_ms.map_or(String::new(), |lag| {
        format!(", 1 of 100 of their timers {} late or later", time(lag))
    });
    let busy_shown = percent(busy.min(1.0));
    (busy >= FULL).then(|| Saturation {
        resource: Resource::Worker,
        sentence: format!(
            "the workers gave way first: the busiest was at work {busy_shown} of the time{cores}{lag}"
        ),
    })
}

/// Connections that are all in use, or statements that stand in a queue.
fn behind_the_pool(held: &Load, broke: &Load) -> Option<Saturation> {
    let used = broke.pool_used.unwrap_or(0.0);
    let waits = ["pool_wait", "blocking_queue"];
    let waiting = broke
        .grew_most(held)
        .is_some_and(|(phase, _, _)| waits.contains(&phase));
    if used < FULL && !waiting {
        return None;
    }
    let (before, after) = (held.phase("db"), broke.phase("db"));
    let waits = [broke.pool_wait_p99_ms, broke.blocking_queue_p99_ms];
    let wait = waits.into_iter().flatten().reduce(f64::max);
    let waited = wait.map_or(String::new(), |wait| {
        format!(", 1 of 100 waited {} or longer for one", time(wait))
    });
    let in_use = broke.pool_used.map_or(String::new(), |used| {
        format!(
            "{} of the connections were in use{waited}",
            percent(used.min(1.0))
        )
    });
    let spent = format!(
        "a request spent {} in the database, {} where the budgets held",
        time(after),
        time(before)
    );
    let slower = before > 0.0 && after > before * SLOWER;
    Some(if slower {
        let sentence = format!("the database gave way first: {spent}; {in_use}");
        Saturation {
            resource: Resource::Database,
            sentence,
        }
    } else {
        let sentence = format!("the pool gave way first: {in_use}; {spent}");
        Saturation {
            resource: Resource::Pool,
            sentence,
        }
    })
}

fn cache(held: &Load, broke: &Load) -> Option<Saturation> {
    let (before, after) = held.cache_hit.zip(broke.cache_hit)?;
    (after < before - FEWER_HITS).then(|| Saturation {
        resource: Resource::Cache,
        sentence: format!(
            "the cache gave way first: it answered {} of the look-ups, {} where the budgets held",
            percent(after),
            percent(before)
        ),
    })
}

/// No resource is used up as far as is known; something took longer all the same.
fn by_phase(held: &Load, broke: &Load) -> Saturation {
    let Some((phase, before, after)) = broke.grew_most(held) else {
        return unknown(
            "what gave way is not known: nothing that the target measures is used up, nor slower"
                .to_owned(),
        );
    };
    let grew = format!(
        "took {} of a request, {} where the budgets held",
        time(after),
        time(before)
    );
    let (resource, what) = match phase {
        "db" => (Resource::Database, "the database gave way first: it"),
        "cache_load" => (Resource::Cache, "the cache gave way first: loading it"),
        _ => {
            return unknown(format!(
                "what gave way is not known: no resource is used up; {phase} {grew}"
            ));
        }
    };
    let sentence = format!("{what} {grew}");
    Saturation { resource, sentence }
}

fn unknown(sentence: String) -> Saturation {
    Saturation {
        resource: Resource::Unknown,
        sentence,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(phases: &[(&str, f64)]) -> Load {
        let phases = phases.iter().map(|(phase, ms)| ((*phase).to_owned(), *ms));
        Load {
            worker_busy: Some(0.5),
            cpu_cores: Some(0.4),
            pool_used: Some(0.3),
            cache_hit: Some(0.9),
            phases_ms: phases.collect(),
            ..Load::default()
        }
    }

    fn found(held: &Load, broke: &Load) -> (Resource, String) {
        let Saturation { resource, sentence } = saturated(Some(held), Some(broke));
        (resource, sentence)
    }

    #[test]
    fn a_worker_that_is_always_busy_comes_before_everything_behind_it() {
        let held = load(&[("db", 1.0)]);
        let broke = Load {
            worker_busy: Some(0.97),
            pool_used: Some(0.99),
            ..load(&[("db", 9.0)])
        };
        let (resource, sentence) = found(&held, &broke);
        assert_eq!(resource, Resource::Worker);
        assert!(
            sentence.contains("97.00% of the time, 0.40 processors"),
            "{sentence}"
        );
    }

    #[test]
    fn full_connections_are_the_pool_unless_the_database_is_slower() {
        let held = load(&[("db", 2.0), ("pool_wait", 0.1)]);
        let full = |db| Load {
            pool_used: Some(0.96),
            pool_wait_p99_ms: Some(80.0),
            ..load(&[("db", db), ("pool_wait", 40.0)])
        };
        let (resource, sentence) = found(&held, &full(2.2));
        assert_eq!(resource, Resource::Pool);
        assert!(
            sentence.contains("96.00%") && sentence.contains("80.0 ms"),
            "{sentence}"
        );
        let (resource, sentence) = found(&held, &full(8.0));
        assert_eq!(resource, Resource::Database);
        assert!(
            sentence.contains("8.0 ms") && sentence.contains("2.0 ms"),
            "{sentence}"
        );
    }

    #[test]
    fn a_cache_that_answers_less_is_named_with_both_shares() {
        let held = load(&[("db", 1.0)]);
        let broke = Load {
            cache_hit: Some(0.4),
            ..load(&[("db", 1.1)])
        };
        let (resource, sentence) = found(&held, &broke);
        assert_eq!(resource, Resource::Cache);
        assert!(
            sentence.contains("40.00%") && sentence.contains("90.00%"),
            "{sentence}"
        );
    }

    #[test]
    fn else_the_phase_that_grew_most_is_named() {
        let held = load(&[("db", 1.0), ("handler", 0.2)]);
        let slower = load(&[("db", 30.0), ("handler", 0.3)]);
        assert_eq!(found(&held, &slower).0, Resource::Database);
        let handler = load(&[("db", 1.0), ("handler", 3.0)]);
        let (resource, sentence) = found(&held, &handler);
        assert_eq!(resource, Resource::Unknown);
        assert!(sentence.contains("handler took 3.0 ms"), "{sentence}");
        assert_eq!(found(&held, &held).0, Resource::Unknown);
    }

    #[test]
    fn without_metrics_it_says_so() {
        let Saturation { resource, sentence } = saturated(None, None);
        assert_eq!(resource, Resource::Unknown);
        assert!(sentence.contains("--metrics"), "{sentence}");
    }
}
