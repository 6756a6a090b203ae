//! A Prometheus of our own that scrapes itself. Without Debian's package `prometheus` a test says so and is over, unless `REQUIRE_PROMETHEUS=1`.

use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};

use dashboards::prometheus::Prometheus;
use tokio::net::TcpListener;

/// A server in a directory of its own. It is killed when it is dropped.
pub(crate) struct Real {
    pub(crate) prometheus: Prometheus,
    child: Child,
    _directory: tempfile::TempDir,
}

const RULES: &str = r#"
groups: [{ name: own, interval: 1s, rules: [
  { record: "job:up:sum", expr: "sum by (job) (up)" },
  { alert: Watchdog, expr: "vector(1)", labels: { severity: none }, annotations: { summary: "it runs" } } ] }]
"#;

impl Real {
    pub(crate) async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let rules = directory.path().join("rules.yml");
        let settings = directory.path().join("prometheus.yml");
        std::fs::write(&rules, RULES).unwrap();
        let text = format!(
            "global: {{ scrape_interval: 200ms, scrape_timeout: 200ms }}\nrule_files: ['{}']\n\
             scrape_configs: [{{ job_name: own, static_configs: [{{ targets: ['{address}'] }}] }}]\n",
            rules.display()
        );
        std::fs::write(&settings, text).unwrap();
        let child = Command::new("prometheus")
            .arg(format!("--config.file={}", settings.display()))
            .arg(format!(
                "--storage.tsdb.path={}",
                directory.path().display()
            ))
            .arg(format!("--web.listen-address={address}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            prometheus: Prometheus::at(&format!("http://{address}")).unwrap(),
            child,
            _directory: directory,
        }
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Asks again until there is an answer, for half a minute.
pub(crate) async fn eventually<T>(what: &str, ask: impl AsyncFnMut() -> Option<T>) -> T {
    tests::answer_within(Duration::from_secs(30), what, ask).await
}
