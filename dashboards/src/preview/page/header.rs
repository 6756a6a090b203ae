//! The top of the page: how it stands, what is red, what happened.

use maud::{Markup, html};

use super::concerns::{Concern, concerns};
use crate::{
    preview::{Event, Shown, Standing, scale::time},
    prometheus::write_duration,
};

/// So many concerns are read at a glance; the others are folded.
const AT_A_GLANCE: usize = 12;

/// The page in a few words: `2 alerts fire, 3 panels are red`.
pub(super) fn verdict(shown: &Shown) -> String {
    let panels = |standing| {
        shown
            .boards
            .iter()
            .map(|board| board.count(standing))
            .sum::<usize>()
    };
    let words = [
        (shown.firing.len(), "alert fires", "alerts fire"),
        (shown.down.len(), "target is down", "targets are down"),
        (panels(Standing::Failed), "panel fails", "panels fail"),
        (panels(Standing::Red), "panel is red", "panels are red"),
        (
            panels(Standing::Empty),
            "panel is empty",
            "panels are empty",
        ),
        (
            panels(Standing::Orange),
            "panel is near a limit",
            "panels are near a limit",
        ),
    ];
    let said = words.into_iter().filter(|(count, ..)| *count > 0);
    let said: Vec<_> = said
        .map(|(count, one, many)| format!("{count} {}", if count == 1 { one } else { many }))
        .collect();
    if said.is_empty() {
        "Nothing is red".to_owned()
    } else {
        said.join(", ")
    }
}

pub(super) fn header(shown: &Shown, verdict: &str) -> Markup {
    let concerns = concerns(shown);
    let worst = concerns
        .first()
        .map_or(Standing::Fine, |concern| concern.standing);
    let window = &shown.window;
    html! {
        header id="top" class=(worst.class()) {
            h1 { (verdict) }
            p {
                strong { (time(window.start(), "%H:%M:%S")) "–" (time(window.end, "%H:%M:%S UTC, %-d %B %Y")) }
                " · " (write_duration(window.range)) " in steps of " (write_duration(window.step()))
                " · " (shown.source)
                @for choice in &shown.choices { " · " (choice) }
            }
            (list(&concerns))
            (events(&shown.events))
            (contents(shown))
        }
    }
}

fn list(concerns: &[Concern]) -> Markup {
    let (first, others) = concerns.split_at(concerns.len().min(AT_A_GLANCE));
    html! {
        @if !first.is_empty() {
            ul.concerns { @for concern in first { (item(concern)) } }
        }
        @if !others.is_empty() {
            details {
                summary { "and " (others.len()) " more" }
                ul.concerns { @for concern in others { (item(concern)) } }
            }
        }
    }
}

fn item(concern: &Concern) -> Markup {
    html! {
        li class=(concern.standing.class()) {
            b { (concern.standing.word()) }
            @match &concern.link {
                Some(link) => a href=(format!("#{link}")) { (concern.place) },
                None => strong { (concern.place) },
            }
            span { (concern.what) }
        }
    }
}

/// What the numbers above the drawings stand for.
fn events(events: &[Event]) -> Markup {
    html! {
        @if !events.is_empty() {
            details.events open[events.len() <= AT_A_GLANCE] {
                summary { "What happened: " (events.len()) }
                ol {
                    @for event in events {
                        li class=(event.colour) {
                            time { (time(event.from, "%H:%M:%S")) @if event.lasts() { "–" (time(event.to, "%H:%M:%S")) } }
                            span { (event.text) }
                        }
                    }
                }
            }
        }
    }
}

fn contents(shown: &Shown) -> Markup {
    html! {
        details.contents {
            summary { "Contents" }
            div {
                @for board in &shown.boards {
                    section {
                        h3 { a href=(format!("#{}", board.board.uid)) { (board.board.title) } }
                        ul {
                            @for (number, panel) in board.panels().enumerate() {
                                li class=(panel.standing().class()) {
                                    a href=(format!("#{}", super::anchor(board.board.uid, number))) { (panel.panel.title) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
