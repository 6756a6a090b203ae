//! A board as the JSON that Grafana imports.
//!
//! - `panel` writes a panel, with `options` of its kind; [`variables`] and [`annotations`] write what stands on every board.
//!
//! Type-checked against Grafana's own schema by `.ci/boards.sh`.

pub mod annotations;
mod options;
mod panel;
pub mod variables;

pub use self::panel::COLUMN_TITLES;
use serde_json::{Value, json};

use crate::{
    boards::START,
    model::{Board, COLUMNS},
};

/// The version of the form of boards: Grafana migrates older ones when it reads them, and refuses none.
pub const SCHEMA_VERSION: u32 = 41;
/// The tag by which boards link to each other.
pub const TAG: &str = "api";

/// The board, as it is imported.
#[must_use]
pub fn board(board: &Board) -> Value {
    json!({
        "uid": board.uid,
        "title": board.title,
        "description": board.question,
        "tags": [TAG],
        "editable": false,
        "schemaVersion": SCHEMA_VERSION,
        "version": 1,
        "timezone": "utc",
        // A crosshair on all panels at once.
        "graphTooltip": 1,
        "refresh": "15s",
        "time": {"from": "now-30m", "to": "now"},
        "timepicker": {},
        "fiscalYearStartMonth": 0,
        "liveNow": false,
        "weekStart": "",
        "links": links(),
        "annotations": {"list": annotations::list()},
        "templating": {"list": variables::list(&board.variables)},
        "panels": panels(board),
    })
}

/// The text of the file.
#[must_use]
pub fn text(written: &Value) -> String {
    format!("{written:#}\n")
}

/// The data source that the reader chose.
fn datasource() -> Value {
    json!({"type": "prometheus", "uid": "${datasource}"})
}

/// To the first board and to all others; time and choices are kept.
fn links() -> Value {
    let link = |kind: &str, title: &str, url: String, tags: &[&str]| {
        json!({
            "type": kind,
            "title": title,
            "url": url,
            "tags": tags,
            "icon": "dashboard",
            "tooltip": "",
            "asDropdown": kind == "dashboards",
            "includeVars": true,
            "keepTime": true,
            "targetBlank": false,
        })
    };
    json!([
        link("link", "Start here", format!("/d/{START}"), &[]),
        link("dashboards", "Boards", String::new(), &[TAG]),
    ])
}

/// Every panel at its place: rows from top to bottom, and in each from left to right.
fn panels(board: &Board) -> Vec<Value> {
    let mut panels = Vec::new();
    let mut top = 0;
    for row in &board.rows {
        let mut left = 0;
        for panel in row {
            debug_assert!(left + panel.width <= COLUMNS, "{}", panel.title);
            let place = json!({"x": left, "y": top, "w": panel.width, "h": panel.height});
            panels.push(panel::written(panel, panels.len() + 1, &place));
            left += panel.width;
        }
        top += row.iter().map(|panel| panel.height).max().unwrap_or(0);
    }
    panels
}
