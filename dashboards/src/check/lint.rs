//! The rules that every board keeps, and the list of where one breaks them.
//!
//! The rules of Grafana's `dashboard-linter` (<https://github.com/grafana/dashboard-linter>) are among them: templated data source, job and
//! instance, a title and a description, a unit, valid queries, `$__rate_interval`, counters by their rate, no editing in the browser.
//! Grafana's JSON is judged, not what it was made from: a board that somebody changed by hand is judged as well.

use serde_json::Value;

use super::{
    board::{choices, list, place, queries, text},
    layout, query,
};
use crate::{
    catalogue::Known,
    grafana::{SCHEMA_VERSION, TAG, annotations},
    model::BUDGET_SECONDS,
};

/// What every board lets the reader choose.
const VARIABLES: [&str; 3] = ["datasource", "job", "instance"];
/// The values of a board's fields that are the same everywhere.
const FIXED: [(&str, &str, &str); 4] = [
    ("/editable", "false", "it can be edited in the browser"),
    ("/graphTooltip", "1", "its panels share no crosshair"),
    ("/timezone", "\"utc\"", "it is not in UTC"),
    ("/tags/0", TAG_TEXT, "the other boards do not link to it"),
];
const TAG_TEXT: &str = "\"api\"";

/// What is wrong with the board, one sentence each: none for a good one.
#[must_use]
pub fn faults(board: &Value, known: &Known) -> Vec<String> {
    let mut faults = board_faults(board);
    faults.extend(variable_faults(board));
    faults.extend(annotation_faults(board));
    for choice in choices(board) {
        let name = text(choice, "/name");
        faults.extend(
            choice_faults(choice)
                .into_iter()
                .map(|fault| format!("variable `{name}`: {fault}")),
        );
    }
    for query in queries(board) {
        faults.extend(
            query::faults(&query, board, known)
                .into_iter()
                .map(|fault| format!("{}: {fault}", query.place)),
        );
    }
    for panel in list(board, "/panels") {
        faults.extend(
            panel_faults(panel)
                .into_iter()
                .map(|fault| format!("{}: {fault}", place(panel))),
        );
    }
    faults.extend(layout::faults(board));
    faults
}

fn board_faults(board: &Value) -> Vec<String> {
    debug_assert_eq!(TAG_TEXT.trim_matches('"'), TAG);
    let mut faults = Vec::new();
    for field in ["/uid", "/title", "/description", "/refresh"] {
        if text(board, field).is_empty() {
            faults.push(format!("the board has no `{field}`"));
        }
    }
    if board.pointer("/schemaVersion") != Some(&SCHEMA_VERSION.into()) {
        faults.push(format!("the board's schemaVersion is not {SCHEMA_VERSION}"));
    }
    for (field, expected, fault) in FIXED {
        if board.pointer(field).map(Value::to_string).as_deref() != Some(expected) {
            faults.push(format!("the board: {fault}"));
        }
    }
    let links = list(board, "/links");
    let keeps = |link: &Value| ["keepTime", "includeVars"].map(|field| link.get(field).cloned());
    if links.is_empty()
        || links
            .iter()
            .any(|link| keeps(link) != [Some(true.into()), Some(true.into())])
    {
        faults.push("the board has no links that keep time and choices".to_owned());
    }
    faults
}

/// The variables that every board has are there, and each is asked for.
fn variable_faults(board: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let variables = list(board, "/templating/list").iter();
    let names: Vec<String> = variables.map(|variable| text(variable, "/name")).collect();
    for name in VARIABLES
        .iter()
        .filter(|name| !names.iter().any(|had| had == *name))
    {
        faults.push(format!("the board has no variable `{name}`"));
    }
    let asked = queries(board);
    for name in names.iter().filter(|name| *name != "datasource") {
        let dollar = format!("${name}");
        if !asked.iter().any(|query| query.expression.contains(&dollar)) {
            faults.push(format!("nothing on the board asks for `{dollar}`"));
        }
    }
    faults
}

/// Every kind of mark is on every board.
fn annotation_faults(board: &Value) -> Vec<String> {
    let marks = list(board, "/annotations/list").iter();
    let marks: Vec<String> = marks.map(|mark| text(mark, "/name")).collect();
    let missing = annotations::all().into_iter();
    missing
        .filter(|annotation| !marks.iter().any(|mark| mark == annotation.name))
        .map(|annotation| format!("the board has no marks of `{}`", annotation.name))
        .collect()
}

/// A choice follows the range, and none is all there are.
fn choice_faults(variable: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    for (field, expected) in [
        ("/datasource/uid", "\"${datasource}\""),
        ("/refresh", "2"),
        ("/multi", "true"),
        ("/includeAll", "true"),
        ("/allValue", "\".+\""),
    ] {
        if variable.pointer(field).map(Value::to_string).as_deref() != Some(expected) {
            faults.push(format!("`{field}` is not {expected}"));
        }
    }
    if text(variable, "/label").is_empty() {
        faults.push("has no `/label`".to_owned());
    }
    faults
}

fn panel_faults(panel: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    for field in ["/title", "/description", "/fieldConfig/defaults/unit"] {
        if text(panel, field).trim().is_empty() {
            faults.push(format!("has no `{field}`"));
        }
    }
    let targets = list(panel, "/targets");
    let is_empty = |target: &Value| text(target, "/expr").trim().is_empty();
    if targets.is_empty() || targets.iter().any(is_empty) {
        faults.push("has no `expr`".to_owned());
    }
    let is_chosen = |part: &Value| text(part, "/datasource/uid") == "${datasource}";
    if !std::iter::once(panel).chain(targets).all(is_chosen) {
        faults.push("does not ask the chosen `datasource`".to_owned());
    }
    faults.extend(step_faults(panel));
    faults
}

fn step_faults(panel: &Value) -> Vec<String> {
    let steps = list(panel, "/fieldConfig/defaults/thresholds/steps").iter();
    let steps: Vec<Option<f64>> = steps
        .map(|step| step.get("value").and_then(Value::as_f64))
        .collect();
    let mut faults = Vec::new();
    if steps.first() != Some(&None) || !steps.is_sorted() {
        faults.push("has steps that do not begin at the lowest, or do not rise".to_owned());
    }
    let is_latency = text(panel, "/fieldConfig/defaults/unit") == "s";
    if is_latency && !steps.contains(&Some(BUDGET_SECONDS)) {
        faults.push("shows times without the line of 100 ms".to_owned());
    }
    faults
}
