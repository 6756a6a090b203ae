//! The report on a terminal: tables, then what stands against a pass, then one last line with the
//! verdict. It is written in colours; who shows it where there are none takes them out.

mod sections;
mod table;

pub(in crate::report) use sections::{generator_figures, target_figures, trust};
pub use table::{Cell, Table};

use super::Report;
use crate::judge::Verdict;
use crate::why::{render_briefly, why};
use anstyle::{AnsiColor, Style};
use std::fmt::Write;
use std::path::Path;

/// How many reasons the last line has room for.
const REASONS: usize = 3;

/// The whole report; `folder` is where the other ones are, if they have been written.
#[must_use]
pub fn render(report: &Report, folder: Option<&Path>) -> String {
    let mut text = sections::heading(report);
    for table in sections::all(report) {
        if !table.is_empty() {
            text.push('\n');
            text.push_str(&table);
        }
    }
    let explanations = why(&report.evidence, &report.measured, &report.judgement);
    if !explanations.is_empty() {
        text.push('\n');
        text.push_str(&render_briefly(&explanations));
    }
    text.push_str(&reasons(report));
    if let Some(folder) = folder {
        let page = folder.join("report.html");
        // Writing to a string cannot fail.
        let _ = writeln!(text, "report: {}", page.display());
    }
    text.push_str(&verdict(report));
    text
}

/// The last line: the verdict and its reasons.
#[must_use]
pub fn verdict(report: &Report) -> String {
    let (verdict, sentence) = (report.verdict(), report.sentence());
    let style = style(verdict);
    let against = report.against();
    let named = against.iter().take(REASONS).map(ToString::to_string);
    let mut reasons = named.collect::<Vec<_>>();
    if against.len() > REASONS {
        reasons.push(format!("and {} more", against.len() - REASONS));
    }
    if reasons.is_empty() {
        return format!("{style}{verdict}{style:#}: {sentence}\n");
    }
    format!(
        "{style}{verdict}{style:#}: {sentence}: {}\n",
        reasons.join("; ")
    )
}

/// A text without its colours.
#[must_use]
pub fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

fn reasons(report: &Report) -> String {
    let mut text = String::new();
    for finding in report.against() {
        let verdict = report.standing(finding);
        let style = style(verdict);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{style}{verdict:<12}{style:#}  {finding}");
    }
    if text.is_empty() {
        return "\n".to_owned();
    }
    format!("\n{text}\n")
}

fn style(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Pass => AnsiColor::Green.on_default().bold(),
        Verdict::Inconclusive => AnsiColor::Yellow.on_default().bold(),
        Verdict::Fail => AnsiColor::Red.on_default().bold(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::Finding;
    use crate::report::tests::golden;

    fn last_line(verdict: Verdict, reasons: &[(&str, &str)]) -> String {
        let mut report = golden();
        report.judgement.verdict = verdict;
        let finding = |(subject, message): &(&str, &str)| {
            Finding::new(Verdict::Fail, *subject, "p99 <= 100 ms", *message)
        };
        report.judgement.findings = reasons.iter().map(finding).collect();
        plain(render(&report, None).lines().last().unwrap())
    }

    #[test]
    fn the_last_line_has_the_verdict_and_its_reasons() {
        let line = last_line(
            Verdict::Fail,
            &[("GET /a", "too slow"), ("b.list", "too late")],
        );
        let end = ": 2 of 2 promises broken, 0 undecided: GET /a: too slow; b.list: too late";
        assert!(line.starts_with("FAIL: ") && line.ends_with(end), "{line}");
        let line = last_line(Verdict::Pass, &[]);
        assert!(line.ends_with(" requests, every budget kept"), "{line}");
    }

    #[test]
    fn many_reasons_are_counted_in_the_last_line_and_named_above_it() {
        let names: Vec<_> = (0..9).map(|number| format!("GET /{number}")).collect();
        let reasons: Vec<_> = names.iter().map(|name| (name.as_str(), "late")).collect();
        let line = last_line(Verdict::Fail, &reasons);
        assert!(line.ends_with("GET /2: late; and 6 more"), "{line}");
    }

    #[test]
    fn no_line_is_wider_than_a_wide_terminal() {
        let text = plain(&render(&golden(), None));
        let tables = text.split("\nFAIL").next().unwrap();
        for line in tables.lines() {
            assert!(line.chars().count() <= 120, "{line}");
        }
    }
}
