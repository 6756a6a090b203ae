//! OpenMetrics 1.0 (<https://prometheus.io/docs/specs/om/open_metrics_spec/>): the text format with exemplars. Written by hand, because the
//! metrics' library has no encoder for it.

use std::{
    fmt::{self, Write},
    time::UNIX_EPOCH,
};

use prometheus::proto::{LabelPair, Metric, MetricFamily, MetricType};

use super::exemplars::{Exemplar, Shown, key};

/// Units that a family's name may end in.
const UNITS: [&str; 2] = ["seconds", "bytes"];

/// All families with the exemplars that are shown beside them.
pub(super) fn encode(families: &[MetricFamily], exemplars: &Shown) -> Result<String, fmt::Error> {
    let mut out = String::new();
    for family in families {
        describe(&mut out, family)?;
        for metric in family.get_metric() {
            write_metric(&mut out, family, metric, exemplars)?;
        }
    }
    out.push_str("# EOF\n");
    Ok(out)
}

/// The name of a family: a counter's without the end that its samples have.
fn name_of(family: &MetricFamily) -> &str {
    let name = family.name();
    if family.get_field_type() == MetricType::COUNTER {
        name.strip_suffix("_total").unwrap_or(name)
    } else {
        name
    }
}

fn describe(out: &mut String, family: &MetricFamily) -> fmt::Result {
    let name = name_of(family);
    let kind = match family.get_field_type() {
        MetricType::COUNTER => "counter",
        MetricType::GAUGE => "gauge",
        MetricType::HISTOGRAM => "histogram",
        MetricType::SUMMARY => "summary",
        MetricType::UNTYPED => "unknown",
    };
    writeln!(out, "# TYPE {name} {kind}")?;
    let unit = name.rsplit_once('_').map(|(_, unit)| unit);
    if let Some(unit) = unit.filter(|unit| UNITS.contains(unit)) {
        writeln!(out, "# UNIT {name} {unit}")?;
    }
    writeln!(out, "# HELP {name} {}", escaped(family.help()))
}

fn write_metric(
    out: &mut String,
    family: &MetricFamily,
    metric: &Metric,
    exemplars: &Shown,
) -> fmt::Result {
    let (name, labels) = (name_of(family), labels(metric.get_label())?);
    match family.get_field_type() {
        MetricType::COUNTER => {
            let value = Number(metric.get_counter().get_value());
            writeln!(out, "{name}_total{} {value}", braced(&labels))
        }
        MetricType::HISTOGRAM => write_histogram(out, name, &labels, metric, exemplars),
        // The service has nothing else.
        MetricType::GAUGE | MetricType::SUMMARY | MetricType::UNTYPED => {
            let value = Number(metric.get_gauge().get_value());
            writeln!(out, "{name}{} {value}", braced(&labels))
        }
    }
}

fn write_histogram(
    out: &mut String,
    name: &str,
    labels: &str,
    metric: &Metric,
    exemplars: &Shown,
) -> fmt::Result {
    let histogram = metric.get_histogram();
    let pairs: Vec<_> = metric
        .get_label()
        .iter()
        .map(|pair| (pair.name(), pair.value()))
        .collect();
    let mut places = exemplars
        .get(&key(name, &pairs))
        .map(Vec::as_slice)
        .unwrap_or_default()
        .iter();
    let comma = if labels.is_empty() { "" } else { "," };
    let bounded = histogram
        .get_bucket()
        .iter()
        .map(|bucket| (bucket.upper_bound(), bucket.cumulative_count()))
        .filter(|(bound, _)| bound.is_finite());
    let all = (f64::INFINITY, histogram.get_sample_count());
    for (bound, count) in bounded.chain([all]) {
        let bound = Number(bound);
        write!(
            out,
            "{name}_bucket{{{labels}{comma}le=\"{bound}\"}} {count}"
        )?;
        if let Some(Some(exemplar)) = places.next() {
            write_exemplar(out, exemplar)?;
        }
        out.push('\n');
    }
    let (sum, count) = (
        Number(histogram.get_sample_sum()),
        histogram.get_sample_count(),
    );
    let labels = braced(labels);
    writeln!(
        out,
        "{name}_count{labels} {count}\n{name}_sum{labels} {sum}"
    )
}

