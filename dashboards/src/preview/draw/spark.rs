//! A line without axes, behind a figure.

use maud::{Markup, html};

use super::{path, stretches};
use crate::preview::{Line, Window, scale::Scale};

const WIDTH: f64 = 300.0;
const HEIGHT: f64 = 50.0;

/// The line of a figure; nothing where there are fewer than two points.
pub(in crate::preview) fn spark(line: &Line<'_>, colour: &str, window: &Window) -> Markup {
    if line.points.len() < 2 {
        return html! {};
    }
    let scale = Scale::linear(line.unit, line.points.iter().map(|point| point.value), true);
    let across =
        |time: f64| ((time - window.start()) / window.range.as_secs_f64()).clamp(0.0, 1.0) * WIDTH;
    let up = |value: f64| HEIGHT - 2.0 - (HEIGHT - 4.0) * scale.share(value);
    html! {
        svg class=(format!("spark {colour}")) viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) preserveAspectRatio="none" aria-hidden="true" {
            @for stretch in stretches(line, window).filter(|stretch| stretch.len() > 1) {
                @let places: Vec<_> = stretch.iter().map(|point| (across(point.time), up(point.value))).collect();
                @let ends = |place: Option<&(f64, f64)>| place.map(|(x, _)| (*x, HEIGHT));
                path.under d=(path(places.iter().copied().chain(ends(places.last())).chain(ends(places.first())))) {}
                path.over d=(path(places)) {}
            }
        }
    }
}
