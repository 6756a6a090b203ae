//! A Prometheus of our own that scrapes itself, and the client of it.

use std::time::Duration;

use dashboards::prometheus::Prometheus;

/// A server, and what asks it.
pub(crate) struct Real {
    pub(crate) prometheus: Prometheus,
    _server: tests::Prometheus,
}

const RULES: &str = r#"
groups: [{ name: own, interval: 1s, rules: [
  { record: "job:up:sum", expr: "sum by (job) (up)" },
  { alert: Watchdog, expr: "vector(1)", labels: { severity: none }, annotations: { summary: "it runs" } } ] }]
"#;

impl Real {
    pub(crate) fn start() -> Self {
        let server = tests::Prometheus::start(|address, folder| {
            let rules = folder.join("rules.yml");
            std::fs::write(&rules, RULES).unwrap();
            format!(
                "rule_files: ['{}']\nscrape_configs: [{{ job_name: own, static_configs: [{{ targets: ['{address}'] }}] }}]\n",
                rules.display()
            )
        });
        Self {
            prometheus: Prometheus::at(&server.base).unwrap(),
            _server: server,
        }
    }
}

/// Asks again until there is an answer, for half a minute.
pub(crate) async fn eventually<T>(what: &str, ask: impl AsyncFnMut() -> Option<T>) -> T {
    tests::answer_within(Duration::from_secs(30), what, ask).await
}
