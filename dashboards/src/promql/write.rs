//! Writes expressions from the constants that the service registers its metrics with, so that a renamed metric does not compile here.
//!
//! Windows are text: a panel's is `$__rate_interval`, a rule's is `5m`.

use std::fmt::{self, Display};

use api::telemetry::{Kind, MetricFamily};

use crate::catalogue::{INSTANCE, JOB};

/// The window of panels that follow the reader's zoom.
pub const RATE: &str = "$__rate_interval";
/// The whole range that the reader looks at.
pub const RANGE: &str = "$__range";

/// Series of one family: `name{matchers}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    name: String,
    matchers: Vec<String>,
}

/// The series of a counter or a gauge.
#[must_use]
pub fn series(family: &MetricFamily) -> Series {
    named(family.name.to_owned())
}

/// The buckets of a histogram.
#[must_use]
pub fn buckets(family: &MetricFamily) -> Series {
    part(family, "_bucket")
}

/// How many observations a histogram has.
#[must_use]
pub fn count(family: &MetricFamily) -> Series {
    part(family, "_count")
}

/// What the observations of a histogram add up to.
#[must_use]
pub fn sum(family: &MetricFamily) -> Series {
    part(family, "_sum")
}

fn part(family: &MetricFamily, suffix: &str) -> Series {
    debug_assert!(matches!(family.kind, Kind::Histogram(_)), "{}", family.name);
    named(format!("{}{suffix}", family.name))
}

fn named(name: String) -> Series {
    Series {
        name,
        matchers: Vec::new(),
    }
}

impl Series {
    /// Only where the label has this value.
    #[must_use]
    pub fn eq(self, label: &str, value: impl Display) -> Self {
        self.matching(format!("{label}=\"{value}\""))
    }

    /// Only where the label has another value.
    #[must_use]
    pub fn ne(self, label: &str, value: impl Display) -> Self {
        self.matching(format!("{label}!=\"{value}\""))
    }

    /// Only where the label fits the regular expression.
    #[must_use]
    pub fn fits(self, label: &str, pattern: impl Display) -> Self {
        self.matching(format!("{label}=~\"{pattern}\""))
    }

    /// Only where the label does not fit the regular expression.
    #[must_use]
    pub fn misses(self, label: &str, pattern: impl Display) -> Self {
        self.matching(format!("{label}!~\"{pattern}\""))
    }

    /// Only of the job and the instance that the reader of a board chose.
    #[must_use]
    pub fn of_target(self) -> Self {
        self.chosen(JOB, JOB).chosen(INSTANCE, INSTANCE)
    }

    /// Only where the label has one of the values that the reader of a board chose by the variable.
    #[must_use]
    pub fn chosen(self, label: &str, variable: &str) -> Self {
        self.fits(label, format_args!("${variable}"))
    }

    fn matching(mut self, matcher: String) -> Self {
        self.matchers.push(matcher);
        self
    }

    /// Growth per second.
    #[must_use]
    pub fn rate(&self, window: &str) -> String {
        format!("rate({self}[{window}])")
    }

    /// Growth.
    #[must_use]
    pub fn increase(&self, window: &str) -> String {
        format!("increase({self}[{window}])")
    }
}

impl Display for Series {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)?;
        if !self.matchers.is_empty() {
            write!(formatter, "{{{}}}", self.matchers.join(","))?;
        }
        Ok(())
    }
}

/// The sum of an expression; one for each set of these labels.
#[must_use]
pub fn sum_by(labels: &[&str], expression: impl Display) -> String {
    aggregate("sum", labels, expression)
}

/// The greatest value of an expression; one for each set of these labels.
#[must_use]
pub fn max_by(labels: &[&str], expression: impl Display) -> String {
    aggregate("max", labels, expression)
}

/// The least value of an expression; one for each set of these labels.
#[must_use]
pub fn min_by(labels: &[&str], expression: impl Display) -> String {
    aggregate("min", labels, expression)
}

/// The mean of an expression; one for each set of these labels.
#[must_use]
pub fn avg_by(labels: &[&str], expression: impl Display) -> String {
    aggregate("avg", labels, expression)
}

/// The series with the greatest values, so many of them.
#[must_use]
pub fn top(number: u32, expression: impl Display) -> String {
    format!("topk({number}, {expression})")
}

/// One expression by another.
#[must_use]
pub fn ratio(part: impl Display, whole: impl Display) -> String {
    format!("{part} / {whole}")
}

/// Only what is more than 0: what is divided by nothing has no value.
#[must_use]
pub fn some(expression: impl Display) -> String {
    format!("({expression} > 0)")
}

/// Without the series that are no number: quantiles and means of nothing.
#[must_use]
pub fn numbers(expression: impl Display) -> String {
    format!("{expression} >= 0")
}

/// `zero` at 0 where `expression` has no series: for what exists only once it has happened. `zero` is a series that must exist, so that
/// nothing at all still says that a signal is broken.
#[must_use]
pub fn or_zero_of(expression: impl Display, zero: impl Display) -> String {
    format!("{expression} or {zero} * 0")
}

fn aggregate(name: &str, labels: &[&str], expression: impl Display) -> String {
    if labels.is_empty() {
        return format!("{name}({expression})");
    }
    format!("{name} by ({}) ({expression})", labels.join(", "))
}

/// A quantile of a histogram's buckets over a window, estimated; one for each set of these labels.
#[must_use]
pub fn quantile(quantile: f64, labels: &[&str], buckets: &Series, window: &str) -> String {
    let labels: Vec<&str> = std::iter::once("le")
        .chain(labels.iter().copied())
        .collect();
    let rates = sum_by(&labels, buckets.rate(window));
    format!("histogram_quantile({quantile}, {rates})")
}

#[cfg(test)]
mod tests {
    use api::telemetry::catalogue::{CACHE_GETS, HTTP_DURATION, label};

    use super::*;

    #[test]
    fn expressions_are_written_as_prometheus_reads_them() {
        let hits = series(&CACHE_GETS).eq(label::RESULT, "hit");
        assert_eq!(
            sum_by(&[label::CACHE], hits.rate(RATE)),
            "sum by (cache_name) (rate(cache_gets_total{result=\"hit\"}[$__rate_interval]))"
        );
        assert_eq!(
            quantile(
                0.99,
                &[],
                &buckets(&HTTP_DURATION).ne(label::STATUS, 499),
                "5m"
            ),
            "histogram_quantile(0.99, sum by (le) (rate(http_server_request_duration_seconds_bucket{http_response_status_code!=\"499\"}[5m])))"
        );
    }
}
