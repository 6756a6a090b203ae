//! What a name in an expression stands for.

use std::borrow::Cow;

use api::telemetry::{CATALOGUE, Kind};

use super::{TARGET_LABELS, loadtest, prometheus, recorded};

/// Who writes a series: what it is called by decides what must run for it to exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer {
    /// The service, whenever it runs.
    Service,
    /// The harness, while a run goes on.
    Harness,
    /// Prometheus or Alertmanager, of themselves or of a target.
    Prometheus,
    /// A recording rule.
    Rule,
}

/// One known family.
#[derive(Clone, Debug, PartialEq)]
pub struct Family {
    /// As it is exposed; a histogram's parts end in `_bucket`, `_sum` and `_count`.
    pub name: Cow<'static, str>,
    /// Counter, gauge or histogram.
    pub kind: Kind,
    /// Its own labels, without job and instance.
    pub labels: Vec<Cow<'static, str>>,
    /// Who writes it. Only what a rule writes lacks the labels of its target.
    pub writer: Writer,
}

/// Every series that exists when everything runs.
#[derive(Clone, Debug)]
pub struct Known {
    families: Vec<Family>,
}

impl Known {
    /// What the service, the harness and Prometheus write, and the recorded series of [`recorded`].
    #[must_use]
    pub fn new() -> Self {
        let mut known = Self { families: vec![] };
        for (writer, families) in [
            (Writer::Service, CATALOGUE),
            (Writer::Harness, loadtest::ALL),
            (Writer::Prometheus, prometheus::ALL),
            (Writer::Rule, recorded::ALL),
        ] {
            let listed = families.iter().map(|family| Family {
                name: family.name.into(),
                kind: family.kind,
                labels: family.labels.iter().map(|label| (*label).into()).collect(),
                writer,
            });
            known.families.extend(listed);
        }
        known
    }

    /// Adds a series that a rule records, with the labels that the rule leaves on it; a name that is known already stays as it is.
    pub fn record(&mut self, name: &str, labels: &[&str]) {
        if self.find(name).is_none() {
            self.families.push(Family {
                name: name.to_owned().into(),
                kind: Kind::Gauge,
                labels: labels
                    .iter()
                    .map(|label| (*label).to_owned().into())
                    .collect(),
                writer: Writer::Rule,
            });
        }
    }

    /// Every family.
    #[must_use]
    pub fn families(&self) -> &[Family] {
        &self.families
    }

    /// What the name of a series stands for; None for a name that nobody writes.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Series<'_>> {
        self.families.iter().find_map(|family| {
            let part = match (family.kind, name.strip_prefix(&*family.name)?) {
                (Kind::Gauge, "") => Part::Value,
                (Kind::Counter, "") | (Kind::Histogram(_), "_sum" | "_count") => Part::Growing,
                (Kind::Histogram(bounds), "_bucket") => Part::Buckets(bounds),
                _ => return None,
            };
            Some(Series { family, part })
        })
    }
}

impl Default for Known {
    fn default() -> Self {
        Self::new()
    }
}

/// A family, and which of its series a name stands for.
#[derive(Clone, Copy, Debug)]
pub struct Series<'a> {
    /// The family.
    pub family: &'a Family,
    /// Which of its series.
    pub part: Part,
}

/// Which of a family's series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Part {
    /// A gauge.
    Value,
    /// A counter, or the sum or the count of a histogram.
    Growing,
    /// The buckets of a histogram with these upper bounds: they grow, and have the label `le`.
    Buckets(&'static [f64]),
}

impl<'a> Series<'a> {
    /// The labels that its series have, those of the target among them.
    pub fn labels(self) -> impl Iterator<Item = &'a str> {
        let of_target = TARGET_LABELS
            .into_iter()
            .filter(move |_| self.family.writer != Writer::Rule);
        let le = matches!(self.part, Part::Buckets(_)).then_some("le");
        self.family
            .labels
            .iter()
            .map(AsRef::as_ref)
            .chain(of_target)
            .chain(le)
    }

    /// Whether it only ever grows.
    #[must_use]
    pub fn grows(self) -> bool {
        self.part != Part::Value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_of_the_harness_is_known() {
        let listed: Vec<_> = ::loadtest::live::catalogue::CATALOGUE
            .iter()
            .map(|family| family.name)
            .collect();
        let known: Vec<_> = loadtest::ALL.iter().map(|family| family.name).collect();
        assert_eq!(known, listed);
    }

    #[test]
    fn requests_have_the_same_buckets_at_the_client_and_at_the_server() {
        assert_eq!(
            loadtest::DURATION.kind,
            api::telemetry::catalogue::HTTP_DURATION.kind
        );
    }

    #[test]
    fn a_name_stands_for_a_part_of_its_family() {
        let known = Known::new();
        let part = |name| known.find(name).map(|series| series.part);
        assert_eq!(part("up"), Some(Part::Value));
        assert_eq!(part("cache_gets_total"), Some(Part::Growing));
        assert_eq!(part("cache_load_duration_seconds_sum"), Some(Part::Growing));
        assert_eq!(part("cache_load_duration_seconds"), None);
        assert_eq!(part("cache_gets_total_bucket"), None);
        let buckets = known.find("cache_load_duration_seconds_bucket").unwrap();
        assert_eq!(
            buckets.labels().collect::<Vec<_>>(),
            ["cache_name", "job", "instance", "le"]
        );
    }

    #[test]
    fn a_recorded_series_has_the_labels_that_its_rule_leaves() {
        let mut known = Known::new();
        assert!(known.find("slo:error_ratio:6h").is_none());
        known.record("slo:error_ratio:6h", &["slo"]);
        let recorded = known.find("slo:error_ratio:6h").unwrap();
        assert_eq!(recorded.labels().collect::<Vec<_>>(), ["slo"]);
    }
}
