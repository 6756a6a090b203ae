//! Texts with placeholders: taken apart once, when the file is read, and filled for each request.

use super::data::Table;
use super::values::Values;
use crate::visitor::Visitor;
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;

/// A text with placeholders.
#[derive(Clone)]
pub(super) struct Template {
    /// As it is written: what is shown of it, so that no secret is.
    written: String,
    parts: Vec<Part>,
}

#[derive(Clone)]
enum Part {
    Literal(String),
    Filled(Source),
}

/// What takes the place of a placeholder.
#[derive(Clone)]
enum Source {
    /// A value which an earlier step set or captured.
    Kept(usize),
    /// A column of a table.
    Column {
        table: usize,
        column: usize,
    },
    Uniform(u64, u64),
    Zipf(u64, u64),
    Choice(Vec<String>),
    Unique,
    Uuid,
}

/// The names that placeholders may use at some place of the file.
pub(super) struct Scope<'a> {
    /// Names of the values that steps keep; their place is that in [`Values`].
    pub(super) kept: &'a [String],
    /// Names that only later steps will have kept.
    pub(super) later: &'a [String],
    /// Tables by name.
    pub(super) tables: &'a [(String, Table)],
    /// The places of the tables that are used.
    pub(super) used: &'a RefCell<BTreeSet<usize>>,
    /// The environment.
    pub(super) environment: &'a dyn Fn(&str) -> Option<String>,
}

/// A piece of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    Literal(String),
    Placeholder(&'t str),
}

impl Template {
    /// Takes a text apart.
    ///
    /// # Errors
    /// When a placeholder is unknown, or a brace stands alone.
    pub(super) fn parse(text: &str, scope: &Scope<'_>) -> Result<Self, String> {
        let part = |piece| match piece {
            Piece::Literal(text) => Ok(Part::Literal(text)),
            Piece::Placeholder(inside) => scope.part(inside),
        };
        let parts = pieces(text)?.into_iter().map(part);
        Ok(Self {
            parts: parts.collect::<Result<_, _>>()?,
            written: text.to_owned(),
        })
    }

    /// A text without placeholders.
    pub(super) fn literal(text: &str) -> Self {
        Self {
            written: text.to_owned(),
            parts: vec![Part::Literal(text.to_owned())],
        }
    }

    /// Whether it is one placeholder and nothing else.
    pub(super) fn is_single(&self) -> bool {
        matches!(self.parts.as_slice(), [Part::Filled(_)])
    }

    /// The text, if it is always the same.
    pub(super) fn fixed(&self) -> Option<String> {
        let parts = self.parts.iter().map(|part| match part {
            Part::Literal(text) => Some(text.as_str()),
            Part::Filled(_) => None,
        });
        parts.collect()
    }

    /// Whether it is another one each time, for the same values.
    pub(super) fn is_drawn(&self) -> bool {
        let drawn = |part: &Part| match part {
            Part::Literal(_) => false,
            Part::Filled(source) => !matches!(source, Source::Kept(_) | Source::Column { .. }),
        };
        self.parts.iter().any(drawn)
    }

    /// The text for a request.
    pub(super) fn text(&self, values: &Values<'_>, visitor: &mut Visitor) -> String {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Filled(source) => match source.value(values, visitor) {
                    Value::String(value) => text.push_str(&value),
                    value => text.push_str(&value.to_string()),
                },
            }
        }
        text
    }

    /// The value for a request: a placeholder alone keeps its type.
    pub(super) fn value(&self, values: &Values<'_>, visitor: &mut Visitor) -> Value {
        match self.parts.as_slice() {
            [Part::Filled(source)] => source.value(values, visitor),
            _ => self.text(values, visitor).into(),
        }
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.written.fmt(formatter)
    }
}

