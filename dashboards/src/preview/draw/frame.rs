//! The frame of drawings over time: axes, grid, lines of thresholds, events.

use maud::{Markup, html};

use super::{Context, Size, at, class, label, line, rectangle};
use crate::{
    model::{Colour, Step, Unit},
    preview::{
        scale::{Scale, time_marks},
        standing, units,
    },
};

/// Room for what is written at the left, the right, the top and the foot.
const LEFT: f64 = 56.0;
const RIGHT: f64 = 10.0;
pub(super) const TOP: f64 = 13.0;
const FOOT: f64 = 18.0;
/// Pixels between two times that are written.
const TIME_WIDTH: f64 = 70.0;
/// Pixels between two numbers of events, at least.
const EVENT_WIDTH: f64 = 17.0;
/// Two thresholds nearer than this, in pixels, are written side by side.
const THRESHOLD_HEIGHT: f64 = 11.0;

/// The place that is drawn in.
#[derive(Clone, Copy)]
pub(super) struct Frame<'a> {
    context: Context<'a>,
    size: Size,
    left: f64,
}

impl<'a> Frame<'a> {
    pub(super) fn new(context: Context<'a>, size: Size) -> Self {
        let left = LEFT;
        Self {
            context,
            size,
            left,
        }
    }

    /// With so much room at the left.
    pub(super) fn with_left(self, left: f64) -> Self {
        Self { left, ..self }
    }

    pub(super) fn left(self) -> f64 {
        self.left
    }

    pub(super) fn right(self) -> f64 {
        self.size.width - RIGHT
    }

    pub(super) fn foot(self) -> f64 {
        self.size.height - FOOT
    }

    /// Where a time lies.
    pub(super) fn across(self, time: f64) -> f64 {
        let share = (time - self.context.window.start()) / self.context.window.range.as_secs_f64();
        self.left + (self.right() - self.left) * share.clamp(0.0, 1.0)
    }

    /// Where a value lies.
    pub(super) fn up(self, scale: Scale, value: f64) -> f64 {
        self.foot() - (self.foot() - TOP) * scale.share(value)
    }

    /// The whole drawing: regions below, then the grid, the content, thresholds and events.
    pub(super) fn draw(self, title: &str, grid: &Markup, content: &Markup) -> Markup {
        html! {
            svg viewBox=(format!("0 0 {} {}", at(self.size.width), at(self.size.height))) role="img" {
                title { (title) }
                (self.regions())
                (grid)
                (self.times())
                (content)
                (self.events())
            }
        }
    }

    /// Lines at round values, with the values.
    pub(super) fn values(self, scale: Scale, unit: Unit) -> Markup {
        html! {
            @for value in scale.marks() {
                @let y = self.up(scale, value);
                (line("grid", (self.left, y), (self.right(), y)))
                (label("", "end", (self.left - 6.0, y + 3.5), &units::show(unit, value)))
            }
        }
    }

    fn times(self) -> Markup {
        let window = self.context.window;
        let most = ((self.right() - self.left) / TIME_WIDTH).max(1.0);
        let last = self.right() - TIME_WIDTH / 3.0;
        html! {
            @for (time, text) in time_marks(window.start(), window.end, most) {
                @let x = self.across(time);
                (line("grid", (x, TOP), (x, self.foot())))
                @if x < last { (label("", "middle", (x, self.foot() + 14.0), &text)) }
            }
        }
    }

    /// What goes on for some time: shaded, with a bar above.
    fn regions(self) -> Markup {
        html! {
            @for event in self.context.events.iter().filter(|event| event.lasts()) {
                @let (from, to) = (self.across(event.from), self.across(event.to));
                (rectangle(&format!("region {}", event.colour), (from, TOP), (to, self.foot()), &event.text))
                (rectangle(&format!("during {}", event.colour), (from, TOP - 2.0), (to, TOP), &event.text))
            }
        }
    }

    /// A line where an event begins, and its number above where there is room.
    fn events(self) -> Markup {
        let mut free = f64::MIN;
        let numbered = self
            .context
            .events
            .iter()
            .enumerate()
            .map(|(number, event)| {
                let x = self.across(event.from);
                let has_room = x >= free;
                if has_room {
                    free = x + EVENT_WIDTH;
                }
                (number + 1, event, x, has_room)
            });
        html! {
            @for (number, event, x, has_room) in numbered {
                g class=(format!("event {}", event.colour)) {
                    title { (number) ": " (event.text) }
                    (line("", (x, TOP), (x, self.foot())))
                    @if has_room { (label("", "middle", (x.max(self.left + 4.0), TOP - 3.0), &number.to_string())) }
                }
            }
        }
    }

    /// A line for each step that has a lower end. A line that is above the axis is named at the top.
    pub(super) fn thresholds(self, scale: Scale, unit: Unit, steps: &[Step]) -> Markup {
        let mut taken: Vec<f64> = Vec::new();
        let placed: Vec<_> = thresholds(steps)
            .filter(|(from, _)| *from >= scale.low())
            .map(|(from, colour)| {
                let is_beyond = from > scale.high() * (1.0 + 1e-9);
                let y = if is_beyond { TOP } else { self.up(scale, from) };
                let near = |other: &&f64| (*other - y).abs() < THRESHOLD_HEIGHT;
                let beside = taken.iter().filter(near).map(|_| 62.0).sum::<f64>();
                taken.push(y);
                (from, colour, is_beyond, y, beside)
            })
            .collect();
        html! {
            @for (from, colour, is_beyond, y, beside) in placed {
                @let name = format!("threshold {}", class(colour));
                @let text = units::show(unit, from);
                @let x = self.right() - 2.0 - beside;
                @if is_beyond {
                    (label(&name, "end", (x, y + 9.0), &format!("▲ {text}")))
                } @else {
                    (line(&name, (self.left, y), (self.right(), y)))
                    (label(&name, "end", (x, if y < TOP + 10.0 { y + 10.0 } else { y - 3.0 }), &text))
                }
            }
        }
    }
}

/// Where a line is drawn, in the colour of what is on its bad side.
fn thresholds(steps: &[Step]) -> impl Iterator<Item = (f64, Colour)> {
    let less = standing::less_is_worse(steps);
    let pairs = steps.iter().zip(steps.iter().skip(1));
    pairs.filter_map(move |(below, step)| {
        let colour = if less { below.colour } else { step.colour };
        let says = matches!(colour, Colour::Red | Colour::Orange);
        step.from.filter(|_| says).map(|from| (from, colour))
    })
}

/// The values that a line is drawn at.
pub(super) fn lines_at(steps: &[Step]) -> impl Iterator<Item = f64> {
    thresholds(steps).map(|(from, _)| from)
}
