//! "API / 40 Cache": does the cache pay, does it stampede.

use api::telemetry::catalogue::{
    CACHE_CAPACITY, CACHE_ENTRIES, CACHE_EVICTIONS, CACHE_GETS, CACHE_LOAD, CACHE_LOADS_IN_FLIGHT,
    label,
};

use super::{CACHE, CACHE_NAME, rate_by};
use crate::{
    model::{Board, Kind, Needs, Panel, Unit, good_below, orange},
    promql::write::{
        RATE, Series, buckets, count, numbers, quantile, ratio, series, some, sum, sum_by,
    },
};

pub(super) fn board() -> Board {
    Board {
        uid: CACHE,
        title: "API / 40 Cache",
        question: "Does the cache pay, and does it stampede?",
        variables: vec![CACHE_NAME],
        rows: vec![
            vec![hits(), gets()],
            vec![waiting(), callers()],
            vec![load_time(), loading()],
            vec![evictions(), fill(), saved()],
        ],
    }
}

const BY_CACHE: [&str; 1] = [label::CACHE];
const NAME: &str = "{{cache_name}}";

fn of_cache(series: Series) -> Series {
    series.of_target().chosen(label::CACHE, CACHE_NAME.name)
}

fn looked_up() -> Series {
    of_cache(series(&CACHE_GETS))
}

fn hits() -> Panel {
    let hits = looked_up().eq(label::RESULT, "hit");
    Panel::new(Kind::TimeSeries, Unit::Ratio, "Hit ratio")
        .says(
            "Look-ups that were answered from the cache. It falls after a start, when entries live shorter, and when more is written.",
            "CacheStampede.md#look-first",
        )
        .asks(
            ratio(
                rate_by(&BY_CACHE, &hits, RATE),
                some(rate_by(&BY_CACHE, &looked_up(), RATE)),
            ),
            NAME,
        )
}

fn gets() -> Panel {
    Panel::new(Kind::Stacked, Unit::PerSecond, "Look-ups by result")
        .says(
            "hit: was there. miss: was loaded. coalesced: waited for another's load of the same. error: the load failed.",
            "CacheStampede.md#meaning",
        )
        .asks(rate_by(&[label::RESULT], &looked_up(), RATE), "{{result}}")
        .needs(Needs::Service)
}

fn waiting() -> Panel {
    let coalesced = looked_up().eq(label::RESULT, "coalesced");
    Panel::new(Kind::TimeSeries, Unit::Ratio, "Look-ups that wait for another's load")
        .says(
            "A few in a thousand are usual. Above 2 % what everybody wants is loaded slowly or too often, and each of them waits for as long as the load takes.",
            "CacheStampede.md#look-first",
        )
        .asks(
            ratio(
                rate_by(&BY_CACHE, &coalesced, RATE),
                some(rate_by(&BY_CACHE, &looked_up(), RATE)),
            ),
            NAME,
        )
        .steps([orange(0.02)])
}

fn callers() -> Panel {
    let coalesced = looked_up().eq(label::RESULT, "coalesced");
    let missed = looked_up().eq(label::RESULT, "miss");
    let followers = ratio(
        rate_by(&BY_CACHE, &coalesced, RATE),
        some(rate_by(&BY_CACHE, &missed, RATE)),
    );
    Panel::new(Kind::TimeSeries, Unit::Count, "Callers per load")
        .says(
            "How many callers share one load, on average. 1: nobody else. A hot key is thinned out here by all that only one asks for.",
            "CacheStampede.md#look-first",
        )
        .asks(format!("1 + {followers}"), NAME)
        .between(1.0, 100_000.0)
}

fn load_time() -> Panel {
    let buckets = of_cache(buckets(&CACHE_LOAD));
    Panel::new(Kind::TimeSeries, Unit::Seconds, "Load time p99")
        .says(
            "What a caller whose entry is not there waits for.",
            "CacheStampede.md#impact",
        )
        .asks(numbers(quantile(0.99, &BY_CACHE, &buckets, RATE)), NAME)
}

fn loading() -> Panel {
    Panel::new(Kind::TimeSeries, Unit::Count, "Loads in flight")
        .says(
            "Loaders that run now. Each takes a connection of the pool.",
            "CacheStampede.md#look-first",
        )
        .asks(
            sum_by(&BY_CACHE, of_cache(series(&CACHE_LOADS_IN_FLIGHT))),
            NAME,
        )
        .needs(Needs::Service)
        .between(0.0, 100_000.0)
}

fn evictions() -> Panel {
    let evictions = of_cache(series(&CACHE_EVICTIONS));
    Panel::new(Kind::Stacked, Unit::PerSecond, "Entries that left")
        .says(
            "explicit: a write made it stale. expired: its time was up. size: the cache is too small. replaced: another took its place.",
            "CacheStampede.md#causes-and-proof",
        )
        .asks(rate_by(&[label::CAUSE], &evictions, RATE), "{{cause}}")
        .needs(Needs::Service)
}

fn fill() -> Panel {
    let entries = sum_by(&BY_CACHE, of_cache(series(&CACHE_ENTRIES)));
    let capacity = sum_by(&BY_CACHE, of_cache(series(&CACHE_CAPACITY)));
    Panel::new(Kind::Gauge, Unit::Ratio, "Fill")
        .says(
            "Entries, of those that there may be. Full is no fault as long as the hit ratio is good.",
            "CacheStampede.md#causes-and-proof",
        )
        .asks(ratio(entries, capacity), NAME)
        .steps([good_below(), orange(0.95)])
        .needs(Needs::Service)
        .size(6, 8)
}

fn saved() -> Panel {
    let spared = looked_up().fits(label::RESULT, "hit|coalesced");
    let seconds = rate_by(&BY_CACHE, &of_cache(sum(&CACHE_LOAD)), RATE);
    let loads = some(rate_by(&BY_CACHE, &of_cache(count(&CACHE_LOAD)), RATE));
    let saved = format!(
        "{} * {seconds} / {loads}",
        rate_by(&BY_CACHE, &spared, RATE)
    );
    Panel::new(Kind::Stat, Unit::Count, "Connections saved")
        .says(
            "Seconds of loading that did not happen, per second: look-ups without a load, by the mean load. So many connections would be busy without the cache.",
            "CacheStampede.md#impact",
        )
        .asks(sum_by(&[], saved), "saved")
        .between(0.0, 10_000.0)
        .size(6, 8)
}
