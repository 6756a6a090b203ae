//! The tables of the page: routes, queries, and every promise with its bounds.

use crate::judge::{Finding, Verdict};
use crate::measurements::RouteFigures;
use crate::report::Report;
use crate::report::promises::share;
use crate::wording::{count, per_second, percent, ratio_or_dash, time, time_or_dash};
use maud::{Markup, html};

pub(super) fn routes(report: &Report) -> Markup {
    html! {
        h2 { "Routes" }
        p {
            "Times from the moment a request was due to the last byte, by the client's clock; a failed request is \
             over budget, however fast it failed. The interval is where the true p99 lies. The server's p99 \
             is estimated from its histogram."
        }
        div.wide {
            table {
                (headings(&["route", "requests", "rate", "p50", "p99", "interval", "max",
                    "server p99", "budget", "over budget", "errors", "verdict"]))
                @for route in &report.measured.routes { (route_row(report, route)) }
            }
        }
        (messages(report))
    }
}

fn route_row(report: &Report, route: &RouteFigures) -> Markup {
    let over = report.main_finding(route).map(share).unwrap_or_default();
    html! {
        tr {
            td { (route.route) }
            td { (count(route.requests)) }
            td { (per_second(route.rate)) }
            td.client { (time_or_dash(route.p50_ms)) }
            td.client { (time_or_dash(route.p99_ms)) }
            td.client { (report.p99_interval(route)) }
            td.client { (time_or_dash(route.max_ms)) }
            td.server { (time_or_dash(route.server_p99_ms)) }
            td { (time_or_dash(route.main_promise().map(|promise| promise.budget_ms))) }
            td { (over) }
            td { (count(route.errors)) }
            (verdict(report.verdict_of(&route.route)))
        }
    }
}

fn messages(report: &Report) -> Markup {
    let of_route = |route| messages_of(route);
    let rows: Vec<_> = report.measured.routes.iter().flat_map(of_route).collect();
    html! {
        @if !rows.is_empty() {
            h2 { "What was wrong" }
            div.wide {
                table.texts {
                    (headings(&["route", "times", "message"]))
                    @for (route, message, times) in rows {
                        tr { td { (route) } td { (count(times)) } td { (message) } }
                    }
                }
            }
        }
    }
}

fn messages_of(route: &RouteFigures) -> impl Iterator<Item = (&str, &str, u64)> {
    let messages = route.messages.iter();
    messages.map(|(message, times)| (route.route.as_str(), message.as_str(), *times))
}

pub(super) fn queries(report: &Report) -> Markup {
    let queries = &report.measured.queries;
    html! {
        @if !queries.is_empty() {
            h2 { "Queries" }
            p {
                "Every named statement, by the server's clock. Calls per request below 1: a cache answered \
                 the others."
            }
            div.wide {
                table {
                    (headings(&["query", "calls", "per request", "p99", "budget", "over budget",
                        "failed", "verdict"]))
                    @for query in queries {
                        tr {
                            td { (query.query) }
                            td { (count(query.calls)) }
                            td { (ratio_or_dash(query.per_request)) }
                            td.server { (time_or_dash(query.p99_ms)) }
                            td { (time(query.budget_ms)) }
                            td { (count(query.over_budget)) }
                            td { (count(query.failed)) }
                            (verdict(report.verdict_of(&query.query)))
                        }
                    }
                }
            }
        }
    }
}

pub(super) fn promises(report: &Report) -> Markup {
    html! {
        h2 { "Every promise" }
        p {
            "Over: what did not keep the promise, of so many samples. The bounds are exact and allow for \
             clusters: with a design effect of 2, two samples tell as much as one that knows nothing of the \
             others. Kept when the upper bound is allowed, broken when the lower one is not."
        }
        div.wide {
            table.texts {
                (headings(&["subject", "promise", "samples", "over", "share", "allowed", "bounds",
                    "design effect", "verdict", "in words"]))
                @for finding in &report.judgement.findings { (promise(report, finding)) }
            }
        }
    }
}

fn promise(report: &Report, finding: &Finding) -> Markup {
    let share = |share: Option<f64>| share.map(percent).unwrap_or_default();
    let number = |number: Option<u64>| number.map(count).unwrap_or_default();
    let bounds = finding.lower.zip(finding.upper);
    let bounds = bounds.map(|(low, high)| format!("{}–{}", percent(low), percent(high)));
    let effect = finding.design_effect.map(|effect| format!("{effect:.1}"));
    html! {
        tr {
            td { (finding.subject) }
            td { (finding.promise) }
            td { (number(finding.samples)) }
            td { (number(finding.over)) }
            td { (share(finding.share)) }
            td { (share(finding.allowed)) }
            td { (bounds.unwrap_or_default()) }
            td { (effect.unwrap_or_default()) }
            (verdict(Some(report.standing(finding))))
            td { (finding.message) @if !finding.counts { " (shown only)" } }
        }
    }
}

fn headings(names: &[&str]) -> Markup {
    html! {
        thead { tr { @for name in names { th { (name) } } } }
    }
}

fn verdict(verdict: Option<Verdict>) -> Markup {
    html! {
        @match verdict {
            Some(verdict) => td class=(verdict) { (verdict) },
            None => td { "-" },
        }
    }
}
