//! A scrape, to be asked for single series. Tests look at differences, never at absolute values of others' series.

use std::collections::BTreeMap;

/// All series of a scrape by their text, `name{label="value"}`, with labels in the order of the exposition.
#[derive(Clone, Debug)]
pub struct Scrape {
    pub text: String,
    pub series: BTreeMap<String, f64>,
}

impl Scrape {
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let lines = text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        let series = lines.map(|line| {
            let (series, value) = line.rsplit_once(' ').expect("a series and its value");
            (series.to_owned(), value.parse().expect("a number"))
        });
        Self {
            text: text.to_owned(),
            series: series.collect(),
        }
    }

    /// The sum of all series of the family `name` that have all of these labels.
    #[must_use]
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let matches = |series: &&String| {
            let (family, rest) = series.split_once('{').unwrap_or((series.as_str(), ""));
            family == name
                && labels
                    .iter()
                    .all(|(label, value)| has_label(rest, label, value))
        };
        self.series
            .iter()
            .filter(|(series, _)| matches(series))
            .map(|(_, value)| value)
            .sum()
    }

    /// How many series there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.series.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.series.is_empty()
    }

    /// Whether the family is there at all.
    #[must_use]
    pub fn has_family(&self, name: &str) -> bool {
        self.text.contains(&format!("# TYPE {name} "))
    }
}

fn has_label(labels: &str, label: &str, value: &str) -> bool {
    let wanted = format!("{label}=\"{value}\"");
    labels
        .find(&wanted)
        .is_some_and(|at| at == 0 || labels[..at].ends_with(','))
}
