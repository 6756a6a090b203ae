//! The capacity on the terminal.

use super::finding::{Capacity, Step};
use super::load::Footprint;
use crate::report::Table;
use crate::wording::{mebibytes, per_second, percent, ratio_or_dash, time_or_dash};
use std::fmt::Write;
use std::path::Path;

/// The whole finding, and where its files are.
#[must_use]
pub fn render(capacity: &Capacity, out: &Path) -> String {
    let mut text = String::from("\n");
    text.push_str(&steps(capacity).render());
    text.push('\n');
    // Writing to a string cannot fail.
    if let Some(saturation) = &capacity.saturation {
        let _ = writeln!(text, "limit      {}", saturation.sentence);
    }
    let _ = writeln!(text, "footprint  {}", footprint(capacity));
    let _ = writeln!(text, "reports in {}", out.display());
    let _ = writeln!(text, "\n{}  {}", capacity.verdict, capacity.sentence);
    text
}

/// The steps in the order of their rates: the knee, from top to bottom.
pub(super) fn by_rate(capacity: &Capacity) -> Vec<&Step> {
    let mut steps: Vec<_> = capacity.steps.iter().collect();
    steps.sort_by(|one, other| one.rate.total_cmp(&other.rate));
    steps
}

fn steps(capacity: &Capacity) -> Table {
    let mut table = Table::new([
        "offered", "achieved", "p50", "p99", "errors", "rounds", "budgets",
    ]);
    for step in by_rate(capacity) {
        table.row([
            per_second(step.rate),
            per_second(step.achieved),
            time_or_dash(step.p50_ms),
            time_or_dash(step.p99_ms),
            percent(step.error_share),
            step.rounds.to_string(),
            verdict(step),
        ]);
    }
    table
}

/// What became of a step, in words.
pub(super) fn verdict(step: &Step) -> String {
    let outcome = step
        .outcome
        .map_or(String::new(), |outcome| outcome.to_string());
    format!("{outcome}{}", if step.again { ", again" } else { "" })
}

/// What a request costs, in words.
pub(super) fn footprint(capacity: &Capacity) -> String {
    let Some(holds) = capacity.holds else {
        return "not known: no rate holds".to_owned();
    };
    let Some(Footprint {
        memory_bytes,
        cpu_ms_per_request,
        queries_per_request,
    }) = &capacity.footprint
    else {
        return "not known: the target's metrics were not read".to_owned();
    };
    let memory = memory_bytes.map_or("-".to_owned(), mebibytes);
    let cpu = cpu_ms_per_request.map_or("-".to_owned(), |ms| format!("{:.0} us", ms * 1_000.0));
    format!(
        "at {}: {memory} of memory; per request {cpu} of processor time, {} queries",
        per_second(holds),
        ratio_or_dash(*queries_per_request)
    )
}
