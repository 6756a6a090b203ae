//! Exemplars: for each bucket of a histogram one request whose trace was kept. They stand beside the histogram, and only the thread that
//! exports traces writes them: no request waits for them.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use prometheus::Histogram;

/// So long one that was over its budget keeps its place from those that were not.
const OVER_BUDGET_STAYS: Duration = Duration::from_mins(1);

/// One observation whose trace was kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Exemplar {
    /// The trace's id: 32 hexadecimal digits.
    pub trace_id: String,
    /// What was observed.
    pub seconds: f64,
    /// When it was observed.
    pub at: SystemTime,
    /// Whether it was over its budget: those come first.
    pub over_budget: bool,
}

/// The exemplars of one series: a place for each bucket, the unbounded one included.
#[derive(Debug)]
pub(super) struct Exemplars {
    bounds: &'static [f64],
    /// Empty until there is one.
    places: Mutex<Vec<Option<Exemplar>>>,
}

/// The exemplars of all series, by family and labels as the exposition writes them.
pub(super) type Shown = HashMap<String, Vec<Option<Exemplar>>>;

impl Exemplars {
    pub(super) fn new(bounds: &'static [f64]) -> Self {
        Self {
            bounds,
            places: Mutex::default(),
        }
    }

    /// Puts it in its bucket's place, unless one that was over its budget has stood there for less than a minute.
    pub(super) fn offer(&self, exemplar: Exemplar) {
        let bucket = self
            .bounds
            .partition_point(|bound| *bound < exemplar.seconds);
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        if places.is_empty() {
            places.resize(self.bounds.len() + 1, None);
        }
        if let Some(place) = places.get_mut(bucket)
            && place.as_ref().is_none_or(|held| held.gives_way(&exemplar))
        {
            *place = Some(exemplar);
        }
    }

    /// All of them, in the order of the buckets; empty where there is none.
    pub(super) fn all(&self) -> Vec<Option<Exemplar>> {
        self.places
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Exemplar {
    fn gives_way(&self, newer: &Self) -> bool {
        let age = newer.at.duration_since(self.at).unwrap_or_default();
        newer.over_budget || !self.over_budget || age >= OVER_BUDGET_STAYS
    }
}

/// A histogram with its exemplars.
pub(super) struct Exemplified {
    pub histogram: Histogram,
    pub exemplars: Exemplars,
}

impl Exemplified {
    pub(super) fn new(histogram: Histogram, bounds: &'static [f64]) -> Self {
        Self {
            histogram,
            exemplars: Exemplars::new(bounds),
        }
    }

    /// Adds what there is to `shown`, under the key of this series.
    pub(super) fn show(&self, family: &str, labels: &[(&str, &str)], shown: &mut Shown) {
        let exemplars = self.exemplars.all();
        if !exemplars.is_empty() {
            shown.insert(key(family, labels), exemplars);
        }
    }
}

/// The key of a series among [`Shown`]. The order of the labels does not matter.
pub(super) fn key(family: &str, labels: &[(&str, &str)]) -> String {
    let mut labels = labels.to_vec();
    labels.sort_unstable();
    format!("{family} {labels:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: &[f64] = &[0.1, 1.0];

    fn exemplar(trace_id: &str, seconds: f64, at: u64, over_budget: bool) -> Exemplar {
        Exemplar {
            trace_id: trace_id.to_owned(),
            seconds,
            at: SystemTime::UNIX_EPOCH + Duration::from_secs(at),
            over_budget,
        }
    }

    fn ids(exemplars: &Exemplars) -> Vec<Option<String>> {
        let id = |place: Option<Exemplar>| place.map(|exemplar| exemplar.trace_id);
        exemplars.all().into_iter().map(id).collect()
    }

    #[test]
    fn each_bucket_holds_one_and_a_bound_is_within() {
        let exemplars = Exemplars::new(BOUNDS);
        assert!(exemplars.all().is_empty());
        for (id, seconds) in [("a", 0.1), ("b", 0.100_001), ("c", 1.5)] {
            exemplars.offer(exemplar(id, seconds, 0, false));
        }
        let expected = ["a", "b", "c"].map(|id| Some(id.to_owned()));
        assert_eq!(ids(&exemplars), expected);
    }

    #[test]
    fn the_newer_one_stays_among_equals() {
        for over_budget in [false, true] {
            let exemplars = Exemplars::new(BOUNDS);
            exemplars.offer(exemplar("old", 0.05, 0, over_budget));
            exemplars.offer(exemplar("new", 0.05, 1, over_budget));
            assert_eq!(ids(&exemplars), [Some("new".to_owned()), None, None]);
        }
    }

    #[test]
    fn one_over_budget_comes_first_for_a_minute() {
        let exemplars = Exemplars::new(BOUNDS);
        exemplars.offer(exemplar("within", 0.05, 0, false));
        exemplars.offer(exemplar("over", 0.05, 1, true));
        exemplars.offer(exemplar("later", 0.05, 60, false));
        assert_eq!(ids(&exemplars)[0].as_deref(), Some("over"));
        exemplars.offer(exemplar("much later", 0.05, 61, false));
        assert_eq!(ids(&exemplars)[0].as_deref(), Some("much later"));
    }
}
