//! Lines over time.

use maud::{Markup, html};

use super::{
    Context, Size, at,
    frame::{Frame, lines_at},
    path, stretches,
};
use crate::{
    model::{Panel, Unit},
    preview::{Line, scale::Scale, standing, units},
};

/// A threshold is on the axis when values reach this part of it; what is farther away is only named.
const NEAR: f64 = 0.25;
/// A line with fewer points than this per pixel shows each of them.
const SPARSE: usize = 3;

/// The drawing; each line with the class of its colour, in the order in which they are drawn.
pub(in crate::preview) fn lines(
    panel: &Panel,
    lines: &[(String, Line<'_>)],
    context: Context<'_>,
) -> Markup {
    let frame = Frame::new(context, Size::of(panel));
    let scale = scale(panel, lines);
    let drawing = html! {
        @for (colour, own) in lines { (curve(own, colour, frame, scale, context)) }
        (frame.thresholds(scale, panel.unit, &panel.steps))
    };
    frame.draw(panel.title, &frame.values(scale, panel.unit), &drawing)
}

fn curve(
    line: &Line<'_>,
    colour: &str,
    frame: Frame<'_>,
    scale: Scale,
    context: Context<'_>,
) -> Markup {
    let last = line
        .last()
        .map_or_else(String::new, |point| units::show(line.unit, point.value));
    html! {
        g class=(format!("line {colour}")) {
            title { (line.name) ": " (last) }
            @for stretch in stretches(line, context.window) {
                @let places = || stretch.iter().map(|point| (frame.across(point.time), frame.up(scale, point.value)));
                @if stretch.len() < SPARSE {
                    @for (x, y) in places() { circle cx=(at(x)) cy=(at(y)) r="2" {} }
                }
                @if stretch.len() > 1 { path d=(path(places())) {} }
            }
        }
    }
}

/// Times that have a threshold are drawn on powers of ten, so that 2 ms and 20 ms can be told apart and the line of 100 ms is in sight; shares
/// near the whole where they differ; everything else from zero.
fn scale(panel: &Panel, lines: &[(String, Line<'_>)]) -> Scale {
    let values = || {
        lines
            .iter()
            .flat_map(|(_, line)| line.points.iter().map(|point| point.value))
    };
    let thresholds: Vec<_> = lines_at(&panel.steps).collect();
    if panel.unit == Unit::Seconds && !thresholds.is_empty() {
        return Scale::logarithmic(values().chain(thresholds));
    }
    let finite = || values().filter(|value| value.is_finite());
    let highest = finite().fold(0.0, f64::max);
    let lowest = finite().fold(f64::MAX, f64::min);
    let near = thresholds
        .iter()
        .copied()
        .filter(|from| highest >= from * NEAR);
    let is_near_the_whole =
        panel.unit == Unit::Ratio && standing::less_is_worse(&panel.steps) && lowest >= 0.5;
    Scale::linear(panel.unit, values().chain(near), !is_near_the_whole)
}
