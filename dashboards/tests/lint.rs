//! The check of boards against injected faults: each must be found.

#![expect(clippy::unwrap_used, reason = "a failed fixture must fail the test")]

use dashboards::{
    boards,
    catalogue::Known,
    check::{links, lint::faults},
    grafana,
};
use serde_json::{Value, json};

/// The board of routes; its second panel is the rate by route.
fn board() -> Value {
    let boards = boards::all();
    let red = boards.iter().find(|board| board.uid == boards::RED);
    grafana::board(red.unwrap())
}

fn with(pointer: &str, value: Value) -> Value {
    let mut board = board();
    *board.pointer_mut(pointer).unwrap() = value;
    board
}

/// Each replacement must be found, and named by these words.
#[track_caller]
fn assert_all_found<const N: usize>(cases: [(&str, Value, &str); N]) {
    let known = Known::new();
    for (pointer, value, expected) in cases {
        assert_found(&faults(&with(pointer, value), &known), expected);
    }
}

#[track_caller]
fn assert_found(faults: &[String], expected: &str) {
    assert!(
        faults.iter().any(|fault| fault.contains(expected)),
        "`{expected}` is not among the faults found: {faults:#?}"
    );
}

#[test]
fn an_expression_that_does_not_fit_is_found() {
    let cases = [
        ("rate(http_requests_total{C}[R])", "is written by nobody"),
        (
            "rate(cache_gets_total{C,cache=\"a\"}[R])",
            "no label `cache`",
        ),
        (
            "sum by (route) (cache_entries{C})",
            "the label `route`, which",
        ),
        (
            "rate(cache_load_duration_seconds_bucket{C,le=\"1\"}[R])",
            "whole number 1",
        ),
        ("sum(cache_gets_total{C})", "`cache_gets_total` only grows"),
        (
            "rate(cache_gets_total{C}[5m])",
            "range of `cache_gets_total` is fixed",
        ),
        (
            "cache_entries{C} offset 5m",
            "offset of `cache_entries` is fixed",
        ),
        ("cache_entries{job=~\"$job\"}", "the chosen `instance`"),
        ("rate(http_server_panics_total{C}[R])", "the chosen `route`"),
        ("sum(cache_entries{C}) or vector(0)", "hides a signal"),
        ("rate(cache_gets_total{C", "is no PromQL"),
        (" ", "has no `expr`"),
    ];
    for (expression, expected) in cases {
        let expression = expression
            .replace("{C", "{job=~\"$job\",instance=~\"$instance\"")
            .replace("[R]", "[$__rate_interval]");
        let expr = "/panels/1/targets/0/expr";
        assert_all_found([(expr, json!(expression), expected)]);
    }
}

#[test]
fn annotations_and_variables_are_looked_at_too() {
    let load_tests = "annotation `Load tests`";
    let absent = "deploys_total > 0";
    let other = "label_values(cache_entries, http_route)";
    assert_all_found([
        ("/annotations/list/1/target/expr", json!(absent), load_tests),
        (
            "/annotations/list/1/titleFormat",
            json!("{{who}}"),
            load_tests,
        ),
        (
            "/annotations/list/1/name",
            json!("Nights"),
            "no marks of `Load tests`",
        ),
        (
            "/templating/list/3/query",
            json!(other),
            "variable `route`: `group`",
        ),
        (
            "/templating/list/3/refresh",
            json!(1),
            "`/refresh` is not 2",
        ),
        (
            "/templating/list/3/allValue",
            json!(null),
            "`/allValue` is not",
        ),
        (
            "/templating/list/3/label",
            json!(""),
            "variable `route`: has no `/label`",
        ),
        ("/templating/list/3/name", json!("path"), "asks for `$path`"),
        (
            "/templating/list/1/name",
            json!("work"),
            "no variable `job`",
        ),
    ]);
}

#[test]
fn an_unfinished_panel_is_found() {
    let steps = "/panels/1/fieldConfig/defaults/thresholds/steps";
    let rising = json!([{"color": "red", "value": 1}]);
    let unit = "/panels/1/fieldConfig/defaults/unit";
    let over = "panel `Rate by route`: lies over panel `Failed (5xx) by route`";
    let same = "panel `Rate by route`: has the id of panel `Failed (5xx) by route`";
    let source = "does not ask the chosen `datasource`";
    assert_all_found([
        ("/panels/1/title", json!(""), "has no `/title`"),
        (
            "/panels/1/description",
            json!(null),
            "has no `/description`",
        ),
        (unit, json!(null), "has no `/fieldConfig/defaults/unit`"),
        (unit, json!("s"), "without the line of 100 ms"),
        (steps, rising, "do not begin at the lowest"),
        ("/panels/1/targets", json!([]), "has no `expr`"),
        ("/panels/1/datasource/uid", json!("prometheus"), source),
        ("/panels/1/targets/0/datasource/uid", json!("x"), source),
        (
            "/panels/1/targets/0/legendFormat",
            json!("{{path}}"),
            "label `path`",
        ),
        ("/panels/1/gridPos/x", json!(1), over),
        ("/panels/1/gridPos/w", json!(25), "does not lie on the grid"),
        ("/panels/1/gridPos", json!(null), "does not lie on the grid"),
        ("/panels/1/id", json!(3), same),
    ]);
}

#[test]
fn an_unfinished_board_is_found() {
    assert_all_found([
        ("/uid", json!(null), "no `/uid`"),
        ("/editable", json!(true), "can be edited"),
        ("/schemaVersion", json!(1), "schemaVersion"),
        ("/timezone", json!("browser"), "not in UTC"),
        ("/graphTooltip", json!(0), "no crosshair"),
        ("/tags", json!([]), "do not link to it"),
        ("/links", json!([]), "no links that keep"),
        ("/links/0/keepTime", json!(false), "no links that keep"),
    ]);
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    let url = "/panels/1/fieldConfig/defaults/links/0/url";
    let route = "${__field.labels.http_route:percentencode}";
    let path = "${__field.labels.path:percentencode}";
    for (link, expected) in [
        (
            format!("/d/api-gone?a&var-route={route}"),
            "the board `api-gone`",
        ),
        (
            format!("/d/api-red?a&var-path={route}"),
            "sets `path`, which",
        ),
        (
            format!("/d/api-red?a&var-route={path}"),
            "by the label `path`",
        ),
    ] {
        let boards = [with(url, json!(link))];
        assert_found(&links::board_faults(&boards, &Known::new()), expected);
    }
}

#[test]
fn a_runbook_that_is_not_there_is_found() {
    let mut pages = links::Pages::default();
    pages.add("LowVolumeErrors.md", "# LowVolumeErrors\n\n## Look first\n");
    let faults = |description: &str| {
        let board = with("/panels/1/description", json!(description));
        let mut faults = links::runbook_faults(&board, &pages);
        faults.retain(|fault| fault.starts_with("panel `Rate by route`"));
        faults
    };
    let good = faults("x\n\nRunbook: runbooks/LowVolumeErrors.md#look-first");
    assert_eq!(good, Vec::<String>::new());
    let heading = faults("x\n\nRunbook: runbooks/LowVolumeErrors.md#mend-now");
    assert_found(&heading, "the heading `mend-now`");
    let page = faults("x\n\nRunbook: runbooks/Gone.md#look-first");
    assert_found(&page, "the runbook `Gone.md`");
    assert_found(&faults("x"), "names no runbook");
}
