//! One row for each set of labels, one column for each query that has a title.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use maud::{Markup, html};

use crate::{
    grafana::COLUMN_TITLES,
    preview::{Answer, Answered, Standing, standing, units},
    prometheus::Labels,
};

/// Values by labels: one for each column, in the order of the queries.
type Rows<'a> = BTreeMap<Labels, Vec<Option<f64>>>;

/// A table with fewer rows than this, and more labels than its panel has room for, stands on its side.
const FEW: usize = 3;
/// Columns of 24 that a label takes.
const LABEL: u32 = 2;

pub(super) fn table(answered: &Answered) -> Markup {
    let columns: Vec<&Answer> = answered
        .answers
        .iter()
        .filter(|answer| !answer.legend.is_empty())
        .collect();
    let rows = rows(answered);
    let labels: BTreeSet<&str> = rows
        .keys()
        .flat_map(BTreeMap::keys)
        .map(String::as_str)
        .collect();
    let room = answered.panel.width / LABEL;
    if rows.len() < FEW && u32::try_from(labels.len()).is_ok_and(|labels| labels > room) {
        return sideways(&labels, &rows);
    }
    let mut rows: Vec<_> = rows.iter().collect();
    rows.sort_by_key(|(labels, values)| Reverse(worst(answered, labels, values)));
    html! {
        div.wide {
            table {
                thead { tr {
                    @for label in &labels { th { (title(label)) } }
                    @for column in &columns { th.value { (column.legend) } }
                } }
                tbody {
                    @for (own, values) in rows {
                        tr class=(alert(own).class()) {
                            @for label in &labels { td { (own.get(*label).map_or("", String::as_str)) } }
                            @for (number, value) in values.iter().enumerate() {
                                (cell(answered, number, *value))
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Nothing for a query whose column is hidden.
fn cell(answered: &Answered, number: usize, value: Option<f64>) -> Markup {
    let Some(column) = answered
        .answers
        .get(number)
        .filter(|column| !column.legend.is_empty())
    else {
        return html! {};
    };
    let value = value.filter(|value| !value.is_nan());
    let standing = value.map_or(Standing::Fine, |value| {
        standing::value(answered.steps(number), value)
    });
    html! {
        td class={ "value " (standing.class()) } { (value.map_or_else(|| "–".to_owned(), |value| units::show(column.unit, value))) }
    }
}

fn sideways(labels: &BTreeSet<&str>, rows: &Rows<'_>) -> Markup {
    html! {
        div.wide.whole {
            table.sideways {
                @for label in labels {
                    tr {
                        th { (title(label)) }
                        @for own in rows.keys() { td { (own.get(*label).map_or("", String::as_str)) } }
                    }
                }
            }
        }
    }
}

fn rows(answered: &Answered) -> Rows<'_> {
    let mut rows = Rows::new();
    for line in answered.lines() {
        let own = line.labels.iter().filter(|(label, _)| *label != "__name__");
        let own: Labels = own
            .map(|(label, value)| (label.clone(), value.clone()))
            .collect();
        let row = rows
            .entry(own)
            .or_insert_with(|| vec![None; answered.answers.len()]);
        if let Some(cell) = row.get_mut(line.query) {
            *cell = line.points.last().map(|point| point.value);
        }
    }
    rows
}

/// How the row stands, how many of its values stand so, and how great its first value is; the worst and greatest come first.
fn worst(
    answered: &Answered,
    labels: &Labels,
    values: &[Option<f64>],
) -> (Standing, usize, Ordered) {
    let cells = values.iter().enumerate();
    let standings: Vec<_> = cells
        .filter_map(|(number, value)| Some(standing::value(answered.steps(number), (*value)?)))
        .collect();
    let worst = standings
        .iter()
        .copied()
        .max()
        .unwrap_or(Standing::Fine)
        .max(alert(labels));
    let number = standings
        .iter()
        .filter(|standing| **standing == worst)
        .count();
    let first = values.iter().flatten().next().copied().unwrap_or(f64::MIN);
    let number = if worst == Standing::Fine { 0 } else { number };
    (worst, number, Ordered(first))
}

/// What a column of labels is called, as in Grafana.
fn title(label: &str) -> &str {
    let known = COLUMN_TITLES.iter().find(|(own, _)| *own == label);
    known.map_or(label, |(_, title)| title)
}

/// How a row of a list of alerts stands.
fn alert(labels: &Labels) -> Standing {
    let of = |name: &str| labels.get(name).map(String::as_str);
    match (of("alertstate"), of("severity")) {
        (Some("firing"), Some("page")) => Standing::Red,
        (Some("firing"), Some("none")) | (None, _) => Standing::Fine,
        (Some(_), _) => Standing::Orange,
    }
}

/// Values in their total order.
#[derive(Clone, Copy, Debug)]
struct Ordered(f64);

impl PartialEq for Ordered {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ordered {}

impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ordered {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}
