//! The text format 0.0.4 of Prometheus, as far as reading values needs it.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The labels of one sample.
pub type Labels = BTreeMap<String, String>;

/// One line of an exposition; written as `[name, labels, value]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(from = "(String, Labels, f64)", into = "(String, Labels, f64)")]
#[schemars(with = "(String, Labels, f64)")]
pub struct Sample {
    /// Name of the metric, with `_bucket`, `_sum` or `_count` where the line has it.
    pub name: String,
    /// Label names and values, unescaped.
    pub labels: Labels,
    /// The value.
    pub value: f64,
}

impl From<(String, Labels, f64)> for Sample {
    fn from((name, labels, value): (String, Labels, f64)) -> Self {
        Self {
            name,
            labels,
            value,
        }
    }
}

impl From<Sample> for (String, Labels, f64) {
    fn from(sample: Sample) -> Self {
        (sample.name, sample.labels, sample.value)
    }
}

/// Reads every sample that is a number; comments and lines that are none are passed over.
#[must_use]
pub fn parse(text: &str) -> Vec<Sample> {
    let samples = text.lines().filter_map(sample);
    samples.filter(|sample| sample.value.is_finite()).collect()
}

fn sample(line: &str) -> Option<Sample> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let end_of_name = line.find(|c: char| c == '{' || c.is_whitespace())?;
    let (name, rest) = line.split_at(end_of_name);
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(inside) => labels(inside)?,
        None => (Labels::new(), rest),
    };
    let value = rest.split_whitespace().next()?;
    Some(Sample {
        name: name.to_owned(),
        labels,
        value: number(value)?,
    })
}

/// Reads `a="b",c="d"}` and gives back what follows the brace.
fn labels(mut text: &str) -> Option<(Labels, &str)> {
    let mut labels = Labels::new();
    loop {
        text = text.trim_start_matches([',', ' ']);
        if let Some(rest) = text.strip_prefix('}') {
            return Some((labels, rest));
        }
        let (name, rest) = text.split_once("=\"")?;
        let (value, rest) = quoted(rest)?;
        labels.insert(name.trim().to_owned(), value);
        text = rest;
    }
}

/// Reads up to the closing quote, with `\\`, `\"` and `\n` for what they stand for.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((position, character)) = characters.next() {
        match character {
            '"' => return Some((value, text.get(position + 1..)?)),
            '\\' => match characters.next()?.1 {
                'n' => value.push('\n'),
                other => value.push(other),
            },
            other => value.push(other),
        }
    }
    None
}

fn number(text: &str) -> Option<f64> {
    match text {
        "+Inf" => Some(f64::INFINITY),
        "-Inf" => Some(f64::NEG_INFINITY),
        other => other.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_labels_and_values_are_read() {
        let text = "# HELP hits So many.\n# TYPE hits counter\n\
                    hits{route=\"GET /users/{id}\",code=\"200\"} 12 1700000000\nup 1\n";
        let samples = parse(text);
        assert_eq!(samples.len(), 2);
        assert_eq!(samples[0].labels["route"], "GET /users/{id}");
        assert_eq!(samples[0].labels["code"], "200");
        assert!((samples[0].value - 12.0).abs() < f64::EPSILON);
        assert_eq!(samples[1].name, "up");
    }

    #[test]
    fn escaped_characters_and_odd_spacing_are_read() {
        let samples = parse(r#"m{ a="q\"uo,}te", b="back\\slash\nline" , } 1.5e-3"#);
        assert_eq!(samples[0].labels["a"], "q\"uo,}te");
        assert_eq!(samples[0].labels["b"], "back\\slash\nline");
        assert!((samples[0].value - 0.0015).abs() < 1e-12);
    }

    #[test]
    fn what_is_no_number_is_no_sample() {
        assert!(parse("up +Inf\nratio NaN").is_empty());
        assert!(parse("broken{a=\"b 1\nalone\nword notanumber").is_empty());
    }
}
