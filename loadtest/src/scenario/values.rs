//! What one pass through a scenario knows: the values that its steps keep, and its rows of the tables.

use super::data::Table;
use crate::visitor::Visitor;
use serde_json::Value;
use std::collections::BTreeSet;

/// The values of one pass.
#[derive(Debug)]
pub(super) struct Values<'a> {
    tables: &'a [(String, Table)],
    rows: Vec<usize>,
    kept: Vec<Value>,
}

impl<'a> Values<'a> {
    /// The values at the begin of a pass: a row of every table that it uses, and room for what its
    /// steps keep.
    pub(super) fn begin(
        tables: &'a [(String, Table)],
        used: &BTreeSet<usize>,
        kept: usize,
        visitor: &mut Visitor,
    ) -> Self {
        let tables_at = tables.iter().enumerate();
        let rows = tables_at.map(|(place, (_, table))| {
            if used.contains(&place) {
                table.draw(visitor)
            } else {
                0
            }
        });
        Self {
            rows: rows.collect(),
            kept: vec![Value::Null; kept],
            tables,
        }
    }

    /// Keeps a value.
    pub(super) fn keep(&mut self, place: usize, value: Value) {
        if let Some(kept) = self.kept.get_mut(place) {
            *kept = value;
        }
    }

    /// A value that was kept.
    pub(super) fn kept(&self, place: usize) -> &Value {
        self.kept.get(place).unwrap_or(&Value::Null)
    }

    /// A value of this pass' row of a table.
    pub(super) fn of_table(&self, table: usize, column: usize) -> &Value {
        let found = self.tables.get(table).zip(self.rows.get(table));
        let value = found.and_then(|((_, table), row)| table.value(*row, column));
        value.unwrap_or(&Value::Null)
    }
}