impl Source {
    fn value(&self, values: &Values<'_>, visitor: &mut Visitor) -> Value {
        match self {
            Self::Kept(place) => values.kept(*place).clone(),
            Self::Column { table, column } => values.of_table(*table, *column).clone(),
            Self::Uniform(from, to) => visitor.between(*from, *to).into(),
            Self::Zipf(from, to) => {
                let most = usize::try_from(to - from).unwrap_or(usize::MAX);
                let rank = visitor.small_number(most.saturating_add(1)) - 1;
                (from + u64::try_from(rank).unwrap_or(0)).into()
            }
            Self::Choice(things) => {
                let place = visitor.below(things.len());
                things.get(place).cloned().unwrap_or_default().into()
            }
            Self::Unique => visitor.unique().into(),
            Self::Uuid => visitor.uuid().into(),
        }
    }
}

impl Scope<'_> {
    fn part(&self, inside: &str) -> Result<Part, String> {
        let source = match inside.split_once(':') {
            Some(("random", range)) => {
                let (from, to) = bounds(inside, range)?;
                Source::Uniform(from, to)
            }
            Some(("zipf", range)) => {
                let (from, to) = bounds(inside, range)?;
                Source::Zipf(from, to)
            }
            Some(("choice", things)) => {
                Source::Choice(things.split('|').map(str::to_owned).collect())
            }
            Some(("env", name)) => {
                let value = (self.environment)(name);
                let missing = || format!("the environment has no variable {name}: set it");
                return value.map(Part::Literal).ok_or_else(missing);
            }
            Some(_) => return Err(unknown(inside)),
            None => self.named(inside)?,
        };
        Ok(Part::Filled(source))
    }

    fn named(&self, name: &str) -> Result<Source, String> {
        if name == "unique" {
            return Ok(Source::Unique);
        }
        if name == "uuid" {
            return Ok(Source::Uuid);
        }
        if let Some(place) = self.kept.iter().position(|kept| kept == name) {
            return Ok(Source::Kept(place));
        }
        let (table, column) = name.split_once('.').unwrap_or((name, ""));
        let place = self.tables.iter().position(|(known, _)| known == table);
        if let Some(place) = place
            && let Some((_, found)) = self.tables.get(place)
        {
            let lacks = || match found.columns() {
                [list] if list.is_empty() => format!("[data.{table}] is a list: use {{{table}}}"),
                columns => {
                    let columns = columns.join(", ");
                    format!("[data.{table}] has the columns {columns}: use {{{table}.…}}")
                }
            };
            let column = found.column(column).ok_or_else(lacks)?;
            self.used.borrow_mut().insert(place);
            return Ok(Source::Column {
                table: place,
                column,
            });
        }
        if self.later.iter().any(|later| later == name) {
            return Err(format!("{{{name}}} is used before a step has captured it"));
        }
        Err(unknown(name))
    }
}

fn unknown(inside: &str) -> String {
    format!(
        "there is no value {{{inside}}}: capture it in an earlier step, or name it under [data]; \
         a brace that is meant as one is doubled"
    )
}

/// The two ends of `1..1000`, both included.
fn bounds(inside: &str, range: &str) -> Result<(u64, u64), String> {
    let ends = range.split_once("..");
    let ends = ends.and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
    match ends {
        Some((from, to)) if from <= to => Ok((from, to)),
        _ => Err(format!(
            "{{{inside}}} needs two whole numbers, the smaller one first, as {{random:1..1000}}"
        )),
    }
}

/// Takes a text apart at its braces. `{{` and `}}` are a brace each.
pub(super) fn pieces(text: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(place) = rest.find(['{', '}']) {
        let (before, braces) = rest.split_at(place);
        literal.push_str(before);
        if let Some(after) = braces.strip_prefix("{{") {
            literal.push('{');
            rest = after;
        } else if let Some(after) = braces.strip_prefix("}}") {
            literal.push('}');
            rest = after;
        } else if let Some((inside, after)) = placeholder(braces) {
            if !literal.is_empty() {
                pieces.push(Piece::Literal(std::mem::take(&mut literal)));
            }
            pieces.push(Piece::Placeholder(inside));
            rest = after;
        } else {
            return Err("a brace without its counterpart; one that is meant is doubled".to_owned());
        }
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        pieces.push(Piece::Literal(literal));
    }
    Ok(pieces)
}

fn placeholder(text: &str) -> Option<(&str, &str)> {
    let (inside, after) = text.strip_prefix('{')?.split_once('}')?;
    (!inside.contains('{')).then_some((inside, after))
}
