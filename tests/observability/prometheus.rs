//! A real Prometheus scrapes the service and returns its exemplars. Without Debian's package `prometheus` the test says so and is over,
//! unless `REQUIRE_PROMETHEUS=1`.

use serde_json::Value;
use tests::{Collector, Prometheus, eventually, is_installed, on_each_database_with};

use crate::kept_traces::{ask, exporting};

#[tokio::test(flavor = "multi_thread")]
async fn a_real_prometheus_reads_everything_and_returns_the_trace_of_a_sampled_request() {
    if !is_installed(&["prometheus"]) {
        return;
    }
    let collector = Collector::start();
    on_each_database_with(
        || exporting(&collector, 0.0),
        async |app| {
            let trace = if app.is_sqlite() { "e" } else { "f" }.repeat(32);
            ask(&app, &trace, "01").await;
            collector.trace(&trace).await;
            let target = app.management.strip_prefix("http://").unwrap();
            let prometheus = Prometheus::of(&[target]);
            for family in [
                "http_server_request_duration_seconds_bucket",
                "db_client_operation_duration_seconds_bucket",
            ] {
                let query = format!(
                    "/api/v1/query_exemplars?query={family}&start=1700000000&end=9999999999"
                );
                let mut answer = Value::Null;
                eventually("the exemplar is stored", async || {
                    answer = prometheus.ask(&query).await.unwrap_or_default();
                    answer.to_string().contains(&trace)
                })
                .await;
                let exemplar = &answer["data"][0]["exemplars"][0];
                assert_eq!(exemplar["labels"]["trace_id"], trace, "{answer}");
            }
            scraped_without_an_error(&prometheus).await;
        },
    )
    .await;
}

/// The target is up, and what was read is of the types that the service says.
async fn scraped_without_an_error(prometheus: &Prometheus) {
    let targets = prometheus.ask("/api/v1/targets").await.unwrap();
    let target = targets.pointer("/data/activeTargets/0").unwrap();
    assert_eq!(target.get("health"), Some(&"up".into()), "{target}");
    assert_eq!(target.get("lastError"), Some(&"".into()), "{target}");
    let metadata = prometheus.ask("/api/v1/metadata").await.unwrap();
    let mut known = 0;
    for family in api::telemetry::CATALOGUE {
        let name = family.name.strip_suffix("_total").unwrap_or(family.name);
        // A family without a series yet is not exposed.
        if let Some(shown) = metadata.pointer(&format!("/data/{name}/0")) {
            let kind = shown.get("type").and_then(Value::as_str).unwrap();
            let declared = format!("{:?}", family.kind).to_lowercase();
            assert!(declared.starts_with(kind), "{name}: {shown}");
            assert_eq!(shown.get("help"), Some(&family.help.into()), "{name}");
            known += 1;
        }
    }
    assert!(known > 40, "{metadata}");
}
