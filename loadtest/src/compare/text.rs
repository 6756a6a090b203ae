//! A comparison on the terminal.

use super::comparison::{Comparison, SideShown};
use super::verdict::{change, changes};
use crate::report::Table;
use crate::wording::{count, time};
use std::fmt::Write;
use std::path::Path;

/// Routes are only shown where there are several.
const SEVERAL: usize = 2;

/// The whole comparison, and where its files are.
#[must_use]
pub fn render(comparison: &Comparison, out: &Path) -> String {
    let mut text = String::from("\n");
    // Writing to a string cannot fail.
    if let Some(failures) = comparison.failures() {
        let _ = writeln!(text, "{failures}");
        for (name, side) in [("A", &comparison.a), ("B", &comparison.b)] {
            text.push_str(&messages(name, side));
        }
        text.push('\n');
    }
    text.push_str(&measures(comparison).render());
    if comparison.routes.len() >= SEVERAL {
        text.push('\n');
        text.push_str(&routes(comparison).render());
    }
    let _ = writeln!(text, "\nA  {}\nB  {}", comparison.a.what, comparison.b.what);
    let plan = &comparison.plan;
    let left_out = comparison
        .pairs
        .iter()
        .filter(|pair| !pair.counts())
        .count();
    let _ = writeln!(
        text,
        "{} pairs of {} s in random order, {left_out} left out; {}; seed {}",
        comparison.counted().count(),
        plan.round_seconds,
        plan.load,
        plan.seed
    );
    let _ = writeln!(text, "reports in {}", out.display());
    let _ = writeln!(text, "\n{}  {}", comparison.verdict, comparison.sentence);
    text
}

fn measures(comparison: &Comparison) -> Table {
    let mut table = Table::new([
        "",
        "A",
        "B",
        "B to A",
        "95% interval",
        "p (Holm)",
        "verdict",
    ]);
    for compared in &comparison.measures {
        let measure = compared.measure;
        table.row([
            measure.name().to_owned(),
            measure.show(compared.a),
            measure.show(compared.b),
            change(compared.ratio),
            compared.interval.map_or("-".to_owned(), changes),
            compared
                .adjusted
                .map_or("-".to_owned(), |p| format!("{p:.4}")),
            compared.difference.words().to_owned(),
        ]);
    }
    table
}

fn routes(comparison: &Comparison) -> Table {
    let mut table = Table::new([
        "p50 by route, shown only",
        "A",
        "B",
        "B to A",
        "95% interval",
    ]);
    for route in &comparison.routes {
        table.row([
            route.route.clone(),
            time(route.a_ms),
            time(route.b_ms),
            change(route.ratio),
            route.interval.map_or("-".to_owned(), changes),
        ]);
    }
    table
}

fn messages(name: &str, side: &SideShown) -> String {
    let mut text = String::new();
    for (message, times) in &side.messages {
        let _ = writeln!(text, "  {name}: {} × {message}", count(*times));
    }
    text
}
