//! The newest value on an arc.

use std::f64::consts::PI;

use maud::{Markup, html};

use super::{at, class, label};
use crate::{
    model::Panel,
    preview::{standing, units},
};

/// Radius of the value's arc and of the thin one outside that shows the steps.
const INNER: f64 = 58.0;
const OUTER: f64 = 70.0;
const MIDDLE: (f64, f64) = (90.0, 84.0);

/// One arc, from 0 to the end of what is plausible.
pub(in crate::preview) fn gauge(panel: &Panel, name: &str, value: f64) -> Markup {
    let (low, high) = ends(panel, value);
    let share = |value: f64| ((value - low) / (high - low)).clamp(0.0, 1.0);
    let colour = standing::colour(&panel.steps, value).map_or("c0", class);
    let text = units::show(panel.unit, value);
    let from = |number: usize| {
        panel
            .steps
            .get(number)
            .map(|step| step.from.map_or(0.0, share))
    };
    html! {
        svg.gauge viewBox="0 0 180 110" role="img" {
            title { (name) ": " (text) }
            path class="track" d=(arc(INNER, 0.0, 1.0)) {}
            @for (number, step) in panel.steps.iter().enumerate() {
                @let (start, end) = (from(number).unwrap_or_default(), from(number + 1).unwrap_or(1.0));
                @if end > start { path class=(format!("band {}", class(step.colour))) d=(arc(OUTER, start, end)) {} }
            }
            @if value.is_finite() && share(value) > 0.0 {
                path class=(format!("value {colour}")) d=(arc(INNER, 0.0, share(value))) {}
            }
            (label(&format!("figure {colour}"), "middle", (MIDDLE.0, MIDDLE.1 - 4.0), &text))
            (label("", "middle", (MIDDLE.0, MIDDLE.1 + 20.0), name))
        }
    }
}

/// The ends of the arc: of what is plausible, if that has an end; else it ends a little above the highest step or the value.
fn ends(panel: &Panel, value: f64) -> (f64, f64) {
    let (low, high) = panel.plausible;
    let low = if low.is_finite() { low } else { 0.0 };
    if high.is_finite() && high > low {
        return (low, high);
    }
    let steps = panel.steps.iter().filter_map(|step| step.from);
    let highest = steps
        .chain([value])
        .filter(|value| value.is_finite())
        .fold(low, f64::max);
    (
        low,
        if highest > low {
            highest * 1.25
        } else {
            low + 1.0
        },
    )
}

/// A part of the half circle, from the left.
fn arc(radius: f64, from: f64, to: f64) -> String {
    let place = |share: f64| {
        let angle = PI * (1.0 - share);
        format!(
            "{} {}",
            at(MIDDLE.0 + radius * angle.cos()),
            at(MIDDLE.1 - radius * angle.sin())
        )
    };
    format!("M{}A{radius} {radius} 0 0 1 {}", place(from), place(to))
}
