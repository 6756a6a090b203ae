//! The client's questions, asked of a real Prometheus.

use std::time::Duration;

use dashboards::prometheus::{Error, Prometheus, Range};
use tests::is_installed;

use crate::real::{Real, eventually};

#[tokio::test]
async fn a_real_prometheus_answers_every_question() {
    if !is_installed(&["prometheus"]) {
        return;
    }
    let real = Real::start();
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
