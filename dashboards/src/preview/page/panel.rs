//! A panel: its title with what it is about, and its picture by its kind.

use maud::{Markup, html};

use super::{bars, key, short_title, stats, table};
use crate::{
    model::{Kind, Panel},
    preview::{
        Answered, Shown, Standing,
        draw::{self, Context},
    },
};

pub(super) fn panel(
    shown: &Shown,
    board: &str,
    anchor: &str,
    answered: &Answered,
    context: Context<'_>,
) -> Markup {
    let standing = answered.standing();
    let panel = &answered.panel;
    html! {
        article id=(anchor) class=(format!("panel {}", standing.class())) style=(format!("--columns:{};--rows:{}", panel.width, panel.height)) {
            (about(shown, board, answered))
            @match standing {
                Standing::Failed => (failed(answered)),
                Standing::Empty | Standing::Idle => (nothing(answered, standing)),
                _ => {
                    (picture(answered, context))
                    (silent(answered))
                }
            }
        }
    }
}

/// The title; behind it how to read the panel and what was asked.
fn about(shown: &Shown, board: &str, answered: &Answered) -> Markup {
    let panel = &answered.panel;
    html! {
        details.about {
            summary {
                h3 { (panel.title) }
                @if let Some((link, title)) = leads_to(shown, board, panel) { a.leads href=(format!("#{link}")) title=(format!("more on {title}")) { "→ " (title) } }
            }
            p { (panel.description) }
            @if !panel.runbook.is_empty() { p { "Explained in " code { "runbooks/" (panel.runbook) } } }
            @for answer in &answered.answers {
                @if !answer.legend.is_empty() { h4 { (answer.legend) } }
                pre { (answer.asked) }
            }
        }
    }
}

/// The board that a click on a series of the panel leads to, if that is another one.
fn leads_to<'a>(shown: &'a Shown, own: &str, panel: &Panel) -> Option<(&'a str, &'a str)> {
    let drill_down = panel.drill_down.filter(|to| to.board != own)?;
    let board = shown
        .boards
        .iter()
        .find(|board| board.board.uid == drill_down.board)?;
    Some((board.board.uid, short_title(board.board.title)))
}

fn picture(answered: &Answered, context: Context<'_>) -> Markup {
    let panel = &answered.panel;
    let lines = answered.lines();
    match panel.kind {
        Kind::Stat => stats::stats(answered, &lines, context.window),
        Kind::Gauge => stats::gauges(panel, &lines),
        Kind::BarGauge => bars::bars(answered, lines),
        Kind::Table => table::table(answered),
        Kind::StateTimeline => draw::states(panel, &lines, context),
        Kind::Heatmap => draw::heatmap(panel, &lines, context),
        Kind::TimeSeries => {
            let coloured = key::coloured(answered, lines);
            html! {
                (draw::lines(answered, &coloured, context))
                (key::key(panel, &coloured, context.window))
            }
        }
        Kind::Stacked => {
            let coloured = key::coloured(answered, lines);
            html! {
                (draw::stack(panel, &coloured, context))
                (key::key(panel, &coloured, context.window))
            }
        }
    }
}

fn failed(answered: &Answered) -> Markup {
    html! {
        div.loud {
            strong { "The query fails" }
            @for reason in answered.failures() { p { (reason) } }
            (queries(answered))
        }
    }
}

/// Loud, unless nobody can expect anything here.
fn nothing(answered: &Answered, standing: Standing) -> Markup {
    let asked: Vec<_> = answered
        .answers
        .iter()
        .map(|answer| answer.asked.as_str())
        .collect();
    let class = if standing == Standing::Empty {
        "loud"
    } else {
        "quiet"
    };
    html! {
        div class=(class) title=(asked.join("\n")) {
            strong { "No data" }
            p { (answered.reason) }
            (queries(answered))
        }
    }
}

fn queries(answered: &Answered) -> Markup {
    html! {
        details {
            summary { "What was asked" }
            @for answer in &answered.answers { pre { (answer.asked) } }
        }
    }
}

/// The queries of a panel that say nothing while others do.
fn silent(answered: &Answered) -> Markup {
    let silent = answered.silent();
    html! {
        @if !silent.is_empty() {
            details.silent {
                summary { "No data from " (silent.len()) " of " (answered.answers.len()) " queries" }
                @for answer in silent { pre { (answer.asked) } }
            }
        }
    }
}
