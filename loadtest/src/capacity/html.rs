//! `capacity.html`: one file that reads well on paper and in the dark.

use super::chart;
use super::finding::Capacity;
use super::text::{by_rate, footprint, verdict};
use crate::report::{self, page};
use crate::wording::{per_second, percent, time_or_dash};
use maud::{Markup, PreEscaped, html};

/// The whole page.
#[must_use]
pub fn render(capacity: &Capacity) -> String {
    let holds = capacity.holds.map_or("no rate".to_owned(), per_second);
    let title = format!("{holds}: capacity of {}", capacity.started);
    page(
        &title,
        &html! {
            header class=(capacity.verdict) {
                h1 { (holds) }
                p { (capacity.verdict) ": " (capacity.sentence) "." }
                small { (capacity.started) " · " (capacity.plan.target) }
            }
            dl.key {
                @if let Some(saturation) = &capacity.saturation {
                    div { dt { "what gave way first" } dd style="white-space:normal;font-size:1rem" { (saturation.sentence) } }
                }
                div { dt { "what a request costs" } dd style="white-space:normal;font-size:1rem" { (footprint(capacity)) } }
            }
            h2 { "The knee" }
            p { "Every step by its offered rate. The lines are the ends of the bracket." }
            div.charts {
                figure { figcaption { "p50 and p99" } (PreEscaped(chart::latency(capacity))) }
                figure { figcaption { "right answers per second" } (PreEscaped(chart::achieved(capacity))) }
            }
            (steps(capacity))
            (settings(capacity))
        },
    )
}

fn steps(capacity: &Capacity) -> Markup {
    html! {
        h2 { "Steps" }
        div.wide { table {
            tr { th { "offered" } th { "achieved" } th { "p50" } th { "p99" } th { "errors" } th { "rounds" } th { "budgets" } th { "why" } }
            @for step in by_rate(capacity) {
                tr {
                    td { (per_second(step.rate)) }
                    td { (per_second(step.achieved)) }
                    td { (time_or_dash(step.p50_ms)) }
                    td { (time_or_dash(step.p99_ms)) }
                    td { (percent(step.error_share)) }
                    td { (step.rounds) }
                    td { (verdict(step)) }
                    td style="white-space:normal;text-align:left" { (step.reasons.first().map_or("", String::as_str)) }
                }
            }
        } }
    }
}

fn settings(capacity: &Capacity) -> Markup {
    let plan = &capacity.plan;
    let rows = [
        ("command", capacity.command.clone()),
        ("target", plan.target.clone()),
        (
            "steps",
            format!("of {} s, at most {} rounds", plan.step_seconds, plan.rounds),
        ),
        ("precision", percent(plan.precision)),
        ("budgets", plan.budgets.clone()),
        ("seed", plan.seed.to_string()),
        (
            "machine",
            format!("{}, {}", capacity.host.cpu, capacity.host.kernel),
        ),
    ];
    report::settings(&rows)
}
