//! Finds what stands in a board: its PromQL expressions and the values of its fields.

use std::fmt;

use serde_json::Value;

/// A PromQL expression of a board, and where it stands.
#[derive(Debug, PartialEq, Eq)]
pub struct Query {
    /// Where it stands.
    pub place: Place,
    /// The expression, with Grafana's variables in it.
    pub expression: String,
    /// What its series are called, or its marks, with labels as in `{{http_route}}`.
    pub legend: String,
}

/// Where on a board something stands, with the name that its reader sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A query of a panel.
    Panel(String),
    /// The query of an annotation.
    Annotation(String),
    /// The query of a variable.
    Variable(String),
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panel(name) => write!(formatter, "panel `{name}`"),
            Self::Annotation(name) => write!(formatter, "annotation `{name}`"),
            Self::Variable(name) => write!(formatter, "variable `{name}`"),
        }
    }
}

/// Every PromQL expression of the board: of its panels, its annotations and its variables.
#[must_use]
pub fn queries(board: &Value) -> Vec<Query> {
    let mut queries = Vec::new();
    for panel in list(board, "/panels") {
        queries.extend(list(panel, "/targets").iter().map(|target| Query {
            place: place(panel),
            expression: text(target, "/expr"),
            legend: text(target, "/legendFormat"),
        }));
    }
    for annotation in list(board, "/annotations/list") {
        // Grafana's own asks its own store.
        if annotation.get("builtIn").is_none() {
            queries.push(Query {
                place: Place::Annotation(text(annotation, "/name")),
                expression: text(annotation, "/target/expr"),
                legend: text(annotation, "/titleFormat") + &text(annotation, "/textFormat"),
            });
        }
    }
    for variable in choices(board) {
        queries.push(Query {
            place: Place::Variable(text(variable, "/name")),
            expression: label_values(&text(variable, "/query")),
            legend: String::new(),
        });
    }
    queries
}

/// The variables whose values Prometheus is asked for.
pub(super) fn choices(board: &Value) -> impl Iterator<Item = &Value> {
    let variables = list(board, "/templating/list").iter();
    variables.filter(|variable| text(variable, "/type") == "query")
}

/// The place of a panel.
pub(super) fn place(panel: &Value) -> Place {
    Place::Panel(text(panel, "/title"))
}

/// Grafana's `label_values(metric, label)` as the PromQL that reads the same names.
fn label_values(query: &str) -> String {
    match label_of(query) {
        Some((metric, label)) => format!("group by ({label}) ({metric})"),
        None => query.to_owned(),
    }
}

/// The series and the label of `label_values(series, label)`.
pub(super) fn label_of(query: &str) -> Option<(&str, &str)> {
    let arguments = query
        .strip_prefix("label_values(")
        .and_then(|rest| rest.strip_suffix(')'));
    let (metric, label) = arguments?.rsplit_once(',')?;
    Some((metric, label.trim()))
}

/// The list at `pointer`; none is an empty one.
pub(super) fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// The text at `pointer`; none is an empty one.
pub(super) fn text(value: &Value, pointer: &str) -> String {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}
