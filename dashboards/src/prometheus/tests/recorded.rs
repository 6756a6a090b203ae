//! Answers as they were recorded.

use super::*;

#[tokio::test]
async fn values_that_are_no_numbers_are_read() {
    let body = r#"{"status":"success","data":{"resultType":"vector","result":[
        {"metric":{"job":"a"},"value":[1790668800.123,"NaN"]},
        {"metric":{"job":"b"},"value":[1790668800.123,"+Inf"]},
        {"metric":{"job":"c"},"value":[1790668800.123,"-Inf"]},
        {"metric":{"job":"d"},"value":[1790668800.123,"1.5e-05"]},
        {"metric":{"job":"e"},"histogram":[1790668800.123,{"count":"1","sum":"1"}]}]}}"#;
    let samples = prometheus(200, body).await.query("a", None).await.unwrap();
    let values: Vec<_> = samples.iter().map(|sample| sample.point.value).collect();
    assert!(values[0].is_nan());
    assert_eq!(values[1..], [f64::INFINITY, f64::NEG_INFINITY, 1.5e-5]);
    assert_eq!(samples[3].labels["job"], "d");
}

#[tokio::test]
async fn a_scalar_is_a_sample_without_labels_and_a_range_its_newest_value() {
    let scalar = r#"{"status":"success","data":{"resultType":"scalar","result":[1790668800,"2"]}}"#;
    let samples = prometheus(200, scalar)
        .await
        .query("2", None)
        .await
        .unwrap();
    assert!(samples[0].labels.is_empty());
    assert_eq!(samples[0].point.value, 2.0);
    let matrix = r#"{"status":"success","data":{"resultType":"matrix","result":[
        {"metric":{},"values":[[1,"2"],[2,"3"]]}]}}"#;
    let samples = prometheus(200, matrix)
        .await
        .query("a[1m]", None)
        .await
        .unwrap();
    assert_eq!(
        samples[0].point,
        Point {
            time: 2.0,
            value: 3.0
        }
    );
}

#[tokio::test]
async fn a_rule_and_its_alerts_are_read() {
    let body = r#"{"status":"success","data":{"groups":[{"name":"g","file":"/etc/rules.yml","rules":[
        {"state":"firing","name":"Watchdog","query":"vector(1)","duration":60,"keepFiringFor":0,
         "labels":{"severity":"none"},"annotations":{"summary":"it runs"},"alerts":[
            {"labels":{"alertname":"Watchdog","severity":"none"},"annotations":{"summary":"it runs"},
             "state":"firing","activeAt":"2026-09-29T07:10:00.5Z","value":"1e+00"}],
         "health":"ok","evaluationTime":0.0002,"lastEvaluation":"2026-09-29T07:20:00.5Z","type":"alerting"},
        {"name":"job:up:sum","query":"sum by (job) (up)","health":"err","lastError":"out of memory",
         "evaluationTime":0.0001,"lastEvaluation":"2026-09-29T07:20:00.5Z","type":"recording"}],
        "interval":15,"limit":0,"evaluationTime":0.0003,"lastEvaluation":"2026-09-29T07:20:00.5Z"}]}}"#;
    let groups = prometheus(200, body).await.rules().await.unwrap();
    let [alert, recording] = groups[0].rules.as_slice() else {
        panic!("{groups:?}")
    };
    assert_eq!(
        (alert.state.as_deref(), alert.duration),
        (Some("firing"), 60.0)
    );
    assert_eq!(alert.alerts[0].value, 1.0);
    assert_eq!(recording.last_error.as_deref(), Some("out of memory"));
}

#[tokio::test]
async fn a_target_that_is_down_says_why() {
    let body = r#"{"status":"success","data":{"activeTargets":[{"discoveredLabels":{"__address__":"127.0.0.1:1"},
        "labels":{"instance":"127.0.0.1:1","job":"api"},"scrapePool":"api","scrapeUrl":"http://127.0.0.1:1/metrics",
        "globalUrl":"http://host:1/metrics","lastError":"connection refused","lastScrape":"2026-09-29T07:20:00Z",
        "lastScrapeDuration":0.0004,"health":"down","scrapeInterval":"1m30s","scrapeTimeout":"10s"}],
        "droppedTargets":[]}}"#;
    let targets = prometheus(200, body).await.targets().await.unwrap();
    assert_eq!(
        (targets[0].health.as_str(), targets[0].scrape_interval),
        ("down", 90.0)
    );
    assert_eq!(targets[0].last_error, "connection refused");
}

#[tokio::test]
async fn an_exemplar_names_its_trace() {
    let body = r#"{"status":"success","data":[{"seriesLabels":{"__name__":"a_bucket","le":"0.1"},"exemplars":[
        {"labels":{"trace_id":"eeee"},"value":"0.0731","timestamp":1790668800.479}]}]}"#;
    let series = prometheus(200, body)
        .await
        .exemplars("a_bucket", 0.0, 9.0)
        .await
        .unwrap();
    let exemplar = &series[0].exemplars[0];
    assert_eq!(
        (exemplar.labels["trace_id"].as_str(), exemplar.value),
        ("eeee", 0.0731)
    );
}

#[tokio::test]
async fn alertmanager_says_who_suppresses_an_alert() {
    let body = r#"[{"annotations":{"summary":"s"},"endsAt":"2026-09-29T07:25:00.000Z","fingerprint":"ab",
        "receivers":[{"name":"drill"}],"startsAt":"2026-09-29T07:20:00.000Z",
        "status":{"inhibitedBy":["cd"],"silencedBy":[],"state":"suppressed"},"updatedAt":"2026-09-29T07:20:00.000Z",
        "generatorURL":"http://host/graph","labels":{"alertname":"HandlerPanics","severity":"ticket"}}]"#;
    let alertmanager = Alertmanager::at(&answering(200, body).await).unwrap();
    let alerts = alertmanager.alerts().await.unwrap();
    assert_eq!(alerts[0].labels["alertname"], "HandlerPanics");
    assert_eq!(alerts[0].status.inhibited_by, ["cd"]);
}

#[tokio::test]
async fn an_answer_of_another_shape_is_a_strangers() {
    let body =
        r#"{"status":"success","data":{"resultType":"vector","result":[{"value":[1,"two"]}]}}"#;
    let error = prometheus(200, body)
        .await
        .query("a", None)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Stranger { .. }), "{error}");
}
