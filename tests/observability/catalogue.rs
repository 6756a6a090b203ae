//! The catalogue is the contract: what it lists is exposed, with the labels and buckets that it says, and nothing else is.

use std::collections::BTreeSet;

use api::telemetry::{CATALOGUE, Kind, MetricFamily};
use tests::{Scrape, TestApp, on_each_database};

use crate::{labels, traffic};

/// No series before it first happens: which route would repeat which query cannot be known.
const MAY_BE_ABSENT: &str = "db_client_n_plus_one_suspected_total";

async fn scrape_after_traffic(app: &TestApp) -> Scrape {
    traffic::run(app).await;
    // The size of an exposition is known after it.
    app.scrape().await;
    app.scrape().await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_family_of_the_catalogue_is_exposed_with_its_kind_and_its_help() {
    on_each_database(async |app| {
        let scrape = scrape_after_traffic(&app).await;
        for family in CATALOGUE
            .iter()
            .filter(|family| family.name != MAY_BE_ABSENT)
        {
            let kind = match family.kind {
                Kind::Counter => "counter",
                Kind::Gauge => "gauge",
                Kind::Histogram(_) => "histogram",
            };
            let declared = format!(
                "# HELP {0} {1}\n# TYPE {0} {kind}\n{0}",
                family.name, family.help
            );
            assert!(scrape.text.contains(&declared), "{declared}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_series_belongs_to_the_catalogue_and_has_exactly_the_declared_labels() {
    on_each_database(async |app| {
        let scrape = scrape_after_traffic(&app).await;
        for series in labels::series(&scrape) {
            let family = family_of(&series.name)
                .unwrap_or_else(|| panic!("{} is in no catalogue", series.name));
            let labels: BTreeSet<&str> = series
                .labels
                .keys()
                .map(String::as_str)
                .filter(|label| *label != "le")
                .collect();
            let declared: BTreeSet<&str> = family.labels.iter().copied().collect();
            assert_eq!(labels, declared, "{}", series.name);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_histogram_has_exactly_the_declared_buckets() {
    on_each_database(async |app| {
        let scrape = scrape_after_traffic(&app).await;
        for family in CATALOGUE {
            let Kind::Histogram(bounds) = family.kind else {
                continue;
            };
            let expected: BTreeSet<String> = bounds
                .iter()
                .map(ToString::to_string)
                .chain(["+Inf".to_owned()])
                .collect();
            let exposed = labels::values(&scrape, &format!("{}_bucket", family.name), "le");
            assert_eq!(
                exposed.into_iter().collect::<BTreeSet<_>>(),
                expected,
                "{}",
                family.name
            );
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenth_of_a_second_is_a_boundary_of_every_duration_and_spelled_that_way() {
    on_each_database(async |app| {
        let scrape = scrape_after_traffic(&app).await;
        let durations = CATALOGUE.iter().filter(|family| {
            matches!(family.kind, Kind::Histogram(_)) && family.name.ends_with("_seconds")
        });
        for family in durations {
            let exposed = labels::values(&scrape, &format!("{}_bucket", family.name), "le");
            assert!(
                exposed.contains(&"0.1".to_owned()),
                "{}: {exposed:?}",
                family.name
            );
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_exposition_counts_its_own_series_and_bytes() {
    on_each_database(async |app| {
        traffic::run(&app).await;
        let first = app.scrape().await;
        let second = app.scrape().await;
        assert!(crate::delta::same(
            second.sum("metrics_registry_series", &[]),
            first.len()
        ));
        assert!(crate::delta::same(
            second.sum("metrics_exposition_bytes", &[]),
            first.text.len()
        ));
        assert!(second.len() < 5000, "{}", second.len());
    })
    .await;
}

/// The family of a series: histograms have three kinds of series.
fn family_of(series: &str) -> Option<&'static MetricFamily> {
    CATALOGUE.iter().find(|family| match family.kind {
        Kind::Histogram(_) => ["_bucket", "_sum", "_count"]
            .iter()
            .any(|part| series.strip_suffix(part) == Some(family.name)),
        Kind::Counter | Kind::Gauge => series == family.name,
    })
}
