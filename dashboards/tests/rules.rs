#![expect(clippy::unwrap_used, reason = "a failed fixture must fail the test")]
use dashboards::{
    alertmanager,
    rules::{Settings, Speed, prometheus_config, rules_file},
};

#[test]
fn written() {
    std::fs::write("prometheus/rules.yml", rules_file(Speed::Normal).unwrap()).unwrap();
    std::fs::write(
        "prometheus/rules-fast.yml",
        rules_file(Speed::Fast).unwrap(),
    )
    .unwrap();
    std::fs::write(
        "prometheus/prometheus.yml",
        prometheus_config(&Settings::compose()).unwrap(),
    )
    .unwrap();
    std::fs::write(
        "alertmanager/alertmanager.yml",
        alertmanager::config("http://alert-catcher:9099", Speed::Normal).unwrap(),
    )
    .unwrap();
}
