//! A real Prometheus scrapes the service and returns its exemplars. Without Debian's package `prometheus` the test says so and is over,
//! unless `REQUIRE_PROMETHEUS=1`.

use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tests::{Collector, TestApp, eventually, is_installed, nobody, on_each_database_with};

use crate::kept_traces::{ask, exporting};

/// A server with exemplar storage, in a directory of its own. It is killed when it is dropped.
struct Prometheus {
    base: String,
    child: Child,
    _directory: tempfile::TempDir,
}

impl Prometheus {
    fn start(app: &TestApp) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let target = app.management.strip_prefix("http://").unwrap();
        let settings = format!(
            "global: {{ scrape_interval: 200ms, scrape_timeout: 200ms }}\n\
             scrape_configs: [{{ job_name: api, static_configs: [{{ targets: ['{target}'] }}] }}]\n"
        );
        let path = directory.path().join("prometheus.yml");
        std::fs::write(&path, settings).unwrap();
        let address = nobody();
        let child = Command::new("prometheus")
            .arg(format!("--config.file={}", path.display()))
            .arg(format!(
                "--storage.tsdb.path={}",
                directory.path().display()
            ))
            .arg(format!("--web.listen-address={address}"))
            .arg("--enable-feature=exemplar-storage")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            base: format!("http://{address}"),
            child,
            _directory: directory,
        }
    }

    /// The answer of its API; null while it is not there yet.
    async fn ask(&self, path: &str) -> Value {
        match reqwest::get(format!("{}{path}", self.base)).await {
            Ok(response) => response
                .text()
                .await
                .ok()
                .and_then(|text| serde_json::from_str(&text).ok())
                .unwrap_or_default(),
            Err(_) => Value::Null,
        }
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

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
            let prometheus = Prometheus::start(&app);
            for family in [
                "http_server_request_duration_seconds_bucket",
                "db_client_operation_duration_seconds_bucket",
            ] {
                let query = format!(
                    "/api/v1/query_exemplars?query={family}&start=1700000000&end=9999999999"
                );
                let mut answer = Value::Null;
                eventually("the exemplar is stored", async || {
                    answer = prometheus.ask(&query).await;
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
    let targets = prometheus.ask("/api/v1/targets").await;
    let target = targets.pointer("/data/activeTargets/0").unwrap();
    assert_eq!(target.get("health"), Some(&"up".into()), "{target}");
    assert_eq!(target.get("lastError"), Some(&"".into()), "{target}");
    let metadata = prometheus.ask("/api/v1/metadata").await;
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
