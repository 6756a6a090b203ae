//! The rules that every board keeps, and the list of where one breaks them.

use std::time::Duration;

use promql_parser::{label::Matcher, parser::VectorSelector};
use serde_json::Value;

use super::{
    board::{Place, Query, list, queries, text},
    expression::{examine, selectors},
};
use crate::{
    catalogue::{Known, TARGET_LABELS},
    promql::read::{read, variable},
};

/// What every board lets the reader choose.
const VARIABLES: [&str; 4] = ["datasource", "job", "instance", "route"];
/// The width of Grafana's grid.
const COLUMNS: u64 = 24;
/// The budget in seconds, drawn on every panel of times.
const BUDGET_SECONDS: f64 = 0.1;

/// What is wrong with the board, one sentence each: none for a good one.
#[must_use]
pub fn faults(board: &Value, known: &Known) -> Vec<String> {
    let mut faults = board_faults(board);
    for query in queries(board) {
        faults.extend(
            query_faults(&query, known)
                .into_iter()
                .map(|fault| format!("{}: {fault}", query.place)),
        );
    }
    let panels = list(board, "/panels");
    for panel in panels {
        faults.extend(
            panel_faults(panel)
                .into_iter()
                .map(|fault| format!("{}: {fault}", place(panel))),
        );
    }
    for (index, panel) in panels.iter().enumerate() {
        for other in panels.iter().skip(index + 1) {
            if overlap(panel, other) {
                faults.push(format!("{}: lies over {}", place(panel), place(other)));
            }
            if panel.get("id") == other.get("id") {
                faults.push(format!("{}: has the id of {}", place(panel), place(other)));
            }
        }
    }
    faults
}

fn board_faults(board: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    for field in ["/uid", "/title", "/description"] {
        if text(board, field).is_empty() {
            faults.push(format!("the board has no `{field}`"));
        }
    }
    if board.pointer("/editable") != Some(&Value::Bool(false)) {
        faults.push("the board can be edited in the browser".to_owned());
    }
    let variables: Vec<String> = list(board, "/templating/list")
        .iter()
        .map(|variable| text(variable, "/name"))
        .collect();
    for name in VARIABLES {
        if !variables.iter().any(|variable| variable == name) {
            faults.push(format!("the board has no variable `{name}`"));
        }
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
    if targets.is_empty()
        || targets
            .iter()
            .any(|target| text(target, "/expr").trim().is_empty())
    {
        faults.push("has no `expr`".to_owned());
    }
    if std::iter::once(panel)
        .chain(targets)
        .any(|part| text(part, "/datasource/uid") != "${datasource}")
    {
        faults.push("does not ask the chosen `datasource`".to_owned());
    }
    let steps = list(panel, "/fieldConfig/defaults/thresholds/steps");
    let has_budget = steps
        .iter()
        .any(|step| step.pointer("/value").and_then(Value::as_f64) == Some(BUDGET_SECONDS));
    if text(panel, "/fieldConfig/defaults/unit") == "s" && !has_budget {
        faults.push("shows times without the line of 100 ms".to_owned());
    }
    if grid(panel).is_none_or(|(x, _, width, _)| x + width > COLUMNS) {
        faults.push("does not lie on the grid".to_owned());
    }
    faults
}

fn query_faults(query: &Query, known: &Known) -> Vec<String> {
    let reading = examine(&query.expression, known);
    let mut faults = reading.faults;
    if let (Place::Panel(_), Ok(parsed)) = (&query.place, read(&query.expression)) {
        for (selector, range) in selectors(&parsed) {
            faults.extend(choice_faults(selector, range));
        }
    }
    faults
}

/// A panel shows what the reader chose: job, instance and zoom.
fn choice_faults(selector: &VectorSelector, range: Option<Duration>) -> Vec<String> {
    let mut faults = Vec::new();
    let name = selector.name.as_deref().unwrap_or_default();
    for label in TARGET_LABELS {
        let chosen = |matcher: &Matcher| {
            matcher.name == label
                && matcher.op.to_string() == "=~"
                && matcher.value == format!("${label}")
        };
        if !selector.matchers.matchers.iter().any(chosen) {
            faults.push(format!("`{name}` is not limited to the chosen `{label}`"));
        }
    }
    if range.is_some_and(|range| variable(range).is_none()) {
        faults.push(format!(
            "the range of `{name}` is fixed: take [$__rate_interval]"
        ));
    }
    faults
}

fn overlap(panel: &Value, other: &Value) -> bool {
    let (Some((x, y, width, height)), Some((other_x, other_y, other_width, other_height))) =
        (grid(panel), grid(other))
    else {
        return false;
    };
    x < other_x + other_width
        && other_x < x + width
        && y < other_y + other_height
        && other_y < y + height
}

/// Left, top, width and height, in cells of the grid.
fn grid(panel: &Value) -> Option<(u64, u64, u64, u64)> {
    let side = |name: &str| panel.pointer("/gridPos")?.get(name)?.as_u64();
    Some((side("x")?, side("y")?, side("w")?, side("h")?))
}

fn place(panel: &Value) -> Place {
    Place::Panel(text(panel, "/title"))
}
