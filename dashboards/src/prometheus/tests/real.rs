//! A real Prometheus that scrapes itself. Without Debian's package `prometheus` the test says so and is over, unless `REQUIRE_PROMETHEUS=1`.

use std::{
    io::Write,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use super::*;

/// A server in a directory of its own. It is killed when it is dropped.
struct Real {
    prometheus: Prometheus,
    child: Child,
    _directory: tempfile::TempDir,
}

const RULES: &str = r#"
groups: [{ name: own, interval: 1s, rules: [
  { record: "job:up:sum", expr: "sum by (job) (up)" },
  { alert: Watchdog, expr: "vector(1)", labels: { severity: none }, annotations: { summary: "it runs" } } ] }]
"#;

impl Real {
    async fn start() -> Self {
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

#[expect(clippy::disallowed_methods, reason = "the tests' own setting")]
fn is_installed() -> bool {
    if Command::new("prometheus").arg("--version").output().is_ok() {
        return true;
    }
    let required = std::env::var("REQUIRE_PROMETHEUS").is_ok_and(|value| value == "1");
    assert!(
        !required,
        "REQUIRE_PROMETHEUS=1, but there is no prometheus"
    );
    // Past the capture of a test's output: everybody is to see it.
    let line = "skipped: no prometheus here; Debian's package of this name adds the test\n";
    std::io::stderr().write_all(line.as_bytes()).unwrap();
    false
}

/// Asks again until there is an answer, for half a minute.
async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "{what}: not within 30 s");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_real_prometheus_answers_every_question() {
    if !is_installed() {
        return;
    }
    let real = Real::start().await;
    let prometheus = &real.prometheus;
    let build = eventually("it is there", async || prometheus.build().await.ok()).await;
    assert!(
        build
            .version
            .starts_with(|first: char| first.is_ascii_digit())
    );
    let alert = eventually("an alert fires", async || {
        prometheus.alerts().await.unwrap().pop()
    })
    .await;
    assert_eq!((alert.state.as_str(), alert.value), ("firing", 1.0));
    let up = eventually("it has scraped itself", async || {
        let recorded = prometheus.query("job:up:sum == 1", None).await.unwrap();
        recorded.first().cloned()
    })
    .await;
    assert_eq!(up.labels["job"], "own");
    ranges(prometheus, up.point.time).await;
    state(prometheus).await;
}

async fn ranges(prometheus: &Prometheus, now: f64) {
    let step = Duration::from_millis(200);
    let range = Range {
        start: now - 5.0,
        end: now,
        step,
    };
    let streams = prometheus.query_range("up", range).await.unwrap();
    assert_eq!(streams[0].labels["__name__"], "up");
    assert!(streams[0].points.iter().any(|point| point.value == 1.0));
    let nan = prometheus
        .query_range("vector(0) / 0", range)
        .await
        .unwrap();
    assert_eq!(nan[0].points.len(), 26);
    assert!(nan[0].points.iter().all(|point| point.value.is_nan()));
    let infinite = prometheus.query("1 / 0", Some(now)).await.unwrap();
    assert_eq!(infinite[0].point.value, f64::INFINITY);
    assert_eq!(prometheus.query("absent_metric", None).await.unwrap(), []);
    let exemplars = prometheus.exemplars("up", now - 5.0, now).await.unwrap();
    assert_eq!(exemplars, []);
    let error = prometheus.query("sum(", None).await.unwrap_err();
    assert!(matches!(error, Error::Refused { .. }), "{error}");
}

async fn state(prometheus: &Prometheus) {
    assert_eq!(prometheus.label_values("job", "up").await.unwrap(), ["own"]);
    let series = prometheus.series("up", 0.0, 9_999_999_999.0).await.unwrap();
    assert_eq!(series[0]["job"], "own");
    let targets = prometheus.targets().await.unwrap();
    assert_eq!(targets[0].health, "up");
    assert!((targets[0].scrape_interval - 0.2).abs() < 1e-9);
    let groups = prometheus.rules().await.unwrap();
    let kinds: Vec<_> = groups[0]
        .rules
        .iter()
        .map(|rule| rule.kind.as_str())
        .collect();
    assert_eq!(kinds, ["recording", "alerting"]);
    let metadata = prometheus.metadata().await.unwrap();
    assert_eq!(metadata["process_open_fds"][0].kind, "gauge");
}
