//! Lines over time.

use maud::{Markup, html};

use super::{
    Context, Curve, Size, at,
    frame::{Frame, lines_at},
    path, stretches,
};
use crate::{
    model::{Panel, Unit},
    preview::{Answered, scale::Scale, standing, units},
    prometheus::Exemplar,
};

/// A threshold is on the axis when values reach this part of it; what is farther away is only named.
const NEAR: f64 = 0.25;
/// A stretch with fewer points than this shows each of them.
const SPARSE: usize = 3;

/// The drawing: the curves, the last ones below the first, and single observations.
pub(in crate::preview) fn lines(
    answered: &Answered,
    curves: &[Curve<'_>],
    context: Context<'_>,
) -> Markup {
    let panel = &answered.panel;
    let frame = Frame::new(context, Size::of(panel));
    let exemplars = || answered.answers.iter().flat_map(|answer| &answer.exemplars);
    let scale = scale(panel, curves, exemplars().map(|exemplar| exemplar.value));
    let drawing = html! {
        @for own in curves.iter().rev() { (curve(own, frame, scale, context)) }
        @for exemplar in exemplars() { (observation(exemplar, panel.unit, frame, scale)) }
        (frame.thresholds(scale, panel.unit, &panel.steps))
    };
    frame.draw(panel.title, &frame.values(scale, panel.unit), &drawing)
}

fn curve(curve: &Curve<'_>, frame: Frame<'_>, scale: Scale, context: Context<'_>) -> Markup {
    let line = &curve.line;
    let last = line
        .last()
        .map_or_else(String::new, |point| units::show(line.unit, point.value));
    let limit = if curve.is_limit { " limit" } else { "" };
    html! {
        g class=(format!("line {}{limit}", curve.class)) {
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

/// A single observation, with the trace that it was made in.
fn observation(exemplar: &Exemplar, unit: Unit, frame: Frame<'_>, scale: Scale) -> Markup {
    let (x, y) = (
        frame.across(exemplar.timestamp),
        frame.up(scale, exemplar.value),
    );
    let trace = exemplar.labels.get("trace_id").map_or("", String::as_str);
    html! {
        rect.exemplar x=(at(x - 2.5)) y=(at(y - 2.5)) width="5" height="5" transform=(format!("rotate(45 {} {})", at(x), at(y))) {
            title { (units::show(unit, exemplar.value)) ", trace " (trace) }
        }
    }
}

/// Times that have a threshold are drawn on powers of ten, so that 2 ms and 20 ms can be told apart and the line of 100 ms is in sight; shares
/// near the whole where they differ; everything else from zero.
fn scale(panel: &Panel, curves: &[Curve<'_>], observed: impl Iterator<Item = f64>) -> Scale {
    let values = || {
        let lines = curves.iter().map(|curve| &curve.line);
        lines.flat_map(|line| line.points.iter().map(|point| point.value))
    };
    let thresholds: Vec<_> = lines_at(&panel.steps).collect();
    if panel.unit == Unit::Seconds && !thresholds.is_empty() {
        return Scale::logarithmic(values().chain(thresholds).chain(observed));
    }
    let finite = || values().filter(|value| value.is_finite());
    let highest = finite().fold(0.0, f64::max);
    let lowest = finite().fold(f64::MAX, f64::min);
    let near = thresholds
        .iter()
        .copied()
        .filter(|from| highest == 0.0 || highest >= from * NEAR);
    let is_near_the_whole =
        panel.unit == Unit::Ratio && standing::less_is_worse(&panel.steps) && lowest >= 0.5;
    Scale::linear(panel.unit, values().chain(near), !is_near_the_whole)
}
