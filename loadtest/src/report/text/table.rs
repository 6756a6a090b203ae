//! A table as plain text: names to the left, figures to the right.
//!
//! The first column has names and the last one words, so both begin at their left edge.

use anstyle::Style;
use std::fmt::Write;

/// Rows of cells under a line of headings.
#[derive(Clone, Debug, Default)]
pub struct Table {
    rows: Vec<Vec<Cell>>,
}

/// A text in a style; the style takes no room.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    /// A text in a style.
    #[must_use]
    pub fn new(text: impl Into<String>, style: Style) -> Self {
        let text = text.into();
        Self { text, style }
    }

    /// Padded to the left or to the right.
    fn render(&self, width: usize, left: bool, styled: bool) -> String {
        let text = &self.text;
        let style = if styled { self.style } else { Style::new() };
        let padding = " ".repeat(width.saturating_sub(text.chars().count()));
        if left {
            format!("{style}{text}{style:#}{padding}")
        } else {
            format!("{padding}{style}{text}{style:#}")
        }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::new(text, Style::new())
    }
}

impl Table {
    /// A table with these headings.
    #[must_use]
    pub fn new<const N: usize>(headings: [&str; N]) -> Self {
        let heading = |text| Cell::new(text, Style::new().bold());
        Self {
            rows: vec![headings.map(heading).into()],
        }
    }

    /// Adds a row.
    pub fn row<const N: usize>(&mut self, cells: [impl Into<Cell>; N]) {
        self.rows.push(cells.map(Into::into).into());
    }

    /// Every column as wide as its widest cell; nothing at all when there are only headings.
    #[must_use]
    pub fn render(&self) -> String {
        self.lines(false)
    }

    /// The same in the styles of its cells, as escape sequences of a terminal.
    #[must_use]
    pub fn styled(&self) -> String {
        self.lines(true)
    }

    fn lines(&self, styled: bool) -> String {
        let mut text = String::new();
        if self.rows.len() < 2 {
            return text;
        }
        for row in &self.rows {
            let mut line = String::new();
            let filled = row.iter().rposition(|cell| !cell.text.is_empty());
            let filled = filled.map_or(0, |last| last + 1);
            for (column, cell) in row.iter().enumerate().take(filled) {
                let last = column + 1 == filled && (column == 0 || filled == row.len());
                let width = if last { 0 } else { self.width(column) };
                let gap = if column == 0 { "" } else { "  " };
                // Writing to a string cannot fail.
                let _ = write!(
                    line,
                    "{gap}{}",
                    cell.render(width, column == 0 || last, styled)
                );
            }
            text.push_str(&line);
            text.push('\n');
        }
        text
    }

    fn width(&self, column: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(column));
        let widths = cells.map(|cell| cell.text.chars().count());
        widths.max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anstyle::AnsiColor;

    #[test]
    fn names_stand_to_the_left_and_figures_to_the_right() {
        let mut table = Table::new(["route", "p99", "verdict"]);
        table.row(["GET /", "1.25 ms", "PASS"].map(str::to_owned));
        let failed = AnsiColor::Red.on_default();
        table.row([
            Cell::from("DELETE /".to_owned()),
            Cell::new("9 ms", failed),
            Cell::new("FAIL", failed),
        ]);
        let text = "\
route         p99  verdict
GET /     1.25 ms  PASS
DELETE /     9 ms  FAIL
";
        assert_eq!(table.render(), text);
        assert!(table.styled().contains("  \u{1b}[31m9 ms\u{1b}[0m  "));
    }

    #[test]
    fn no_line_ends_in_blanks() {
        let mut table = Table::new(["TARGET", ""]);
        table.row(["memory", "93 MiB"].map(str::to_owned));
        table.row(["p99", "-"].map(str::to_owned));
        let text = "TARGET\nmemory  93 MiB\np99     -\n";
        assert_eq!(table.render(), text);
    }

    #[test]
    fn headings_alone_are_no_table() {
        assert_eq!(Table::new(["route", "p99"]).render(), "");
    }
}
