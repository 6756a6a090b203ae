//! The exposition in OpenMetrics is well-formed, and says the same as the text format.

use std::collections::BTreeSet;

use api::telemetry::CATALOGUE;
use tests::{Response, TestApp, on_each_database};

use crate::{
    labels::{self, Series},
    traffic,
};

const ASKED: &str = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5";

/// The metrics in OpenMetrics.
pub async fn expose(app: &TestApp) -> Response {
    let request = app.management("/metrics").header("accept", ASKED);
    request.send().await.expect(200)
}

/// A sample of an exposition in OpenMetrics.
pub struct Sample {
    pub series: Series,
    pub value: f64,
    pub exemplar: Option<Exemplar>,
}

/// What stands behind a sample.
pub struct Exemplar {
    pub trace_id: String,
    pub value: f64,
}

/// Every sample of `text`. Fails where a line is none.
pub fn samples(text: &str) -> Vec<Sample> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(sample).collect()
}

fn sample(line: &str) -> Sample {
    let (sample, exemplar) = line
        .split_once(" # ")
        .map_or((line, None), |(sample, rest)| (sample, Some(rest)));
    let (series, value) = sample.rsplit_once(' ').unwrap();
    Sample {
        series: labels::parse(series),
        value: value.parse().unwrap(),
        exemplar: exemplar.map(|text| {
            let rest = text.strip_prefix("{trace_id=\"").unwrap();
            let (trace_id, rest) = rest.split_once("\"} ").unwrap();
            let (value, at) = rest.split_once(' ').unwrap();
            assert!(at.parse::<f64>().unwrap() > 1.7e9, "{text}");
            Exemplar {
                trace_id: trace_id.to_owned(),
                value: value.parse().unwrap(),
            }
        }),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scraper_gets_the_form_that_it_asks_for() {
    on_each_database(async |app| {
        let openmetrics = expose(&app).await;
        let named = "application/openmetrics-text; version=1.0.0; charset=utf-8";
        assert_eq!(openmetrics.header("content-type"), Some(named));
        for accept in ["*/*", "text/plain", "application/openmetrics-text;q=0"] {
            let request = app.management("/metrics").header("accept", accept);
            let text = request.send().await.expect(200);
            let named = "text/plain; version=0.0.4";
            assert_eq!(text.header("content-type"), Some(named), "{accept}");
            assert_eq!(text.header("vary"), Some("Accept"));
            assert!(!text.text.contains("# EOF"));
        }
        assert_eq!(openmetrics.header("vary"), Some("Accept"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_forms_have_the_same_series() {
    on_each_database(async |app| {
        traffic::run(&app).await;
        app.scrape().await;
        let openmetrics = expose(&app).await.text;
        let text = labels::series(&app.scrape().await);
        // OpenMetrics writes every bound with a point.
        let plain = |mut sample: Sample| {
            if let Some(bound) = sample.series.labels.get_mut("le") {
                *bound = bound.strip_suffix(".0").unwrap_or(bound).to_owned();
            }
            sample.series
        };
        let series: BTreeSet<_> = samples(&openmetrics).into_iter().map(plain).collect();
        assert_eq!(series, text.into_iter().collect());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_family_stands_together_below_its_type_its_unit_and_its_help() {
    on_each_database(async |app| {
        traffic::run(&app).await;
        let text = expose(&app).await.text;
        let body = text.strip_suffix("# EOF\n").unwrap();
        assert!(!body.contains("# EOF") && !body.contains("\n\n"));
        let mut seen = BTreeSet::new();
        for block in body.split("# TYPE ").skip(1) {
            let (head, rest) = block.split_once('\n').unwrap();
            let (name, kind) = head.split_once(' ').unwrap();
            assert!(seen.insert(name.to_owned()), "{name} comes twice");
            check_family(name, kind, rest);
        }
        for family in CATALOGUE.iter().filter(|family| body.contains(family.name)) {
            let name = family.name.strip_suffix("_total").unwrap_or(family.name);
            assert!(seen.contains(name), "{name}");
        }
    })
    .await;
}

/// Checks what comes after the line that says the type.
fn check_family(name: &str, kind: &str, rest: &str) {
    let ends: &[&str] = match kind {
        "counter" => &["_total"],
        "gauge" => &[""],
        "histogram" => &["_bucket", "_count", "_sum"],
        other => panic!("{name} is a {other}"),
    };
    let unit = ["seconds", "bytes"]
        .into_iter()
        .find(|unit| name.ends_with(&format!("_{unit}")));
    let unit = unit.map(|unit| format!("# UNIT {name} {unit}\n"));
    let described = format!("{}# HELP {name} ", unit.unwrap_or_default());
    assert!(rest.starts_with(&described), "{name}: {rest}");
    let samples = samples(rest);
    assert!(!samples.is_empty(), "{name}");
    for sample in &samples {
        let end = sample.series.name.strip_prefix(name);
        assert!(ends.contains(&end.unwrap_or("?")), "{}", sample.series.name);
        assert!(kind == "gauge" || sample.value >= 0.0, "{name}");
        assert!(
            sample.exemplar.is_none() || end == Some("_bucket"),
            "{name}"
        );
    }
    if kind == "histogram" {
        check_buckets(name, &samples);
    }
}

/// Buckets come in their order, never fall, and the last one holds everything.
fn check_buckets(name: &str, samples: &[Sample]) {
    let (mut bound, mut count) = (f64::NEG_INFINITY, 0.0);
    for sample in samples {
        if let Some(text) = sample.series.labels.get("le") {
            assert!(text == "+Inf" || text.contains('.'), "{name}: {text}");
            let next: f64 = text.parse().unwrap();
            assert!(next > bound && sample.value >= count, "{name}");
            (bound, count) = (next, sample.value);
        } else if sample.series.name.ends_with("_count") {
            assert!(bound.is_infinite(), "{name}");
            assert!((count - sample.value).abs() < 0.5, "{name}");
            (bound, count) = (f64::NEG_INFINITY, 0.0);
        }
    }
}
