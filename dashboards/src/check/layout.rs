//! Whether panels lie beside each other on the grid, each with an id of its own.

use serde_json::Value;

use super::board::{list, place};
use crate::model::COLUMNS;

/// What is wrong with the places of the board's panels.
pub(super) fn faults(board: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let panels = list(board, "/panels");
    for (index, panel) in panels.iter().enumerate() {
        if grid(panel).is_none_or(|(x, _, width, _)| x + width > u64::from(COLUMNS)) {
            faults.push(format!("{}: does not lie on the grid", place(panel)));
        }
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
