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
}

/// Where on a board something stands, with the name that its reader sees.
#[derive(Debug, PartialEq, Eq)]
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
        for target in list(panel, "/targets") {
            queries.push(Query {
                place: Place::Panel(text(panel, "/title")),
                expression: text(target, "/expr"),
            });
        }
    }
    for annotation in list(board, "/annotations/list") {
        queries.push(Query {
            place: Place::Annotation(text(annotation, "/name")),
            expression: text(annotation, "/target/expr"),
        });
    }
    for variable in list(board, "/templating/list")
        .iter()
        .filter(|variable| text(variable, "/type") == "query")
    {
        queries.push(Query {
            place: Place::Variable(text(variable, "/name")),
            expression: label_values(&text(variable, "/query")),
        });
    }
    queries
}

/// Grafana's `label_values(metric, label)` as the PromQL that reads the same names.
fn label_values(query: &str) -> String {
    let arguments = query
        .strip_prefix("label_values(")
        .and_then(|rest| rest.strip_suffix(')'));
    match arguments.and_then(|arguments| arguments.rsplit_once(',')) {
        Some((metric, label)) => format!("group by ({}) ({metric})", label.trim()),
        None => query.to_owned(),
    }
}

/// The list at `pointer`; none is an empty one.
pub(crate) fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// The text at `pointer`; none is an empty one.
pub(crate) fn text(value: &Value, pointer: &str) -> String {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}
