//! `summary.md`: the verdict for the summary of a CI job. What is long is folded away.

use super::Report;
use super::promises::share;
use super::text::{generator_figures, target_figures, trust};
use crate::judge::Verdict;
use crate::wording::{count, per_second, ratio_or_dash, time, time_or_dash};
use std::fmt::Write;

/// The whole summary.
#[must_use]
pub fn render(report: &Report) -> String {
    [
        header(report),
        reasons(report),
        routes(report),
        generator(report),
        queries(report),
        target(report),
        command(report),
    ]
    .concat()
}

fn header(report: &Report) -> String {
    let plan = &report.evidence.plan;
    let mut about = vec![format!("profile {}", plan.profile), plan.target.clone()];
    about.extend(plan.rate.clone());
    let (rounds, seconds) = (report.evidence.rounds.len(), plan.round_seconds);
    about.push(format!("{rounds} rounds of {seconds} s"));
    about.push(report.evidence.started.clone());
    format!(
        "## Load test: {}\n\n{}.\n\n{}\n\n",
        report.verdict(),
        escape(&report.sentence()),
        escape(&about.join(" · "))
    )
}

fn reasons(report: &Report) -> String {
    let line = |finding: &&crate::judge::Finding| {
        let (verdict, finding) = (report.standing(finding), escape(&finding.to_string()));
        format!("- **{verdict}** {finding}\n")
    };
    let lines: String = report.against().iter().map(line).collect();
    if lines.is_empty() {
        lines
    } else {
        lines + "\n"
    }
}

fn routes(report: &Report) -> String {
    let mut text = String::from(
        "| route | n | rate | p50 | p99 | interval | budget | over budget | verdict |\n\
         |:--|--:|--:|--:|--:|--:|--:|--:|:--|\n",
    );
    for route in &report.measured.routes {
        let promise = route.main_promise();
        let over = report.main_finding(route).map(share);
        row(
            &mut text,
            &[
                route.route.clone(),
                count(route.requests),
                per_second(route.rate),
                time_or_dash(route.p50_ms),
                time_or_dash(route.p99_ms),
                report.p99_interval(route),
                promise.map_or_else(String::new, |promise| time(promise.budget_ms)),
                over.unwrap_or_default(),
                verdict(report.verdict_of(&route.route)),
            ],
        );
    }
    text + "\n"
}

fn queries(report: &Report) -> String {
    if report.measured.queries.is_empty() {
        return String::new();
    }
    let mut text = String::from(
        "| query | calls | per request | p99 | budget | over budget | verdict |\n\
         |:--|--:|--:|--:|--:|--:|:--|\n",
    );
    for query in &report.measured.queries {
        row(
            &mut text,
            &[
                query.query.clone(),
                count(query.calls),
                ratio_or_dash(query.per_request),
                time_or_dash(query.p99_ms),
                time(query.budget_ms),
                count(query.over_budget),
                verdict(report.verdict_of(&query.query)),
            ],
        );
    }
    folded("Queries", &text)
}

fn generator(report: &Report) -> String {
    let figures = &report.measured.generator;
    let figures = generator_figures(figures)
        .into_iter()
        .map(|(what, figure)| format!("{what} {figure}"));
    let (trusted, _) = trust(&report.measured.generator);
    let figures = figures.collect::<Vec<_>>().join(" · ");
    format!(
        "Generator: **{}** · {}\n\n",
        escape(&trusted),
        escape(&figures)
    )
}

fn target(report: &Report) -> String {
    let mut text = String::from("| target | |\n|:--|:--|\n");
    let figures = target_figures(report);
    if figures.is_empty() {
        return String::new();
    }
    for (what, figure) in figures {
        row(&mut text, &[what, figure]);
    }
    folded("Target", &text)
}

fn command(report: &Report) -> String {
    let command = report.evidence.command.replace(['\r', '\n'], " ");
    // Indented by four it is code, whatever is in it.
    format!("    {command}\n")
}

fn folded(title: &str, text: &str) -> String {
    format!("<details><summary>{title}</summary>\n\n{text}\n</details>\n\n")
}

fn row(text: &mut String, cells: &[String]) {
    for cell in cells {
        // Writing to a string cannot fail.
        let _ = write!(text, "| {} ", escape(cell));
    }
    text.push_str("|\n");
}

fn verdict(verdict: Option<Verdict>) -> String {
    verdict.map_or_else(String::new, |verdict| verdict.to_string())
}

/// A text that stays a text: no markup, no cell of a table, no line ends in it.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' => {
                escaped.extend(['\\', character]);
            }
            '\r' | '\n' => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escape;
    use crate::judge::{Finding, Verdict};
    use crate::report::tests::golden;

    #[test]
    fn markup_in_a_name_or_a_message_stays_text() {
        let evil = "<script>alert(1)</script>\n| x | [a](javascript:b) *c* `d`";
        let mut report = golden();
        report.measured.routes[0].route = evil.to_owned();
        report.judgement.verdict = Verdict::Fail;
        report.judgement.findings = vec![Finding::new(Verdict::Fail, evil, "p99", evil)];
        let text = super::render(&report);
        assert!(!text.contains("<script"), "{text}");
        assert!(!text.contains("[a]("), "{text}");
        assert_eq!(escape("a|b\n# c"), "a\\|b \\# c");
    }

    #[test]
    fn every_row_of_a_table_has_as_many_cells_as_its_heading() {
        let text = super::render(&golden());
        let mut width = 0;
        for line in text.lines() {
            let cells = line.matches('|').count() - line.matches("\\|").count();
            if line.starts_with("| ") && width == 0 {
                width = cells;
            }
            assert!(!line.starts_with('|') || cells == width, "{line}");
            if !line.starts_with('|') {
                width = 0;
            }
        }
    }
}
