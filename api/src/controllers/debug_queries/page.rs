//! The page for people. One file without scripts: it can be saved and attached to an incident.

use maud::{Markup, html};

use super::{CaptureReport, QueryReport, Report};
use crate::{controllers::html::document, plans::PlanNode};

const STYLE: &str = "
body{font:15px/1.5 system-ui,sans-serif;margin:2rem;max-width:84rem;color:#1b1f24;background:#fff}
h1{font-size:1.4rem}h2{font-size:1.15rem;margin:2.2rem 0 .4rem}h3{font-size:1rem;margin:1.6rem 0 .2rem}
table{border-collapse:collapse;width:100%}th,td{padding:.25rem .6rem;text-align:right;border-bottom:1px solid #d8dee4;font-variant-numeric:tabular-nums}
th{color:#57606a;font-weight:600}th:first-child,td:first-child,td.text,th.text{text-align:left}
code{font:13px/1.45 ui-monospace,monospace}pre{font:13px/1.45 ui-monospace,monospace;background:#f6f8fa;padding:.7rem;white-space:pre-wrap;margin:.4rem 0}
.bad{color:#b42318;font-weight:600}.quiet{color:#57606a}ul.plan{list-style:none;margin:.2rem 0;padding-left:1.1rem;border-left:2px solid #d8dee4}
@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}th,td{border-color:#30363d}pre{background:#161b22}.bad{color:#ff7b72}.quiet,th{color:#8d96a0}ul.plan{border-color:#30363d}}
";

pub(super) fn render(report: &Report) -> Markup {
    let body = html! {
        body {
            h1 { "Queries" }
            p class="quiet" {
                "Since the service started. Quantiles are reckoned from histogram buckets. Values that clients sent are shown nowhere. "
                "The same as JSON: " code { "curl http://…/debug/queries" }
            }
            (overview(&report.queries))
            @for query in report.queries.iter().filter(|query| query.numbers.calls > 0) { (details(query)) }
            (captures(&report.captures))
        }
    };
    document("Queries", STYLE, &body)
}

fn overview(queries: &[QueryReport]) -> Markup {
    html! {
        table {
            tr {
                th { "query" } th { "calls" } th { "failed" } th { "p50" } th { "p95" } th { "p99" } th { "budget" } th { "over budget" }
                th { "rows per call" } th { "most rows" } th { "prepares" }
            }
            @for query in queries {
                tr {
                    td { @if query.numbers.calls > 0 { a href={ "#" (query.name) } { (query.name) } } @else { span class="quiet" { (query.name) } } }
                    td { (query.numbers.calls) }
                    td class=[(query.numbers.failed > 0).then_some("bad")] { (query.numbers.failed) }
                    td { (millis(query.numbers.p50_seconds)) }
                    td { (millis(query.numbers.p95_seconds)) }
                    td class=[exceeds(query.numbers.p99_seconds, query.budget_seconds)] { (millis(query.numbers.p99_seconds)) }
                    td { (millis(Some(query.budget_seconds))) }
                    td class=[(query.numbers.over_budget > 0).then_some("bad")] { (query.numbers.over_budget) }
                    td { (query.numbers.rows_per_call.map_or_else(|| "-".to_owned(), |rows| format!("{rows:.1}"))) }
                    td { (query.max_rows) }
                    td { (query.numbers.prepares) }
                }
            }
        }
    }
}

fn details(query: &QueryReport) -> Markup {
    html! {
        h2 id=(query.name) { (query.name) }
        p { (query.summary) }
        p class="quiet" { (query.operation) ", declared access: " (query.access) }
        @if !query.numbers.routes.is_empty() {
            table {
                tr { th { "route" } th { "calls" } }
                @for route in &query.numbers.routes { tr { td { code { (route.route) } } td { (route.calls) } } }
            }
        }
        @match &query.newest_plan {
            Some(capture) => { h3 { "Newest plan" } (plan_of(capture)) }
            None => { p class="quiet" { "No plan is known." } }
        }
    }
}

fn captures(captures: &[CaptureReport]) -> Markup {
    html! {
        h2 { "Newest captures" }
        @if captures.is_empty() { p class="quiet" { "None so far." } }
        @for capture in captures {
            h3 { (capture.query) @if capture.over_budget { " " span class="bad" { "over budget" } } @else { " " span class="quiet" { "first of its statement" } } }
            (plan_of(capture))
        }
    }
}

fn plan_of(capture: &CaptureReport) -> Markup {
    html! {
        p {
            (capture.time.0) ", " (millis(Some(capture.duration_seconds))) ", rows: " (capture.rows)
            @if !capture.trace_id.is_empty() { ", trace " code { (capture.trace_id) } }
            br;
            "plan " code { (capture.plan.hash) }
            @if let Some(before) = &capture.previous_plan_hash { " " span class="bad" { "changed, before: " code { (before) } } }
        }
        pre { (capture.sql) }
        ul class="plan" { (node(&capture.plan.root)) }
    }
}

fn node(plan: &PlanNode) -> Markup {
    html! {
        li {
            strong { (plan.node) }
            @if let Some(join) = &plan.join { " (" (join) ")" }
            @if let Some(relation) = &plan.relation { " on " code { (relation) } }
            @if let Some(index) = &plan.index { " by " code { (index) } }
            @if let Some(rows) = plan.rows { span class="quiet" { " rows " (rows) } }
            @if let Some(cost) = plan.cost { span class="quiet" { " cost " (cost) } }
            @if !plan.children.is_empty() { ul class="plan" { @for child in &plan.children { (node(child)) } } }
        }
    }
}

fn millis(seconds: Option<f64>) -> String {
    seconds.map_or_else(
        || "-".to_owned(),
        |seconds| format!("{:.1} ms", seconds * 1e3),
    )
}

fn exceeds(seconds: Option<f64>, budget: f64) -> Option<&'static str> {
    seconds
        .is_some_and(|seconds| seconds > budget)
        .then_some("bad")
}
