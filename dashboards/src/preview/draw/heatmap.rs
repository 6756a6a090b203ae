//! Buckets over time: the darker, the more observations.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::{
    Context, Size,
    frame::{Frame, TOP, lines_at},
    label, line, rectangle,
};
use crate::{
    model::Panel,
    preview::{Line, units},
    prometheus::Point,
};

/// Shades, of which the lightest is for anything at all. They go with the root, as in Grafana: a few slow requests among many are in sight.
const SHADES: f64 = 8.0;

/// Observations with an upper end, by time.
type Buckets = Vec<(f64, BTreeMap<u64, f64>)>;

/// The drawing of the buckets of a histogram, which have their upper end in the label `le`.
pub(in crate::preview) fn heatmap(
    panel: &Panel,
    lines: &[Line<'_>],
    context: Context<'_>,
) -> Markup {
    let frame = Frame::new(context, Size::of(panel));
    let buckets = buckets(lines);
    let most = buckets
        .iter()
        .flat_map(|(_, own)| own.values().copied())
        .fold(0.0, f64::max);
    let heights = Heights::new(frame, buckets.len());
    let step = context.window.step().as_secs_f64();
    let drawing = html! {
        @for (number, (end, own)) in buckets.iter().enumerate() {
            @let (foot, top) = (heights.at(number), heights.at(number + 1));
            @for (time, value) in own.iter().filter(|(_, value)| **value > 0.0) {
                @let time = f64::from_bits(*time);
                @let shade = ((value / most).sqrt() * SHADES).ceil().clamp(1.0, SHADES);
                @let title = format!("≤ {}: {value:.3}/s", units::show(panel.unit, *end));
                (rectangle(&format!("cell s{shade}"), (frame.across(time - step), top), (frame.across(time), foot), &title))
            }
        }
        (thresholds(panel, &buckets, frame, &heights))
    };
    frame.draw(
        panel.title,
        &ends(panel, &buckets, frame, &heights),
        &drawing,
    )
}

/// All buckets are equally high.
struct Heights {
    foot: f64,
    each: f64,
}

impl Heights {
    fn new(frame: Frame<'_>, buckets: usize) -> Self {
        let number = f64::from(u32::try_from(buckets.max(1)).unwrap_or(u32::MAX));
        Self {
            foot: frame.foot(),
            each: (frame.foot() - TOP) / number,
        }
    }

    /// The lower edge of a bucket.
    fn at(&self, number: usize) -> f64 {
        self.foot - self.each * f64::from(u32::try_from(number).unwrap_or(u32::MAX))
    }
}

/// What each bucket has more than the one below it: they are cumulative.
fn buckets(lines: &[Line<'_>]) -> Buckets {
    let end = |line: &&Line<'_>| line.labels.get("le")?.parse::<f64>().ok();
    let mut ends: Vec<_> = lines
        .iter()
        .filter_map(|line| Some((end(&line)?, line.points)))
        .collect();
    ends.sort_by(|(left, _), (right, _)| left.total_cmp(right));
    let mut below: BTreeMap<u64, f64> = BTreeMap::new();
    ends.into_iter()
        .map(|(end, points)| {
            let mut own = BTreeMap::new();
            for Point { time, value } in points.iter().filter(|point| point.value.is_finite()) {
                let before = below.insert(time.to_bits(), *value).unwrap_or_default();
                own.insert(time.to_bits(), (value - before).max(0.0));
            }
            (end, own)
        })
        .collect()
}

/// The buckets' upper ends, as many as there is room for.
fn ends(panel: &Panel, buckets: &Buckets, frame: Frame<'_>, heights: &Heights) -> Markup {
    let every = if heights.each < 11.0 { 2 } else { 1 };
    html! {
        @for (number, (end, _)) in buckets.iter().enumerate() {
            @let y = heights.at(number + 1);
            (line("grid", (frame.left(), y), (frame.right(), y)))
            @if number % every == 0 { (label("", "end", (frame.left() - 6.0, y + 3.5), &units::show(panel.unit, *end))) }
        }
    }
}

/// A threshold that is the end of a bucket is a line above it.
fn thresholds(panel: &Panel, buckets: &Buckets, frame: Frame<'_>, heights: &Heights) -> Markup {
    let place = |from: f64| {
        buckets
            .iter()
            .position(|(end, _)| (end - from).abs() < from * 1e-6)
    };
    html! {
        @for from in lines_at(&panel.steps) {
            @if let Some(number) = place(from) {
                @let y = heights.at(number + 1);
                (line("threshold red", (frame.left(), y), (frame.right(), y)))
                (label("threshold red", "end", (frame.right() - 2.0, y - 3.0), &units::show(panel.unit, from)))
            }
        }
    }
}
