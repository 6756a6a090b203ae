//! Do the metrics themselves behave: no new series by load, no counter that falls, quick to read?

use super::{Case, target};
use crate::judge::{Finding, Verdict};
use crate::numbers::milliseconds;
use crate::probe::{Sample, Scrape, Window};
use crate::wording::{count, mebibytes, time};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const CONSTANT: &str = "series do not grow with requests";
const ONLY_GROW: &str = "counters only grow";
const QUICK: &str = "a scrape takes at most 1 s";

/// So many new values of one label may be a rare case that has come for the first time.
const FEW: usize = 3;
/// How many are named in a message.
const NAMED: usize = 3;
/// A scrape that takes longer is missed by many who ask.
const SLOW: Duration = Duration::from_secs(1);

pub(super) fn findings(case: &Case, window: &Window) -> Vec<Finding> {
    vec![constant(window), only_grow(case), quick(case)]
}

/// A series whose labels have only values that were there before is a new combination of them, and
/// of those there is an end, as there is of statuses. A label that goes on having new values has none.
fn constant(window: &Window) -> Finding {
    let (before, after) = (window.before.samples(), window.after.samples());
    let known: BTreeSet<_> = before.iter().flat_map(|sample| &sample.labels).collect();
    let old: BTreeSet<_> = before.iter().map(identity).collect();
    let new = after.iter().filter(|sample| {
        // What a target is, it says in labels: there, another value is no further one.
        !sample.name.ends_with("_info") && !old.contains(&identity(sample))
    });
    let mut values: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    let mut combined = 0;
    for sample in new {
        let is_unknown = |label: &(&String, &String)| !known.contains(label) && !is_status(*label);
        let unknown: Vec<_> = sample.labels.iter().filter(is_unknown).collect();
        combined += u64::from(unknown.is_empty());
        for (label, value) in unknown {
            let key = (sample.name.as_str(), label.as_str());
            values.entry(key).or_default().insert(value);
        }
    }
    let total = count(u64::try_from(after.len()).unwrap_or(u64::MAX));
    let Some(((name, label), found)) = values.iter().max_by_key(|(_, found)| found.len()) else {
        let combined = count(combined);
        let message = format!("{total} series, {combined} new combinations of known values");
        return target(true, CONSTANT, message);
    };
    let some: Vec<_> = found.iter().take(NAMED).copied().collect();
    let (number, some) = (found.len(), some.join(", "));
    let message = format!("{name} has {number} new values of {label}: {some}");
    if number > FEW {
        return target(false, CONSTANT, message);
    }
    let message = format!("{message}; a longer run tells whether they go on");
    let verdict = Verdict::Inconclusive;
    Finding::new(verdict, super::TARGET, CONSTANT, message)
}

/// Whether this is HTTP's word for how a request ended. RFC 9110 section 15 has statuses from 100 to 599.
fn is_status((label, value): (&String, &String)) -> bool {
    let says_so = label == "code" || label == "status" || label.ends_with("status_code");
    let status = value.parse::<u16>();
    says_so && status.is_ok_and(|status| (100..600).contains(&status))
}

fn identity(sample: &Sample) -> (&str, &BTreeMap<String, String>) {
    (&sample.name, &sample.labels)
}

fn only_grow(case: &Case) -> Finding {
    let pairs = case.readings.iter().zip(case.readings.iter().skip(1));
    let (mut fallen, mut counters) = (Vec::new(), 0);
    for (earlier, later) in pairs {
        let later = later.scrape.by_identity();
        let growing = earlier.scrape.samples().iter();
        let growing = growing.filter(|sample| earlier.growing.contains(&sample.name));
        let growing: Vec<_> = growing.collect();
        counters = growing.len();
        for sample in growing {
            let then = later.get(&identity(sample)).copied();
            if then.is_none_or(|then| then < sample.value) {
                fallen.push(fell(sample, then));
            }
        }
    }
    if counters == 0 {
        return super::missing(ONLY_GROW, "the types of its metrics");
    }
    if fallen.is_empty() {
        let counters = count(u64::try_from(counters).unwrap_or(u64::MAX));
        let readings = case.readings.len();
        let message = format!("{counters} counters in {readings} readings");
        return target(true, ONLY_GROW, message);
    }
    let more = fallen.len().saturating_sub(NAMED);
    fallen.truncate(NAMED);
    if more > 0 {
        fallen.push(format!("and {more} more"));
    }
    target(false, ONLY_GROW, fallen.join("; "))
}

fn fell(sample: &Sample, then: Option<f64>) -> String {
    let labels = sample.labels.iter();
    let labels = labels.map(|(name, value)| format!("{name}={value:?}"));
    let (name, labels) = (&sample.name, labels.collect::<Vec<_>>().join(","));
    let then = then.map_or("nothing".to_owned(), |then| then.to_string());
    format!("{name}{{{labels}}} went from {} to {then}", sample.value)
}

fn quick(case: &Case) -> Finding {
    let mut times: Vec<_> = case.readings.iter().map(|reading| reading.took).collect();
    times.sort();
    let sizes = case.readings.iter().map(|reading| reading.bytes);
    let size = u64::try_from(sizes.max().unwrap_or(0)).unwrap_or(u64::MAX);
    let Some((median, slowest)) = times.get(times.len() / 2).zip(times.last()) else {
        return super::missing(QUICK, "any metrics");
    };
    let message = format!(
        "median {}, at most {} in {} readings of {}",
        time(milliseconds(*median)),
        time(milliseconds(*slowest)),
        times.len(),
        mebibytes(size),
    );
    target(*slowest <= SLOW, QUICK, message)
}

impl Scrape {
    fn by_identity(&self) -> BTreeMap<(&str, &BTreeMap<String, String>), f64> {
        let samples = self.samples().iter();
        samples
            .map(|sample| (identity(sample), sample.value))
            .collect()
    }
}
