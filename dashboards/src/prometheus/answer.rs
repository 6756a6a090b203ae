//! Values over time, as Prometheus writes them.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Names and values; the metric's own name is `__name__`.
pub type Labels = BTreeMap<String, String>;

/// A value at a time.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(try_from = "(f64, String)")]
pub struct Point {
    /// Seconds since 1970.
    pub time: f64,
    /// Also infinite, or not a number: 0 divided by 0 is.
    pub value: f64,
}

/// A value of one series at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Of the series.
    pub labels: Labels,
    /// Its value.
    pub point: Point,
}

/// The values of one series over time.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Stream {
    /// Of the series.
    #[serde(rename = "metric")]
    pub labels: Labels,
    /// In the order of time.
    #[serde(rename = "values", default)]
    pub points: Vec<Point>,
}

/// The exemplars of one series.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExemplarSeries {
    /// Of the series.
    pub series_labels: Labels,
    /// In the order of time.
    pub exemplars: Vec<Exemplar>,
}

/// One observation out of many, with the trace that it was made in.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Exemplar {
    /// `trace_id` among them.
    pub labels: Labels,
    /// What was observed.
    #[serde(deserialize_with = "number")]
    pub value: f64,
    /// Seconds since 1970.
    pub timestamp: f64,
}

/// What an instant query returns.
#[derive(Deserialize)]
#[serde(tag = "resultType", content = "result", rename_all = "lowercase")]
pub(super) enum Answer {
    Vector(Vec<VectorSample>),
    Scalar(Point),
    Matrix(Vec<Stream>),
}

#[derive(Deserialize)]
pub(super) struct VectorSample {
    metric: Labels,
    /// Absent where the value is a native histogram.
    value: Option<Point>,
}

/// What a range query returns.
#[derive(Deserialize)]
#[serde(tag = "resultType", content = "result", rename_all = "lowercase")]
pub(super) enum Matrix {
    Matrix(Vec<Stream>),
}

impl TryFrom<(f64, String)> for Point {
    type Error = String;

    fn try_from((time, text): (f64, String)) -> Result<Self, String> {
        let value = parse(&text)?;
        Ok(Self { time, value })
    }
}

impl From<Sample> for Stream {
    /// A series with one point.
    fn from(Sample { labels, point }: Sample) -> Self {
        let points = vec![point];
        Self { labels, points }
    }
}

impl Answer {
    /// Of a range only the newest values.
    pub(super) fn into_samples(self) -> Vec<Sample> {
        match self {
            Self::Vector(samples) => samples
                .into_iter()
                .filter_map(|sample| {
                    let point = sample.value?;
                    let labels = sample.metric;
                    Some(Sample { labels, point })
                })
                .collect(),
            Self::Scalar(point) => vec![Sample {
                labels: Labels::new(),
                point,
            }],
            Self::Matrix(streams) => streams
                .into_iter()
                .filter_map(|Stream { labels, points }| {
                    let point = points.last().copied()?;
                    Some(Sample { labels, point })
                })
                .collect(),
        }
    }
}

impl Matrix {
    pub(super) fn into_streams(self) -> Vec<Stream> {
        let Self::Matrix(streams) = self;
        streams
    }
}

/// Rust reads `NaN`, `+Inf` and `-Inf` as Prometheus writes them.
fn parse(text: &str) -> Result<f64, String> {
    text.parse()
        .map_err(|error| format!("`{text}` is no value: {error}"))
}

pub(super) fn number<'de, D: serde::Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    let text = String::deserialize(from)?;
    parse(&text).map_err(serde::de::Error::custom)
}
