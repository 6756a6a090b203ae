//! Values that a scenario takes from a list or from a CSV file.

use crate::visitor::Visitor;
use serde::Deserialize;
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Which row a pass through a scenario gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Pick {
    /// Each as likely.
    #[default]
    Random,
    /// The earlier the likelier, by Zipf's law.
    Zipf,
    /// One after the other, and from the beginning again.
    InTurn,
}

/// Rows of values; a list is a table whose column has no name.
#[derive(Clone, Debug)]
pub(super) struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
    pick: Pick,
    next: Arc<AtomicUsize>,
}

impl Table {
    /// A list of single values.
    pub(super) fn list(values: Vec<Value>, pick: Pick) -> Result<Self, String> {
        let rows = values.into_iter().map(|value| vec![value]).collect();
        Self::new(vec![String::new()], rows, pick)
    }

    /// A CSV file whose first line names the columns.
    pub(super) fn read(file: &Path, pick: Pick) -> Result<Self, String> {
        let wrong = |error: csv::Error| format!("{}: {error}", file.display());
        let mut reader = csv::Reader::from_path(file).map_err(wrong)?;
        let columns = reader.headers().map_err(wrong)?;
        let columns = columns.iter().map(|name| name.trim().to_owned()).collect();
        let row = |row: csv::StringRecord| row.iter().map(Value::from).collect();
        let rows = reader.records().map(|read| read.map(row));
        Self::new(
            columns,
            rows.collect::<Result<_, _>>().map_err(wrong)?,
            pick,
        )
    }

    fn new(columns: Vec<String>, rows: Vec<Vec<Value>>, pick: Pick) -> Result<Self, String> {
        if rows.is_empty() {
            return Err("there is nothing in it to take".to_owned());
        }
        let next = Arc::default();
        Ok(Self {
            columns,
            rows,
            pick,
            next,
        })
    }

    /// The place of a column; a list's has no name.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    /// The columns' names.
    pub(super) fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The place of the row that a pass gets.
    pub(super) fn draw(&self, visitor: &mut Visitor) -> usize {
        let count = self.rows.len();
        match self.pick {
            Pick::Random => visitor.below(count),
            Pick::Zipf => visitor.small_number(count) - 1,
            Pick::InTurn => self.next.fetch_add(1, Ordering::Relaxed) % count,
        }
    }

    /// A value.
    pub(super) fn value(&self, row: usize, column: usize) -> Option<&Value> {
        self.rows.get(row)?.get(column)
    }
}
