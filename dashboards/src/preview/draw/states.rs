//! States over time: a row for each series, a bar for each stretch of one value.

use maud::{Markup, html};

use super::{
    Context, Size, class,
    frame::{Frame, TOP},
    label, rectangle, short, stretches,
};
use crate::{
    model::Panel,
    preview::{Line, standing, units},
    prometheus::Point,
};

/// Pixels of a row, and of the bar in it.
const ROW: f64 = 22.0;
const BAR: f64 = 16.0;
/// Room for the names, of the whole width.
const NAMES: f64 = 0.28;

/// The drawing, as high as it has rows.
pub(in crate::preview) fn states(
    panel: &Panel,
    lines: &[Line<'_>],
    context: Context<'_>,
) -> Markup {
    let rows = f64::from(u32::try_from(lines.len()).unwrap_or(u32::MAX));
    let size = Size::of(panel);
    let size = Size {
        height: rows * ROW + 34.0,
        ..size
    };
    let frame = Frame::new(context, size).with_left((size.width * NAMES).min(280.0));
    let names = html! {
        @for (number, line) in (0_u32..).zip(lines) {
            @let y = TOP + ROW * f64::from(number) + ROW / 2.0 + 4.0;
            text class="name" x=(frame.left() - 8.0) y=(y) text-anchor="end" {
                title { (line.name) }
                (short(&line.name, frame.left() - 10.0))
            }
        }
    };
    let bars = html! {
        @for (number, line) in (0_u32..).zip(lines) {
            @let top = TOP + ROW * f64::from(number) + (ROW - BAR) / 2.0;
            @for stretch in stretches(line, context.window) {
                @for state in stretch.chunk_by(|left, right| left.value.to_bits() == right.value.to_bits()) {
                    (bar(panel, line, state, (frame, context), top))
                }
            }
        }
    };
    frame.draw(panel.title, &names, &bars)
}

fn bar(
    panel: &Panel,
    line: &Line<'_>,
    state: &[Point],
    (frame, context): (Frame<'_>, Context<'_>),
    top: f64,
) -> Markup {
    let (Some(first), Some(last)) = (state.first(), state.last()) else {
        return html! {};
    };
    let step = context.window.step().as_secs_f64();
    let (from, to) = (frame.across(first.time), frame.across(last.time + step));
    let colour = standing::colour(&panel.steps, first.value).map_or("c0", class);
    let text = units::show(line.unit, first.value);
    html! {
        (rectangle(&format!("state {colour}"), (from, top), (to, top + BAR), &format!("{}: {text}", line.name)))
        @if to - from > 40.0 { (label("state-value", "start", (from + 5.0, top + 12.0), &text)) }
    }
}
