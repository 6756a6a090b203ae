//! Whether rules ask for what there is, and alerts say what they must: whom they are for, what is the matter, where to look.

use std::collections::BTreeSet;

use super::expression::examine;
use crate::{
    boards,
    catalogue::Known,
    rules::{
        AlertName,
        alert::DRILL,
        alert_rules,
        file::{AlertRule, Rule, RulesFile},
    },
};

/// What every alert says.
const ANNOTATIONS: [&str; 4] = ["summary", "description", "runbook_url", "dashboard"];
/// The values of the label `severity`.
const SEVERITIES: [&str; 3] = ["page", "ticket", "none"];

/// Alerts that read counters as they stand: two of them are compared, or a series that begins with its first event is looked for, which no
/// `increase` sees.
const AS_THEY_STAND: [AlertName; 4] = [
    AlertName::TelemetryInconsistent,
    AlertName::DbQueryErrors,
    AlertName::NPlusOneSuspected,
    AlertName::MetricsCardinalityOverflow,
];

/// The known series with those that the rules record, each with the labels that its rule leaves.
#[must_use]
pub fn known(file: &RulesFile) -> Known {
    let mut known = Known::new();
    for rule in file.groups.iter().flat_map(|group| &group.rules) {
        if let Rule::Record(record) = rule {
            let left = examine(&record.expr, &known).labels.unwrap_or_default();
            let added = record.labels.0.iter().map(|(name, _)| *name);
            let labels: Vec<&str> = left.iter().map(String::as_str).chain(added).collect();
            known.record(&record.record, &labels);
        }
    }
    known
}

/// What is wrong with the rules, one sentence each: none for good ones.
#[must_use]
pub fn faults(file: &RulesFile) -> Vec<String> {
    let known = known(file);
    let mut faults = Vec::new();
    for rule in file.groups.iter().flat_map(|group| &group.rules) {
        let (name, of_rule) = match rule {
            Rule::Record(record) => (
                record.record.as_str(),
                expression_faults(&record.expr, &known),
            ),
            Rule::Alert(alert) => (alert.alert, alert_faults(alert, &known)),
        };
        faults.extend(of_rule.into_iter().map(|fault| format!("{name}: {fault}")));
    }
    let told: BTreeSet<&str> = alert_rules(file).map(|rule| rule.alert).collect();
    for name in AlertName::ALL.iter().map(|name| name.as_str()) {
        if !told.contains(name) {
            faults.push(format!("{name}: no rule raises it"));
        }
    }
    faults
}

fn expression_faults(expression: &str, known: &Known) -> Vec<String> {
    examine(expression, known).faults
}

fn alert_faults(alert: &AlertRule, known: &Known) -> Vec<String> {
    let reading = examine(&alert.expr, known);
    let is = |name: &AlertName| name.as_str() == alert.alert;
    let mut faults = reading.faults;
    if AS_THEY_STAND.iter().any(is) {
        faults.retain(|fault| !fault.contains("only grows"));
    }
    if !AlertName::ALL.iter().any(is) {
        faults.push("is no alert of the list".to_owned());
    }
    faults.extend(word_faults(alert));
    faults.extend(board_fault(alert));
    if let Some(labels) = reading.labels {
        faults.extend(template_faults(alert, &labels));
    }
    faults
}

/// What it does not say of what every alert says.
fn word_faults(alert: &AlertRule) -> Vec<String> {
    let mut faults = Vec::new();
    let severity = alert.labels.get("severity").unwrap_or_default();
    if !SEVERITIES.contains(&severity) {
        faults.push("has no severity".to_owned());
    }
    let said = |annotation| alert.annotations.get(annotation).unwrap_or_default();
    for annotation in ANNOTATIONS {
        if said(annotation).is_empty() {
            faults.push(format!("has no `{annotation}`"));
        }
    }
    if !said("runbook_url").ends_with(&format!("/{}.md", alert.alert)) {
        faults.push("names another runbook than its own".to_owned());
    }
    faults
}

/// A board that is not there, or a variable that it lacks.
fn board_fault(alert: &AlertRule) -> Option<String> {
    let url = alert.annotations.get("dashboard")?;
    let (_, rest) = url.split_once("/d/")?;
    let uid = rest.split('?').next().unwrap_or_default();
    let Some(board) = boards::all().into_iter().find(|board| board.uid == uid) else {
        return Some(format!("leads to the board `{uid}`, which there is not"));
    };
    let has = |name: &str| {
        ["job", "instance"].contains(&name) || board.variables.iter().any(|had| had.name == name)
    };
    let chosen = rest.split("&var-").skip(1);
    let mut unknown = chosen
        .filter_map(|rest| rest.split('=').next())
        .filter(|name| !has(name));
    let name = unknown.next()?;
    Some(format!("sets `{name}`, which the board `{uid}` lacks"))
}

/// Labels that a text asks for and no series of the expression has: they would be empty.
fn template_faults(alert: &AlertRule, labels: &BTreeSet<String>) -> Vec<String> {
    let texts = alert.annotations.0.iter().chain(&alert.labels.0);
    let asked = texts.flat_map(|(_, text)| text.split("$labels.").skip(1));
    let names: BTreeSet<&str> = asked
        .filter_map(|rest| {
            let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
            rest.split(|letter| !is_part(letter)).next()
        })
        .collect();
    let own: Vec<&str> = alert.labels.0.iter().map(|(name, _)| *name).collect();
    names
        .into_iter()
        .filter(|name| !labels.contains(*name) && !own.contains(name))
        .map(|name| format!("says the label `{name}`, which its expression does not leave"))
        .collect()
}

/// Whether the alert can be a drill's: it says so in the label that routes go by.
#[must_use]
pub fn is_marked(alert: &AlertRule) -> bool {
    alert.labels.get(DRILL).is_some()
}
