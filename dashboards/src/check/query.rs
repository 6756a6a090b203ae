//! What is wrong with a query of a board, besides what is wrong with any expression.

use std::time::Duration;

use promql_parser::{
    label::Matcher,
    parser::{Offset, VectorSelector},
};
use serde_json::Value;

use super::{
    board::{Place, Query, choices, label_of, text},
    expression::{Reading, examine, selectors},
};
use crate::{
    catalogue::{Family, Known, TARGET_LABELS, Writer},
    promql::read::variable,
};

/// What is wrong with one query of the board.
pub(super) fn faults(query: &Query, board: &Value, known: &Known) -> Vec<String> {
    let reading = examine(&query.expression, known);
    let mut faults = reading.faults.clone();
    faults.extend(legend_faults(query, &reading));
    if query.expression.contains("vector(0)") {
        faults.push("`vector(0)` hides a signal that is broken".to_owned());
    }
    if let Some(parsed) = &reading.parsed {
        let choices = choices_of(board);
        let is_panel = matches!(query.place, Place::Panel(_));
        for (selector, range) in selectors(parsed) {
            let name = selector.name.as_deref().unwrap_or_default();
            if let (true, Some(series)) = (is_panel, known.find(name)) {
                faults.extend(unchosen(selector, series.family, &choices));
            }
            faults.extend(fixed(name, range, selector.offset.as_ref()));
        }
    }
    faults
}

/// The variables that the reader chooses by, each with its label.
fn choices_of(board: &Value) -> Vec<(String, String)> {
    let choices = choices(board).filter_map(|variable| {
        let query = text(variable, "/query");
        let (_, label) = label_of(&query)?;
        Some((text(variable, "/name"), label.to_owned()))
    });
    choices.collect()
}

/// A panel shows what the reader chose: job and instance of what the service writes, and whatever else the board lets them choose.
fn unchosen(
    selector: &VectorSelector,
    family: &Family,
    choices: &[(String, String)],
) -> Vec<String> {
    let of_target = TARGET_LABELS.map(|label| (label, label));
    let of_target = of_target
        .into_iter()
        .filter(|(_, label)| match family.writer {
            Writer::Service => true,
            // What a rule leaves of the target.
            Writer::Rule => family.labels.iter().any(|had| had == label),
            Writer::Harness | Writer::Prometheus => false,
        });
    let of_board = choices.iter().filter(|(_, label)| {
        // An alert has a label only if its rule gives it: to ask for a value would hide the others.
        family.writer != Writer::Prometheus && family.labels.iter().any(|had| had == label)
    });
    let of_board = of_board.map(|(name, label)| (name.as_str(), label.as_str()));
    let mut faults = Vec::new();
    for (name, label) in of_target.chain(of_board) {
        let chosen = |matcher: &Matcher| {
            matcher.name == label
                && matcher.op.to_string() == "=~"
                && matcher.value == format!("${name}")
        };
        if !selector.matchers.matchers.iter().any(chosen) {
            faults.push(format!(
                "`{}` is not limited to the chosen `{name}`",
                family.name
            ));
        }
    }
    faults
}

/// A fixed time is wrong at some zoom: a rate needs two scrapes in it, and what is shorter than a step of the picture is not seen.
fn fixed(name: &str, range: Option<Duration>, offset: Option<&Offset>) -> Vec<String> {
    let offset = offset.map(|offset| match offset {
        Offset::Pos(offset) | Offset::Neg(offset) => *offset,
    });
    let times = [(range, "range"), (offset, "offset")];
    let fixed = times
        .into_iter()
        .filter(|(time, _)| time.is_some_and(|time| variable(time).is_none()));
    fixed
        .map(|(_, what)| format!("the {what} of `{name}` is fixed: take $__rate_interval"))
        .collect()
}

/// A legend names labels that are there, and tells series apart.
fn legend_faults(query: &Query, reading: &Reading) -> Vec<String> {
    let Some(labels) = &reading.labels else {
        return vec![];
    };
    let named: Vec<&str> = query
        .legend
        .split("{{")
        .skip(1)
        .filter_map(|rest| rest.split_once("}}"))
        .map(|(label, _)| label)
        .collect();
    named
        .into_iter()
        .filter(|label| !labels.contains(*label))
        .map(|label| format!("the legend names the label `{label}`, which is not there"))
        .collect()
}
