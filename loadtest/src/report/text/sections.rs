//! The tables of the report on a terminal.

use super::{Cell, Table, style};
use crate::incidents::INCIDENTS;
use crate::judge::Verdict;
use crate::measurements::GeneratorFigures;
use crate::report::Report;
use crate::report::promises::share;
use crate::wording::{count, mebibytes, per_second, percent, ratio_or_dash, time, time_or_dash};
use anstyle::Style;
use std::fmt::Write;

/// All tables; those without rows are empty.
pub(super) fn all(report: &Report) -> [String; 5] {
    [
        routes(report) + &messages(report),
        queries(report),
        phases(report),
        target(report),
        generator(report),
    ]
}

/// What was done, in a line.
pub(super) fn heading(report: &Report) -> String {
    let plan = &report.evidence.plan;
    let rate = plan.rate.as_ref();
    let rate = rate.map_or_else(String::new, |rate| format!(", {rate}"));
    format!(
        "{}: {}{rate} {}, {} rounds of {} s after {} s of warm-up, seed {}\n",
        plan.profile,
        plan.target,
        plan.arrival,
        report.evidence.rounds.len(),
        plan.round_seconds,
        plan.warmup_seconds,
        plan.seed
    )
}

fn routes(report: &Report) -> String {
    let mut table = Table::new([
        "ROUTE",
        "n",
        "rate",
        "p50",
        "p99",
        "interval",
        "budget",
        "over budget",
        "verdict",
    ]);
    for route in &report.measured.routes {
        let promise = route.main_promise();
        let over = report.main_finding(route).map(share);
        let budget = promise.map_or_else(dash, |promise| time(promise.budget_ms));
        table.row([
            route.route.clone().into(),
            count(route.requests).into(),
            per_second(route.rate).into(),
            time_or_dash(route.p50_ms).into(),
            time_or_dash(route.p99_ms).into(),
            report.p99_interval(route).into(),
            budget.into(),
            over.unwrap_or_else(dash).into(),
            verdict_of(report, &route.route),
        ]);
    }
    table.styled()
}

/// What wrong answers were wrong with.
fn messages(report: &Report) -> String {
    let mut text = String::new();
    for route in &report.measured.routes {
        for (message, times) in &route.messages {
            // Writing to a string cannot fail.
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
        "budget",
        "over budget",
        "verdict",
    ]);
    for query in &report.measured.queries {
        let mut findings = report.findings_of(&query.query);
        let shown = findings.find_map(|finding| finding.share.map(|_| share(finding)));
        table.row([
            query.query.clone().into(),
            count(query.calls).into(),
            ratio_or_dash(query.per_request).into(),
            time_or_dash(query.p99_ms).into(),
            time(query.budget_ms).into(),
            shown.unwrap_or_else(dash).into(),
            verdict_of(report, &query.query),
        ]);
    }
    table.styled()
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
    table.styled()
}

fn target(report: &Report) -> String {
    let mut table = Table::new(["TARGET", ""]);
    for (what, figure) in target_figures(report) {
        table.row([what, figure]);
    }
    table.styled()
}

/// What is known of the target as a whole, in words.
pub(in crate::report) fn target_figures(report: &Report) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    for cache in &report.measured.caches {
        let (ratio, gets) = (percent(cache.hit_ratio()), count(cache.gets()));
        let figure = format!("{ratio} hits of {gets}");
        rows.push((format!("cache {}", cache.cache), figure));
    }
    let Some(server) = &report.measured.server else {
        return rows;
    };
    let mut row = |what: &str, figure: Option<String>| {
        rows.extend(figure.map(|figure| (what.to_owned(), figure)));
    };
    let growth = |growth| format!(", {:+.1}% in the run", 100.0 * growth);
    let growth = server.memory_growth.map_or_else(String::new, growth);
    let memory = server.memory_bytes.map(mebibytes);
    row("memory", memory.map(|memory| memory + &growth));
    row(
        "processor",
        server.cpu_cores.map(|cores| format!("{cores:.2} cores")),
    );
    let per_request = server.cpu_ms_per_request;
    row("processor per request", per_request.map(time));
    row(
        "p99 of waits for a connection",
        server.pool_wait_p99_ms.map(time),
    );
    let stall = report.measured.longest_stall_ms;
    row("longest time without an answer", Some(time(stall)));
    for incident in &INCIDENTS {
        row(incident.title, server.count(incident).map(count));
    }
    rows
}

fn generator(report: &Report) -> String {
    let mut table = Table::new(["GENERATOR", ""]);
    let figures = &report.measured.generator;
    let (trusted, verdict) = trust(figures);
    table.row([
        Cell::from("trusted".to_owned()),
        Cell::new(trusted, style(verdict)),
    ]);
    for (what, figure) in generator_figures(figures) {
        table.row([what.to_owned(), figure]);
    }
    table.styled()
}

/// Whether the generator can be trusted, and why not.
pub(in crate::report) fn trust(figures: &GeneratorFigures) -> (String, Verdict) {
    if figures.is_trusted() {
        return ("TRUSTED".to_owned(), Verdict::Pass);
    }
    let doubts = figures.doubts.join("; ");
    (format!("NOT TRUSTED: {doubts}"), Verdict::Inconclusive)
}

/// What the generator knows of itself, in words.
pub(in crate::report) fn generator_figures(
    figures: &GeneratorFigures,
) -> Vec<(&'static str, String)> {
    let (seconds, tainted) = (count(figures.seconds), count(figures.tainted_seconds));
    let longest = time(figures.longest_gap_ms);
    let cpu = |share| format!("{} of {:.1} cores", percent(share), figures.cores);
    // All threads together may wait for longer than the time that passes.
    let waited = |share| format!("{:.1}% of their time", 100.0 * share);
    let mut rows = vec![
        ("processor", figures.cpu_share.map_or_else(dash, cpu)),
        (
            "waited for a processor",
            figures.cpu_wait_share.map_or_else(dash, waited),
        ),
        ("p99 of late begins", time_or_dash(figures.slip_p99_ms)),
        (
            "gaps",
            match figures.gaps {
                0 => format!("none in {seconds} s"),
                gaps => format!("{gaps}, the longest {longest}; {tainted} of {seconds} s left out"),
            },
        ),
        ("users", count(figures.users)),
    ];
    if let Some(share) = figures.begun_share() {
        let (due, waited) = (count(figures.due), count(figures.waited));
        let begun = format!("{} of {due}; {waited} waited for a user", percent(share));
        rows.insert(4, ("begun of those due", begun));
    }
    if figures.stolen_seconds > 0.0 {
        let stolen = format!("{:.1} s", figures.stolen_seconds);
        rows.push(("taken by the host", stolen));
    }
    rows
}

fn verdict_of(report: &Report, subject: &str) -> Cell {
    let verdict = report.verdict_of(subject);
    verdict.map_or_else(
        || Cell::new("-", Style::new()),
        |verdict| Cell::new(verdict.to_string(), style(verdict)),
    )
}

fn dash() -> String {
    "-".to_owned()
}
