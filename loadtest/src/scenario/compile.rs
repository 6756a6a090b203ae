//! From the file as it is written to what is sent: every placeholder is looked up, every name and number
//! checked, before anything is sent.

use super::data::Table;
use super::error::{Outcome, fault};
use super::file::{Data, File, Named, Scenario as Section, Text};
use super::node::{Node, Placed};
use super::steps::Steps;
use super::{Flow, Scenario};
use crate::budgets::Time;
use crate::traffic::RouteInfo;
use serde_json::Value;
use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;
use toml::Spanned;

/// Names that placeholders have anyway.
const RESERVED: [&str; 2] = ["unique", "uuid"];
/// A user of a kind is as many users at most.
const MOST_WEIGHT: i64 = 10_000;

/// Where a scenario file stands, and what it may look at.
pub(super) struct Surroundings<'a> {
    pub(super) folder: &'a Path,
    pub(super) environment: &'a dyn Fn(&str) -> Option<String>,
}

pub(super) fn compile(file: File, around: &Surroundings<'_>) -> Outcome<Scenario> {
    let tables = tables(file.data, around.folder)?;
    let mut routes = Vec::new();
    let mut flows: Vec<Flow> = Vec::new();
    if file.scenario.is_empty() {
        return fault(&(0..0), "there is no [[scenario]]: nothing would be sent");
    }
    let shared = Shared {
        tables: &tables,
        headers: &file.target.headers,
        around,
    };
    for section in file.scenario {
        let span = section.span();
        let section = section.into_inner();
        if flows
            .iter()
            .any(|flow| flow.name == *section.name.get_ref())
        {
            let message = format!("there is a scenario {:?} already", section.name.get_ref());
            return fault(&section.name.span(), message);
        }
        if section.step.is_empty() {
            return fault(
                &span,
                "a scenario without a [[scenario.step]] sends nothing",
            );
        }
        flows.push(flow(section, &shared, &mut routes)?);
    }
    Ok(Scenario {
        allow_hosts: file.allow_hosts,
        metrics: file.metrics,
        budgets: None,
        tables: Arc::new(tables),
        flows: flows.into_iter().map(Arc::new).collect(),
        routes,
    })
}

/// What the scenarios of a file have in common.
pub(super) struct Shared<'a> {
    pub(super) tables: &'a [(String, Table)],
    /// Of all requests, unless their step says otherwise.
    pub(super) headers: &'a Named<Text>,
    pub(super) around: &'a Surroundings<'a>,
}

fn flow(section: Section, shared: &Shared<'_>, routes: &mut Vec<RouteInfo>) -> Outcome<Flow> {
    let weight = whole(&section.weight, 1, MOST_WEIGHT, "a weight")?;
    let used = RefCell::default();
    let all_names = section.step.iter().flat_map(|step| {
        let names = step.set.keys().chain(step.capture.keys());
        names.map(|name| name.get_ref().clone())
    });
    let mut steps = Steps {
        shared,
        routes,
        used: &used,
        kept: Vec::new(),
        all: all_names.collect(),
    };
    let done = section.step.into_iter().map(|step| steps.step(step));
    let done = done.collect::<Outcome<_>>()?;
    let kept = steps.kept.len();
    Ok(Flow {
        name: section.name.into_inner(),
        weight: usize::try_from(weight).unwrap_or(1),
        steps: done,
        used: used.into_inner(),
        kept,
    })
}

fn tables(data: Named<Data>, folder: &Path) -> Outcome<Vec<(String, Table)>> {
    let mut tables = Vec::new();
    for (name, data) in data {
        free(&name)?;
        let (span, table) = match (data.file, data.values) {
            (Some(file), None) => {
                let path = folder.join(file.get_ref());
                (file.span(), Table::read(&path, data.pick))
            }
            (None, Some(values)) => {
                let span = values.span();
                let values = values.into_inner().into_iter().map(plain);
                let values = values.collect::<Outcome<_>>()?;
                (span, Table::list(values, data.pick))
            }
            _ => return fault(&name.span(), "either `file` or `values` is needed"),
        };
        let table = table.or_else(|why| fault(&span, why))?;
        tables.push((name.into_inner(), table));
    }
    Ok(tables)
}

/// A value of a list: it is taken as it is written.
fn plain(value: Placed) -> Outcome<Value> {
    let span = value.span();
    match value.into_inner() {
        Node::Text(text) => Ok(text.into()),
        Node::Fixed(value) => Ok(value),
        Node::List(_) | Node::Table(_) => {
            fault(&span, "a value is a text, a number, true or false")
        }
    }
}

/// A name that a placeholder can have, and that none has yet.
pub(super) fn free(name: &Text) -> Outcome<()> {
    let text = name.get_ref();
    let mut characters = text.chars();
    let begins = characters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic());
    let goes_on = characters.all(|next| next.is_ascii_alphanumeric() || "_-".contains(next));
    if !begins || !goes_on {
        return fault(
            &name.span(),
            format!("{text:?} is no name of letters, digits, _ and -"),
        );
    }
    if RESERVED.contains(&text.as_str()) {
        return fault(
            &name.span(),
            format!("{{{text}}} stands for something else already"),
        );
    }
    Ok(())
}

/// A whole number within bounds.
pub(super) fn whole(given: &Spanned<i64>, least: i64, most: i64, what: &str) -> Outcome<i64> {
    let number = *given.get_ref();
    if (least..=most).contains(&number) {
        return Ok(number);
    }
    fault(
        &given.span(),
        format!("{what} is a whole number from {least} to {most}"),
    )
}

/// The longest pause: a user who sleeps longer than this would outlive the round.
pub(super) const LONGEST_PAUSE: Time = Time(std::time::Duration::from_mins(1));
