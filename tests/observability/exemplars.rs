//! Exemplars: only of traces that the collector has, in the bucket that they were counted in, and what was slow first.

use std::collections::BTreeSet;

use tests::{Collector, TestApp, eventually, on_each_database_with};

use crate::{
    blocked::patient,
    kept_traces::{ask, exporting, trace_of},
    openmetrics::{Sample, expose, samples},
    slow_query::a_slow_insert,
    traffic,
};

const REQUESTS: &str = "http_server_request_duration_seconds_bucket";
const QUERIES: &str = "db_client_operation_duration_seconds_bucket";

/// The samples of the family that have an exemplar.
async fn exemplified(app: &TestApp, family: &str) -> Vec<Sample> {
    let mut samples = samples(&expose(app).await.text);
    samples.retain(|sample| sample.series.name == family && sample.exemplar.is_some());
    samples
}

fn trace_ids(samples: &[Sample]) -> BTreeSet<String> {
    let exemplars = samples.iter().filter_map(|sample| sample.exemplar.as_ref());
    exemplars
        .map(|exemplar| exemplar.trace_id.clone())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_traces_that_the_collector_has_are_exemplars() {
    let collector = Collector::start();
    on_each_database_with(
        || exporting(&collector, 0.0),
        async |app| {
            traffic::run(&app).await;
            let trace = if app.is_sqlite() { "a" } else { "b" }.repeat(32);
            let unsampled = "c".repeat(32);
            ask(&app, &unsampled, "00").await;
            ask(&app, &trace, "01").await;
            eventually("the request is an exemplar", async || {
                trace_ids(&exemplified(&app, REQUESTS).await).contains(&trace)
            })
            .await;
            // Whatever was slow by accident is kept, too.
            let kept: BTreeSet<_> = collector
                .spans()
                .into_iter()
                .map(|span| span.trace_id)
                .collect();
            for family in [REQUESTS, QUERIES] {
                let shown = trace_ids(&exemplified(&app, family).await);
                assert!(!shown.contains(&unsampled));
                assert!(shown.is_subset(&kept), "{shown:?} {kept:?}");
            }
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exemplar_stands_in_the_bucket_that_counted_it() {
    let collector = Collector::start();
    on_each_database_with(
        || exporting(&collector, 1.0),
        async |app| {
            traffic::run(&app).await;
            eventually("queries and requests have exemplars", async || {
                !exemplified(&app, QUERIES).await.is_empty()
            })
            .await;
            let all = samples(&expose(&app).await.text);
            let mut bound = f64::NEG_INFINITY;
            let mut found = 0;
            for sample in &all {
                let Some(le) = sample.series.labels.get("le") else {
                    bound = f64::NEG_INFINITY;
                    continue;
                };
                let below = std::mem::replace(&mut bound, le.parse().unwrap());
                if let Some(exemplar) = &sample.exemplar {
                    assert!(below < exemplar.value && exemplar.value <= bound, "{le}");
                    assert!(sample.value >= 1.0);
                    found += 1;
                }
            }
            assert!(found > 2, "{found}");
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_request_and_its_slow_query_are_exemplars_although_nobody_sampled_them() {
    let collector = Collector::start();
    let options = || {
        let mut options = patient();
        options.config.otlp_endpoint.clone_from(&collector.url);
        options.config.traces_share = 0.0;
        options
    };
    on_each_database_with(options, async |app| {
        let response = a_slow_insert(&app, "slow@example.com").await;
        let [trace, ..] = trace_of(&response);
        for (family, label, value) in [
            (REQUESTS, "http_route", "POST /api/v1/users"),
            (QUERIES, "db_query_summary", "users.insert"),
        ] {
            eventually("it is an exemplar", async || {
                exemplified(&app, family).await.iter().any(|sample| {
                    let exemplar = sample.exemplar.as_ref().unwrap();
                    sample.series.labels[label] == value
                        && exemplar.trace_id == trace
                        && exemplar.value > 0.1
                })
            })
            .await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_collector_there_are_no_exemplars() {
    on_each_database_with(patient, async |app| {
        ask(&app, &"d".repeat(32), "01").await;
        a_slow_insert(&app, "slow@example.com").await;
        for family in [REQUESTS, QUERIES] {
            assert!(exemplified(&app, family).await.is_empty());
        }
    })
    .await;
}
