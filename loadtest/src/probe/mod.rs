//! The target's own account: its `/metrics` before and after an attack, and what lies between.
//!
//! [`Scrape`] is one reading, [`Window`] the difference of two. Nothing here knows what a metric
//! means; that is in [`crate::measurements`].

mod buckets;
mod exposition;

pub use buckets::Buckets;
pub use exposition::{Labels, Sample, parse};

use anyhow::{Context, Result, ensure};
use reqwest::{Client, Url};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long a scrape may take: a target that needs longer is not answering.
const SCRAPE_TIMEOUT: Duration = Duration::from_secs(5);

/// One reading of all metrics.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Scrape {
    /// Seconds since 1970.
    taken: f64,
    samples: Vec<Sample>,
}

impl Scrape {
    /// Reads a text exposition taken just now.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self {
            taken: SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0.0, |since| since.as_secs_f64()),
            samples: parse(text),
        }
    }

    /// Asks the target.
    ///
    /// # Errors
    /// When it does not answer within five seconds, or with something else than metrics.
    pub async fn fetch(client: &Client, metrics: &Url) -> Result<Self> {
        let text = async {
            let request = client.get(metrics.clone()).timeout(SCRAPE_TIMEOUT);
            let answer = request.header("accept", "text/plain; version=0.0.4");
            answer.send().await?.error_for_status()?.text().await
        };
        let text = text
            .await
            .with_context(|| format!("no metrics from {metrics}"))?;
        let scrape = Self::of(&text);
        ensure!(
            !scrape.samples.is_empty(),
            "{metrics} answers, but not with metrics"
        );
        Ok(scrape)
    }

    /// The samples of a metric whose labels include all those of `filter`.
    pub fn select<'a>(
        &'a self,
        name: &'a str,
        filter: &'a [(&'a str, &'a str)],
    ) -> impl Iterator<Item = &'a Sample> {
        let fits = |sample: &Sample| {
            filter
                .iter()
                .all(|(label, value)| sample.labels.get(*label).is_some_and(|has| has == value))
        };
        self.samples
            .iter()
            .filter(move |sample| sample.name == name && fits(sample))
    }

    /// All samples, in their order.
    #[must_use]
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// The value of the one series that has these labels and no others.
    #[must_use]
    pub fn exactly(&self, name: &str, labels: &Labels) -> Option<f64> {
        let mut samples = self.samples.iter();
        let is_it = |sample: &&Sample| sample.name == name && sample.labels == *labels;
        samples.find(is_it).map(|sample| sample.value)
    }

    /// The sum over the selected samples; None when there are none.
    #[must_use]
    pub fn sum(&self, name: &str, filter: &[(&str, &str)]) -> Option<f64> {
        self.select(name, filter)
            .map(|sample| sample.value)
            .reduce(|total, value| total + value)
    }

    /// The values which a label has on a metric.
    #[must_use]
    pub fn label_values(&self, name: &str, label: &str) -> BTreeSet<String> {
        self.select(name, &[])
            .filter_map(|sample| sample.labels.get(label).cloned())
            .collect()
    }

    /// The labels of a metric that is all labels, such as `app_build_info`.
    #[must_use]
    pub fn info(&self, name: &str) -> Labels {
        self.select(name, &[])
            .next()
            .map_or_else(Labels::new, |sample| sample.labels.clone())
    }
}

/// Two readings of the same target.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Window {
    /// The earlier one.
    pub before: Scrape,
    /// The later one.
    pub after: Scrape,
}

impl Window {
    /// Seconds between the two readings.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        (self.after.taken - self.before.taken).max(0.0)
    }

    /// From the earlier of two first readings to the later of two last ones.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        let earlier = self.before.taken <= other.before.taken;
        let later = self.after.taken >= other.after.taken;
        Self {
            before: if earlier { self.before } else { other.before },
            after: if later { self.after } else { other.after },
        }
    }

    /// By how much the selected counters grew; None when the target does not have them.
    #[must_use]
    pub fn growth(&self, name: &str, filter: &[(&str, &str)]) -> Option<f64> {
        let after = self.after.sum(name, filter)?;
        Some(after - self.before.sum(name, filter).unwrap_or(0.0))
    }

    /// By how much the buckets of a histogram grew, over all selected series.
    #[must_use]
    pub fn buckets(&self, histogram: &str, filter: &[(&str, &str)]) -> Buckets {
        let name = format!("{histogram}_bucket");
        let pairs = |scrape: &Scrape, sign: f64| -> Vec<(f64, f64)> {
            scrape
                .select(&name, filter)
                .filter_map(|sample| Some((bound(sample)?, sign * sample.value)))
                .collect()
        };
        Buckets::new(
            pairs(&self.after, 1.0)
                .into_iter()
                .chain(pairs(&self.before, -1.0)),
        )
    }
}

/// `le` as a number, so that the spellings `1` and `1.0` are the same bound.
fn bound(sample: &Sample) -> Option<f64> {
    match sample.labels.get("le")?.as_str() {
        "+Inf" => Some(f64::INFINITY),
        finite => finite.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "hits_total{route=\"a\",code=\"200\"} 5\nmemory 7\n\
        d_bucket{route=\"a\",le=\"0.1\"} 4\nd_bucket{route=\"a\",le=\"1\"} 5\nd_bucket{route=\"a\",le=\"+Inf\"} 5\n";
    const AFTER: &str = "hits_total{route=\"a\",code=\"200\"} 25\nhits_total{route=\"a\",code=\"404\"} 2\nmemory 9\n\
        d_bucket{route=\"a\",le=\"0.1\"} 22\nd_bucket{route=\"a\",le=\"1.0\"} 26\nd_bucket{route=\"a\",le=\"+Inf\"} 27\n";

    fn window() -> Window {
        Window {
            before: Scrape::of(BEFORE),
            after: Scrape::of(AFTER),
        }
    }

    #[test]
    fn growth_is_summed_over_series_and_a_new_series_began_at_zero() {
        let window = window();
        assert_eq!(window.growth("hits_total", &[("route", "a")]), Some(22.0));
        assert_eq!(window.growth("hits_total", &[("code", "404")]), Some(2.0));
        assert_eq!(window.growth("misses_total", &[]), None);
    }

    #[test]
    fn both_spellings_of_a_whole_boundary_are_one_bucket() {
        let buckets = window().buckets("d", &[("route", "a")]);
        assert_eq!(buckets.up_to(1.0), Some(21.0));
        assert_eq!(buckets.up_to(0.1), Some(18.0));
        assert!((buckets.count() - 22.0).abs() < f64::EPSILON);
    }

    #[test]
    fn the_union_of_two_windows_has_the_earliest_and_the_latest_reading() {
        let at = |taken, text: String| Scrape {
            taken,
            ..Scrape::of(&text)
        };
        let window = |from, to| Window {
            before: at(from, format!("hits_total {from}")),
            after: at(to, format!("hits_total {to}")),
        };
        for (left, right) in [((1.0, 5.0), (2.0, 9.0)), ((2.0, 9.0), (1.0, 5.0))] {
            let union = window(left.0, left.1).union(window(right.0, right.1));
            assert_eq!(union.growth("hits_total", &[]), Some(8.0));
            assert!((union.seconds() - 8.0).abs() < f64::EPSILON);
        }
    }

    #[test]
    fn label_values_are_listed_once() {
        let values = window().after.label_values("hits_total", "route");
        assert_eq!(values.into_iter().collect::<Vec<_>>(), ["a"]);
    }
}
