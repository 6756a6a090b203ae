//! Newest values, large: as figures and as gauges.

use maud::{Markup, html};

use super::key::ended;
use crate::{
    model::{Colour, Panel},
    preview::{Answered, Line, Window, draw, standing, units},
};

/// Figures side by side, each before its line over time.
pub(super) fn stats(answered: &Answered, lines: &[Line<'_>], window: &Window) -> Markup {
    let panel = &answered.panel;
    html! {
        div.stats {
            @for line in lines {
                @if let Some(last) = line.last() {
                    @let own = answered.answers.get(line.query).and_then(|answer| answer.colour);
                    @let colour = own.or_else(|| standing::colour(&panel.steps, last.value));
                    @let class = colour.map_or("plain", class);
                    div.stat {
                        (draw::spark(line, class, window))
                        b class=(class) { (units::show(line.unit, last.value)) }
                        @if lines.len() > 1 { span { (line.name) } }
                        @if let Some(end) = ended(line, window) { em { "until " (end) } }
                    }
                }
            }
        }
    }
}

/// Grey says nothing: a figure is as dark as the text then.
fn class(colour: Colour) -> &'static str {
    match colour {
        Colour::Grey => "plain",
        colour => draw::class(colour),
    }
}

/// Gauges side by side.
pub(super) fn gauges(panel: &Panel, lines: &[Line<'_>]) -> Markup {
    html! {
        div.gauges {
            @for line in lines {
                @if let Some(last) = line.last() { (draw::gauge(panel, &line.name, last.value)) }
            }
        }
    }
}
