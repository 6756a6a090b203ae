//! Areas over time, one upon the other.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::{
    Context, Curve, Size,
    frame::{Frame, lines_at},
    path,
};
use crate::{
    model::Panel,
    preview::{Line, scale::Scale, units},
};

/// The drawing; each area with the class of its colour, from the foot upwards.
pub(in crate::preview) fn stack(
    panel: &Panel,
    curves: &[Curve<'_>],
    context: Context<'_>,
) -> Markup {
    let frame = Frame::new(context, Size::of(panel));
    let heights = heights(curves);
    let top = heights.values().filter_map(|column| column.last().copied());
    let highest = top.clone().fold(0.0, f64::max);
    let near = lines_at(&panel.steps).filter(|from| highest >= from * 0.25);
    let scale = Scale::linear(panel.unit, top.chain(near), true);
    let times: Vec<f64> = heights.keys().map(|time| f64::from_bits(*time)).collect();
    let drawing = html! {
        @for stretch in times.chunk_by(|left, right| right - left <= context.window.patience()) {
            @for (number, Curve { class, line, .. }) in curves.iter().enumerate() {
                @let edge = |layer: usize| stretch.iter().map(move |time| (*time, layer));
                @let place = |(time, layer): (f64, usize)| (frame.across(time), frame.up(scale, height(&heights, time, layer)));
                @let outline = path(edge(number + 1).map(place).chain(edge(number).rev().map(place)));
                path class=(format!("area {class}")) d=(format!("{outline}Z")) {
                    title { (line.name) ": " (line.last().map_or_else(String::new, |point| units::show(line.unit, point.value))) }
                }
            }
        }
        (frame.thresholds(scale, panel.unit, &panel.steps))
    };
    frame.draw(panel.title, &frame.values(scale, panel.unit), &drawing)
}

/// For each time the heights of the layers' lower edges, from 0, and of the highest one's upper edge.
fn heights(curves: &[Curve<'_>]) -> BTreeMap<u64, Vec<f64>> {
    let times = curves
        .iter()
        .flat_map(|curve| curve.line.points.iter().map(|point| point.time.to_bits()));
    let mut heights: BTreeMap<u64, Vec<f64>> = times.map(|time| (time, vec![0.0])).collect();
    for Curve { line, .. } in curves {
        let own: BTreeMap<u64, f64> = line
            .points
            .iter()
            .map(|point| (point.time.to_bits(), point.value))
            .collect();
        for (time, column) in &mut heights {
            let value = own
                .get(time)
                .copied()
                .filter(|value| value.is_finite() && *value > 0.0);
            let below = column.last().copied().unwrap_or_default();
            column.push(below + value.unwrap_or_default());
        }
    }
    heights
}

fn height(heights: &BTreeMap<u64, Vec<f64>>, time: f64, layer: usize) -> f64 {
    heights
        .get(&time.to_bits())
        .and_then(|column| column.get(layer))
        .copied()
        .unwrap_or_default()
}

/// The whole of a stack at its newest time.
pub(in crate::preview) fn whole(lines: &[Line<'_>]) -> Option<f64> {
    let newest = lines
        .iter()
        .filter_map(Line::last)
        .map(|point| point.time)
        .reduce(f64::max)?;
    let fresh = lines
        .iter()
        .filter_map(Line::last)
        .filter(|point| point.time >= newest);
    fresh
        .map(|point| point.value)
        .reduce(|sum, value| sum + value)
}
