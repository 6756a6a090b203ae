//! `compare.html`: one file that reads well on paper and in the dark.

use super::comparison::{Comparison, Pair};
use super::figures::{Figures, Measure};
use super::verdict::{change, changes};
use crate::report::{self, page};
use crate::wording::time;
use maud::{Markup, html};

/// The whole page.
#[must_use]
pub fn render(comparison: &Comparison) -> String {
    let verdict = comparison.verdict;
    let title = format!("{verdict}: comparison of {}", comparison.started);
    page(
        &title,
        &html! {
            header class=(verdict) {
                h1 { (verdict) }
                p { (comparison.sentence) "." }
                small { (comparison.started) " · " (comparison.plan.load) }
            }
            @if let Some(failures) = comparison.failures() { h2 { "Failures" } p { (failures) } }
            (measures(comparison))
            (routes(comparison))
            (pairs(comparison))
            (settings(comparison))
        },
    )
}

fn measures(comparison: &Comparison) -> Markup {
    html! {
        h2 { "Measures" }
        p { "Medians over the pairs; the ratio is that of Hodges and Lehmann." }
        div.wide { table {
            tr { th {} th { "A" } th { "B" } th { "B to A" } th { "95% interval" } th { "p (Holm)" } th { "verdict" } }
            @for compared in &comparison.measures {
                tr {
                    td { (compared.measure.name()) }
                    td { (compared.measure.show(compared.a)) }
                    td { (compared.measure.show(compared.b)) }
                    td { (change(compared.ratio)) }
                    td { (compared.interval.map_or("-".to_owned(), changes)) }
                    td { (compared.adjusted.map_or("-".to_owned(), |p| format!("{p:.4}"))) }
                    td { (compared.difference) }
                }
            }
        } }
    }
}

fn routes(comparison: &Comparison) -> Markup {
    html! {
        h2 { "Routes" }
        p { "The middle of each route; it decides nothing." }
        div.wide { table {
            tr { th { "route" } th { "A" } th { "B" } th { "B to A" } th { "95% interval" } }
            @for route in &comparison.routes {
                tr {
                    td { (route.route) }
                    td { (time(route.a_ms)) }
                    td { (time(route.b_ms)) }
                    td { (change(route.ratio)) }
                    td { (route.interval.map_or("-".to_owned(), changes)) }
                }
            }
        } }
    }
}

fn pairs(comparison: &Comparison) -> Markup {
    let shown = |measure: Measure, figures: &Figures| {
        let value = measure.of(figures);
        value.map_or("-".to_owned(), |value| measure.show(value))
    };
    let row = |number: usize, pair: &Pair| {
        html! {
            tr {
                td { (number + 1) }
                td { (if pair.b_first { "B, A" } else { "A, B" }) }
                @for measure in Measure::ALL {
                    td { (shown(measure, &pair.a)) " / " (shown(measure, &pair.b)) }
                }
                td { (if pair.counts() { "yes".to_owned() } else { pair.left_out.join("; ") }) }
            }
        }
    };
    html! {
        h2 { "Pairs" }
        p { "A / B, in the order in which they were made." }
        div.wide { table {
            tr {
                th {} th { "order" }
                @for measure in Measure::ALL { th { (measure.name()) } }
                th { "counts" }
            }
            @for (number, pair) in comparison.pairs.iter().enumerate() { (row(number, pair)) }
        } }
    }
}

fn settings(comparison: &Comparison) -> Markup {
    let plan = &comparison.plan;
    let effect = format!("{:.1}%", plan.min_effect * 100.0);
    let rows = [
        ("command", comparison.command.clone()),
        ("A", comparison.a.what.clone()),
        ("B", comparison.b.what.clone()),
        ("load", plan.load.clone()),
        (
            "rounds",
            format!("{} pairs of {} s", plan.pairs, plan.round_seconds),
        ),
        ("least effect", effect),
        ("error", format!("{:.3} over all measures", plan.error)),
        ("seed", plan.seed.to_string()),
        (
            "machine",
            format!("{}, {}", comparison.host.cpu, comparison.host.kernel),
        ),
    ];
    report::settings(&rows)
}