fn write_exemplar(out: &mut String, exemplar: &Exemplar) -> fmt::Result {
    let at = exemplar.at.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (seconds, millis) = (at.as_secs(), at.subsec_millis());
    let value = Number(exemplar.seconds);
    let trace_id = &exemplar.trace_id;
    write!(
        out,
        " # {{trace_id=\"{trace_id}\"}} {value} {seconds}.{millis:03}"
    )
}

/// `name="value"` with commas between.
fn labels(pairs: &[LabelPair]) -> Result<String, fmt::Error> {
    let mut out = String::new();
    for pair in pairs {
        let comma = if out.is_empty() { "" } else { "," };
        write!(out, "{comma}{}=\"{}\"", pair.name(), escaped(pair.value()))?;
    }
    Ok(out)
}

fn braced(labels: &str) -> String {
    if labels.is_empty() {
        String::new()
    } else {
        format!("{{{labels}}}")
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('\n', "\\n")
        .replace('"', "\\\"")
}

/// A number in its canonical form: `1.0`, `0.25`, `+Inf`.
struct Number(f64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            number if number.is_nan() => f.write_str("NaN"),
            f64::INFINITY => f.write_str("+Inf"),
            f64::NEG_INFINITY => f.write_str("-Inf"),
            number => write!(f, "{number:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts, Registry};

    use super::*;

    fn registry() -> Registry {
        let registry = Registry::new();
        let counter = IntCounterVec::new(Opts::new("b_bytes_total", "Say \"b\\c\"."), &["x"]);
        let histogram = HistogramVec::new(
            HistogramOpts::new("c_seconds", "C.").buckets(vec![0.5, 1.0]),
            &["x"],
        );
        let gauge = IntGauge::new("a_info", "A.");
        let (counter, histogram, gauge) = (counter.unwrap(), histogram.unwrap(), gauge.unwrap());
        counter.with_label_values(&["a\"\n\\"]).inc_by(3);
        histogram.with_label_values(&["y"]).observe(0.75);
        gauge.set(1);
        registry.register(Box::new(counter)).unwrap();
        registry.register(Box::new(histogram)).unwrap();
        registry.register(Box::new(gauge)).unwrap();
        registry
    }

    #[test]
    fn every_kind_is_written_as_the_specification_says() {
        let exemplar = Exemplar {
            trace_id: "4bf92f3577b34da6a3ce929d0e0e4736".to_owned(),
            seconds: 0.75,
            at: SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_007),
            over_budget: true,
        };
        let shown = Shown::from([(
            key("c_seconds", &[("x", "y")]),
            vec![None, Some(exemplar), None],
        )]);
        let text = encode(&registry().gather(), &shown).unwrap();
        let expected = r#"# TYPE a_info gauge
# HELP a_info A.
a_info 1.0
# TYPE b_bytes counter
# UNIT b_bytes bytes
# HELP b_bytes Say \"b\\c\".
b_bytes_total{x="a\"\n\\"} 3.0
# TYPE c_seconds histogram
# UNIT c_seconds seconds
# HELP c_seconds C.
c_seconds_bucket{x="y",le="0.5"} 0
c_seconds_bucket{x="y",le="1.0"} 1 # {trace_id="4bf92f3577b34da6a3ce929d0e0e4736"} 0.75 1700000000.007
c_seconds_bucket{x="y",le="+Inf"} 1
c_seconds_count{x="y"} 1
c_seconds_sum{x="y"} 0.75
# EOF
"#;
        assert_eq!(text, expected);
    }

    #[test]
    fn numbers_are_canonical() {
        let written = [0.0, 0.0001, 0.25, 10_000.0, f64::INFINITY, f64::NAN]
            .map(|number| Number(number).to_string());
        assert_eq!(written, ["0.0", "0.0001", "0.25", "10000.0", "+Inf", "NaN"]);
    }
}
