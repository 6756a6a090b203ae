//! The report on a terminal: four tables, and one last line with the verdict.

use super::{Report, Table};
use crate::incidents::INCIDENTS;
use crate::judge::Verdict;
use crate::wording::{count, mebibytes, per_second, percent, ratio_or_dash, time, time_or_dash};
use std::fmt::Write;
use std::path::Path;

/// The whole report; `folder` is where the other ones are.
#[must_use]
pub fn render(report: &Report, folder: &Path) -> String {
    let tables = [
        routes(report),
        queries(report),
        phases(report),
        rest(report),
    ];
    let mut text = String::new();
    for table in tables.iter().filter(|table| !table.is_empty()) {
        text.push('\n');
        text.push_str(table);
    }
    // Writing to a string cannot fail.
    let _ = writeln!(text, "\nreport: {}", folder.join("report.html").display());
    text.push_str(&verdict(report));
    text
}

/// The last line: the verdict and every reason.
#[must_use]
pub fn verdict(report: &Report) -> String {
    let requests = count(report.measured.requests());
    let reasons: Vec<_> = report.reasons.iter().map(ToString::to_string).collect();
    match report.verdict {
        Verdict::Pass => format!("PASS: {requests} requests, every budget kept\n"),
        verdict => format!("{verdict}: {}\n", reasons.join("; ")),
    }
}

fn routes(report: &Report) -> String {
    let mut table = Table::new([
        "ROUTE",
        "count",
        "rate",
        "p50",
        "p95",
        "p99",
        "max",
        "server p99",
        "within budget",
        "errors",
        "verdict",
    ]);
    for route in &report.measured.routes {
        table.row([
            route.route.clone(),
            count(route.requests),
            per_second(route.rate),
            time_or_dash(route.p50_ms),
            time_or_dash(route.p95_ms),
            time_or_dash(route.p99_ms),
            time_or_dash(route.max_ms),
            time_or_dash(route.server_p99_ms),
            format!(
                "{} <= {}",
                percent(route.share_within()),
                time(route.budget_ms)
            ),
            count(route.errors),
            report.verdict_of(&route.route).to_string(),
        ]);
    }
    table.render() + &errors(report)
}

fn errors(report: &Report) -> String {
    let mut text = String::new();
    for route in &report.measured.routes {
        for (message, times) in &route.messages {
            let _ = writeln!(text, "  ! {}: {message} ({})", route.route, count(*times));
        }
    }
    text
}

fn queries(report: &Report) -> String {
    let mut table = Table::new([
        "QUERY",
        "calls",
        "per request",
        "p99",
        "over budget",
        "within budget",
        "verdict",
    ]);
    for query in &report.measured.queries {
        table.row([
            query.query.clone(),
            count(query.calls),
            ratio_or_dash(query.per_request),
            time_or_dash(query.p99_ms),
            count(query.over_budget),
            format!(
                "{} <= {}",
                percent(query.share_within()),
                time(query.budget_ms)
            ),
            report.verdict_of(&query.query).to_string(),
        ]);
    }
    table.render()
}

fn phases(report: &Report) -> String {
    let mut table = Table::new(["WHERE THE TIME WENT", "share", "per request"]);
    for phase in &report.measured.phases {
        table.row([
            phase.phase.clone(),
            percent(phase.share),
            format!("{:.3} ms", phase.ms_per_request),
        ]);
    }
    table.render()
}

fn rest(report: &Report) -> String {
    let mut table = Table::new(["TARGET", ""]);
    for cache in &report.measured.caches {
        let ratio = percent(cache.hit_ratio());
        let gets = count(cache.gets());
        table.row([
            format!("cache {}", cache.cache),
            format!("{ratio} hits of {gets}"),
        ]);
    }
    if let Some(server) = &report.measured.server {
        let dash = || "-".to_owned();
        let cpu = |cores| format!("{cores:.2} cores");
        let figures = [
            ("memory", server.memory_bytes.map_or_else(dash, mebibytes)),
            ("processor", server.cpu_cores.map_or_else(dash, cpu)),
        ];
        for (what, figure) in figures {
            table.row([what.to_owned(), figure]);
        }
        for incident in &INCIDENTS {
            let figure = server.count(incident).map_or_else(dash, count);
            table.row([incident.title.to_owned(), figure]);
        }
    }
    table.render()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::Reason;
    use crate::measurements::Measurements;
    use crate::settings::SettingsShown;

    fn report(verdict: Verdict, reasons: Vec<Reason>) -> Report {
        Report {
            schema: 1,
            verdict,
            reasons,
            started: "2024-01-01T00:00:00Z".to_owned(),
            command: "loadtest run".to_owned(),
            settings: SettingsShown::default(),
            budgets: String::new(),
            measured: Measurements::default(),
        }
    }

    #[test]
    fn the_last_line_names_every_reason() {
        let reason = |subject: &str, message: &str| Reason {
            verdict: Verdict::Fail,
            subject: subject.to_owned(),
            message: message.to_owned(),
        };
        let reasons = vec![reason("GET /a", "too slow"), reason("b.list", "too late")];
        let text = render(&report(Verdict::Fail, reasons), Path::new("out"));
        let last = text.lines().last().unwrap();
        assert_eq!(last, "FAIL: GET /a: too slow; b.list: too late");
    }

    #[test]
    fn a_pass_says_how_much_was_asked() {
        let line = verdict(&report(Verdict::Pass, vec![]));
        assert_eq!(line, "PASS: 0 requests, every budget kept\n");
    }

    #[test]
    fn the_json_report_is_read_back_as_it_was_written() {
        let written = serde_json::to_string(&report(Verdict::Void, vec![])).unwrap();
        let read: Report = serde_json::from_str(&written).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), written);
        assert!(written.contains("\"verdict\":\"VOID\""), "{written}");
    }
}
