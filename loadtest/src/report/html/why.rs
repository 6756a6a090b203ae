//! Why routes failed: where their slowest requests spent the time, beside all of them.

use super::Report;
use crate::why::{Explanation, why};
use crate::wording::{time, time_or_dash};
use maud::{Markup, html};

/// Every route that failed and can be explained.
pub(super) fn explanations(report: &Report) -> Markup {
    let explanations = why(&report.evidence, &report.measured, &report.judgement);
    html! {
        @if !explanations.is_empty() {
            h2 { "Why" }
            @for explanation in &explanations { (one(explanation)) }
        }
    }
}

fn one(explanation: &Explanation) -> Markup {
    let around = explanation.surroundings.to_string();
    html! {
        h3 { code { (explanation.route) } }
        p { (explanation.sentence) "." }
        div.wide {
            table.texts {
                tr {
                    th { "phase, on average" }
                    th { (explanation.looked_at()) }
                    th { "all" }
                    th { "of which" }
                }
                @for part in &explanation.phases {
                    tr {
                        td { (part.phase) }
                        td { (time(part.slowest_ms)) }
                        td { (time_or_dash(part.all_ms)) }
                        td { (part.parts()) }
                    }
                }
            }
        }
        p {
            "Looked at: " (explanation.sample()) "."
            @if !around.is_empty() { " Meanwhile: " (around) "." }
            @if !explanation.traces.is_empty() { " Traces: " (explanation.traces()) "." }
        }
    }
}
