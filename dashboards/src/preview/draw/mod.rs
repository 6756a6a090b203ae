//! Drawings over time, as SVG: a frame with axes, thresholds and events, and in it lines, areas, buckets or states. Colours come from the style of
//! the page.

mod frame;
mod gauge;
mod heatmap;
mod lines;
mod spark;
mod stack;
mod states;

pub(super) use self::{
    gauge::gauge,
    heatmap::heatmap,
    lines::lines,
    spark::spark,
    stack::{stack, whole},
    states::states,
};

use maud::{Markup, html};

use super::{Event, Line, Window};
use crate::model::{Colour, Panel};
use crate::prometheus::Point;

/// What every drawing of a page shares.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) window: &'a Window,
    pub(super) events: &'a [Event],
}

/// A line with what it is drawn as.
pub(super) struct Curve<'a> {
    /// The class of its colour.
    pub(super) class: &'static str,
    /// Whether it is what the others are held against.
    pub(super) is_limit: bool,
    pub(super) line: Line<'a>,
}

/// Width and height in the drawing's own units, which are pixels on a wide screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Size {
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Pixels of a column, of 24 on a wide screen.
const COLUMN: f64 = 64.0;
/// Pixels that a panel's frame takes from its width.
const FRAME: f64 = 28.0;
/// Pixels of a row of the grid, of which the title takes two.
const ROW: f64 = 30.0;

impl Size {
    /// What is left for the drawing of a panel.
    pub(super) fn of(panel: &Panel) -> Self {
        let rows = panel.height.saturating_sub(1).max(4);
        Self {
            width: f64::from(panel.width.clamp(3, 24)) * COLUMN - FRAME,
            height: f64::from(rows) * ROW,
        }
    }
}

/// The class of a colour.
pub(super) fn class(colour: Colour) -> &'static str {
    match colour {
        Colour::Red => "red",
        Colour::Orange => "orange",
        Colour::Green => "green",
        Colour::Blue => "blue",
        Colour::Violet => "violet",
        Colour::Yellow => "yellow",
        Colour::Grey => "grey",
    }
}

/// A coordinate.
fn at(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0")
        .map_or_else(|| text.clone(), str::to_owned)
}

fn line(class: &str, from: (f64, f64), to: (f64, f64)) -> Markup {
    html! { line class=(class) x1=(at(from.0)) y1=(at(from.1)) x2=(at(to.0)) y2=(at(to.1)) {} }
}

fn label(class: &str, anchor: &str, place: (f64, f64), text: &str) -> Markup {
    html! { text class=(class) x=(at(place.0)) y=(at(place.1)) text-anchor=(anchor) { (text) } }
}

fn rectangle(class: &str, from: (f64, f64), to: (f64, f64), title: &str) -> Markup {
    let (width, height) = ((to.0 - from.0).max(0.0), (to.1 - from.1).max(0.0));
    html! {
        rect class=(class) x=(at(from.0)) y=(at(from.1)) width=(at(width)) height=(at(height)) { title { (title) } }
    }
}

/// The stretches of a line between gaps, and between what is no number.
fn stretches<'a>(line: &'a Line<'_>, window: &Window) -> impl Iterator<Item = &'a [Point]> {
    let patience = window.patience();
    let together = move |left: &Point, right: &Point| {
        right.time - left.time <= patience && left.value.is_finite() == right.value.is_finite()
    };
    let finite = |stretch: &&[Point]| stretch.first().is_some_and(|point| point.value.is_finite());
    line.points.chunk_by(together).filter(finite)
}

/// The path through places.
fn path(places: impl IntoIterator<Item = (f64, f64)>) -> String {
    let mut path = String::new();
    for (x, y) in places {
        path.push(if path.is_empty() { 'M' } else { 'L' });
        path.push_str(&at(x));
        path.push(' ');
        path.push_str(&at(y));
    }
    path
}

/// A text that fits so many pixels, in letters of six pixels.
fn short(text: &str, pixels: f64) -> String {
    let letters = text.chars().count();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to what a screen has"
    )]
    let most = (pixels / 6.0).clamp(1.0, 1_000.0) as usize;
    if letters <= most {
        return text.to_owned();
    }
    let start: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{start}…")
}
