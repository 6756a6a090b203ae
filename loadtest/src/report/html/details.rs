//! The rest of the page: where the time went, the target, the generator, and what was asked for.

use crate::measurements::RouteFigures;
use crate::report::Report;
use crate::report::text::{generator_figures, target_figures, trust};
use crate::wording::{percent, time};
use maud::{Markup, html};
use std::collections::BTreeMap;

/// The phases that have a colour, from the first to the last of a request's life.
const PHASES: [(&str, &str); 7] = [
    ("receive", "reading the request"),
    ("pool_wait", "waiting for a connection"),
    ("blocking_queue", "waiting for a thread"),
    ("db", "in the database"),
    ("cache_load", "loading the cache"),
    ("serialize", "writing the answer"),
    ("handler", "everything else"),
];

pub(super) fn phases(report: &Report) -> Markup {
    let routes: Vec<_> = report
        .measured
        .routes
        .iter()
        .filter(|route| total(route) > 0.0)
        .collect();
    let longest = routes.iter().map(|route| total(route)).fold(0.0, f64::max);
    html! {
        @if longest > 0.0 {
            h2 { "Where the time went" }
            p {
                "The average request of every route, by the server's clock; beside each phase, its share of the \
                 time of all requests."
            }
            div.legend {
                @for phase in &report.measured.phases {
                    span {
                        i class=(colour(&phase.phase)) {}
                        (about(&phase.phase)) " " code { (phase.phase) } " " (percent(phase.share))
                    }
                }
            }
            div.bars {
                @for route in routes { (bar(route, longest)) }
            }
        }
    }
}

fn total(route: &RouteFigures) -> f64 {
    route.phases_ms.values().sum()
}

fn bar(route: &RouteFigures, longest: f64) -> Markup {
    html! {
        code { (route.route) }
        div.bar {
            @for (phase, ms) in ordered(&route.phases_ms) {
                i class=(colour(phase)) style=(format!("width:{:.2}%", 100.0 * ms / longest))
                    title=(format!("{phase} {}", time(ms))) {}
            }
        }
        span { (time(total(route))) }
    }
}

/// In the order of a request's life; phases of another service come last.
fn ordered(phases_ms: &BTreeMap<String, f64>) -> Vec<(&str, f64)> {
    let mut phases: Vec<_> = phases_ms
        .iter()
        .map(|(name, ms)| (name.as_str(), *ms))
        .collect();
    phases.sort_by_key(|(name, _)| place(name).unwrap_or(PHASES.len()));
    phases
}

fn place(phase: &str) -> Option<usize> {
    PHASES.iter().position(|(name, _)| *name == phase)
}

fn colour(phase: &str) -> &str {
    PHASES
        .iter()
        .find(|(name, _)| *name == phase)
        .map_or("other", |(name, _)| name)
}

fn about(phase: &str) -> &str {
    PHASES
        .iter()
        .find(|(name, _)| *name == phase)
        .map_or("", |(_, about)| about)
}

/// What the slowest requests of the routes that failed waited for.
pub(super) fn why(report: &Report) -> Markup {
    let Report {
        evidence,
        measured,
        judgement,
        ..
    } = report;
    let explanations = crate::why::why(evidence, measured, judgement);
    html! {
        @if !explanations.is_empty() {
            h2 { "Why" }
            pre { (crate::why::render(&explanations)) }
        }
    }
}

pub(super) fn target(report: &Report) -> Markup {
    let figures = target_figures(report);
    html! {
        @if let Some(why) = &report.evidence.target_died {
            h2 { "Target" }
            p { "It died during the attack: " (why) }
        } @else if !figures.is_empty() {
            h2 { "Target" }
            (pairs(figures.into_iter()))
        }
    }
}

pub(super) fn generator(report: &Report) -> Markup {
    let generator = &report.measured.generator;
    let (trusted, verdict) = trust(generator);
    let figures = generator_figures(generator).into_iter();
    let figures = figures.map(|(what, figure)| (what.to_owned(), figure));
    let host = &report.evidence.host;
    let machine = format!("{}, {} cores, {}", host.cpu, host.cores, host.kernel);
    let figures = figures.chain([
        ("machine".to_owned(), machine),
        ("version".to_owned(), host.version.clone()),
    ]);
    html! {
        h2 { "Generator" }
        p {
            "Was it us? A generator that did not run when it should have would blame the target for its own \
             delays: then the run is inconclusive."
        }
        p { strong class=(verdict) { (trusted) } }
        (pairs(figures))
    }
}

pub(super) fn settings(report: &Report) -> Markup {
    let rows = rows(report).into_iter();
    let rows = rows.filter(|(_, value)| !value.is_empty());
    html! {
        h2 { "Settings" }
        pre.command { (report.evidence.command) }
        (pairs(rows.map(|(what, value)| (what.to_owned(), value))))
        details {
            summary { "Budgets in force" }
            pre { (report.budgets.text) }
        }
    }
}

/// What was asked for, and whom.
fn rows(report: &Report) -> Vec<(&'static str, String)> {
    let plan = &report.evidence.plan;
    let mut rows = vec![
        ("target", plan.target.clone()),
        (
            "rate",
            plan.rate
                .clone()
                .unwrap_or_else(|| "as fast as its users".to_owned()),
        ),
        ("arrival", plan.arrival.clone()),
        (
            "users",
            format!("{}, {} at most", plan.users, plan.max_users),
        ),
        ("lane", plan.lane.clone()),
        (
            "rounds",
            format!(
                "{} to {} of {} s",
                plan.rounds.0, plan.rounds.1, plan.round_seconds
            ),
        ),
        ("seed", plan.seed.to_string()),
        ("budgets", report.budgets.file.clone()),
    ];
    if plan.shard.1 > 1 {
        let (shard, of) = plan.shard;
        rows.push(("shard", format!("{shard}/{of}")));
    }
    if let Some(server) = &report.measured.server {
        rows.push(("build", list(&server.build)));
        rows.push(("configuration", list(&server.config)));
    }
    rows
}

fn list(labels: &BTreeMap<String, String>) -> String {
    let pairs = labels.iter().map(|(name, value)| format!("{name} {value}"));
    pairs.collect::<Vec<_>>().join(" · ")
}

fn pairs(rows: impl Iterator<Item = (String, String)>) -> Markup {
    html! {
        table.pairs {
            @for (name, value) in rows { tr { td { (name) } td { (value) } } }
        }
    }
}
