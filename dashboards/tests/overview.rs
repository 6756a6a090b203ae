//! The overview board against the metrics that the service registers, and the check itself against injected faults.

#![expect(clippy::unwrap_used, reason = "a failed fixture must fail the test")]

use dashboards::{catalogue::Known, check::faults::faults};
use serde_json::{Value, json};

fn board() -> Value {
    serde_json::from_str(include_str!("../grafana/overview.json")).unwrap()
}

/// The faults of the board after something in it was replaced.
fn faults_with(pointer: &str, value: Value) -> Vec<String> {
    let mut board = board();
    *board.pointer_mut(pointer).unwrap() = value;
    faults(&board, &Known::new())
}

#[track_caller]
fn assert_found(faults: &[String], expected: &str) {
    assert!(
        faults.iter().any(|fault| fault.contains(expected)),
        "`{expected}` is not among the faults found: {faults:#?}"
    );
}

#[test]
fn the_overview_has_no_faults() {
    assert_eq!(faults(&board(), &Known::new()), Vec::<String>::new());
}

#[test]
fn an_expression_that_does_not_fit_the_service_is_found() {
    let cases = [
        (
            "rate(http_requests_total{CHOSEN}[$__rate_interval])",
            "`http_requests_total` is written by nobody",
        ),
        (
            "rate(http_server_request_duration_seconds{CHOSEN}[$__rate_interval])",
            "is written by nobody",
        ),
        (
            "rate(cache_gets_total{CHOSEN,cache=\"users\"}[$__rate_interval])",
            "`cache_gets_total` has no label `cache`",
        ),
        (
            "rate(cache_gets_total{CHOSEN,le=\"0.1\"}[$__rate_interval])",
            "`cache_gets_total` has no label `le`",
        ),
        (
            "sum by (route) (rate(cache_gets_total{CHOSEN}[$__rate_interval]))",
            "the label `route`, which is not there",
        ),
        (
            "rate(http_server_request_duration_seconds_bucket{CHOSEN,le=\"1\"}[$__rate_interval])",
            "whole number 1",
        ),
        (
            "rate(http_server_request_duration_seconds_bucket{CHOSEN,le=~\"0.5|1.0\"}[$__rate_interval])",
            "whole number 1.0",
        ),
        (
            "rate(http_server_request_duration_seconds_bucket{CHOSEN,le=\"0.2\"}[$__rate_interval])",
            "on 0.2, which is no boundary",
        ),
        (
            "sum(cache_gets_total{CHOSEN})",
            "`cache_gets_total` only grows",
        ),
        ("rate(cache_gets_total{CHOSEN}[5m])", "is fixed: take"),
        (
            "rate(cache_gets_total{job=~\"$job\"}[$__rate_interval])",
            "not limited to the chosen `instance`",
        ),
        ("rate(cache_gets_total{CHOSEN", "is no PromQL"),
        (" ", "has no `expr`"),
    ];
    for (expression, expected) in cases {
        let expression = expression.replace("CHOSEN", "job=~\"$job\",instance=~\"$instance\"");
        assert_found(
            &faults_with("/panels/0/targets/0/expr", json!(expression)),
            expected,
        );
    }
}

#[test]
fn annotations_and_variables_are_looked_at_too() {
    assert_found(
        &faults_with(
            "/annotations/list/0/target/expr",
            json!("deploys_total > 0"),
        ),
        "annotation `Service started`: `deploys_total`",
    );
    assert_found(
        &faults_with(
            "/templating/list/3/query",
            json!("label_values(cache_entries, http_route)"),
        ),
        "variable `route`: `group` asks for the label",
    );
}

#[test]
fn an_unfinished_panel_is_found() {
    let cases = [
        ("/panels/0/title", json!(""), "has no `/title`"),
        (
            "/panels/0/description",
            json!(null),
            "has no `/description`",
        ),
        (
            "/panels/0/fieldConfig/defaults/unit",
            json!(null),
            "has no `/fieldConfig/defaults/unit`",
        ),
        ("/panels/0/targets", json!([]), "has no `expr`"),
        (
            "/panels/0/datasource/uid",
            json!("prometheus"),
            "does not ask the chosen `datasource`",
        ),
        (
            "/panels/0/targets/0/datasource/uid",
            json!("prometheus"),
            "does not ask the chosen `datasource`",
        ),
        (
            "/panels/0/fieldConfig/defaults/unit",
            json!("s"),
            "without the line of 100 ms",
        ),
        (
            "/panels/0/gridPos/x",
            json!(1),
            "panel `Request rate`: lies over panel `Error ratio`",
        ),
        ("/panels/0/gridPos/w", json!(25), "does not lie on the grid"),
        ("/panels/0/gridPos", json!(null), "does not lie on the grid"),
        (
            "/panels/0/id",
            json!(2),
            "panel `Request rate`: has the id of panel `Error ratio`",
        ),
    ];
    for (pointer, value, expected) in cases {
        assert_found(&faults_with(pointer, value), expected);
    }
}

#[test]
fn an_unfinished_board_is_found() {
    let cases = [
        ("/uid", json!(null), "no `/uid`"),
        ("/editable", json!(true), "can be edited"),
        (
            "/templating/list/3/name",
            json!("path"),
            "no variable `route`",
        ),
    ];
    for (pointer, value, expected) in cases {
        assert_found(&faults_with(pointer, value), expected);
    }
}
