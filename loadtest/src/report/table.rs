//! A table as plain text: names to the left, figures to the right.
//!
//! The first column has names and the last one words, so both begin at their left edge.

use std::fmt::Write;

/// Rows of cells under a line of headings.
#[derive(Clone, Debug, Default)]
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these headings.
    #[must_use]
    pub fn new<const N: usize>(headings: [&str; N]) -> Self {
        Self {
            rows: vec![headings.map(str::to_owned).to_vec()],
        }
    }

    /// Adds a row.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(Vec::from(cells));
    }

    /// Every column as wide as its widest cell; nothing at all when there are only headings.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = String::new();
        if self.rows.len() < 2 {
            return text;
        }
        for row in &self.rows {
            for (column, cell) in row.iter().enumerate() {
                let width = self.width(column);
                // Writing to a string cannot fail.
                let _ = match column {
                    0 => write!(text, "{cell:<width$}"),
                    last if last + 1 == row.len() => write!(text, "  {cell}"),
                    _ => write!(text, "  {cell:>width$}"),
                };
            }
            text.truncate(text.trim_end().len());
            text.push('\n');
        }
        text
    }

    fn width(&self, column: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn names_stand_to_the_left_and_figures_to_the_right() {
        let mut table = Table::new(["route", "p99", "verdict"]);
        table.row(["GET /", "1.25 ms", "PASS"].map(str::to_owned));
        table.row(["DELETE /", "9 ms", "FAIL"].map(str::to_owned));
        let text = "\
route         p99  verdict
GET /     1.25 ms  PASS
DELETE /     9 ms  FAIL
";
        assert_eq!(table.render(), text);
    }

    #[test]
    fn headings_alone_are_no_table() {
        assert_eq!(Table::new(["route", "p99"]).render(), "");
    }
}
