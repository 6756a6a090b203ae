//! One bar for each series, the longest first.

use maud::{Markup, html};

use crate::preview::{Answered, Line, draw, standing, units};

pub(super) fn bars(answered: &Answered, lines: Vec<Line<'_>>) -> Markup {
    let panel = &answered.panel;
    let mut bars: Vec<_> = lines
        .into_iter()
        .filter_map(|line| Some((line.last()?.value, line)))
        .collect();
    bars.sort_by(|(left, _), (right, _)| right.total_cmp(left));
    let steps = panel.steps.iter().filter_map(|step| step.from);
    let values = bars.iter().map(|(value, _)| *value);
    let longest = values
        .clone()
        .chain(near(steps, values))
        .filter(|value| value.is_finite())
        .fold(0.0, f64::max);
    html! {
        div.bars {
            @for (value, line) in &bars {
                @let own = answered.answers.get(line.query).and_then(|answer| answer.colour);
                @let colour = own.or_else(|| standing::colour(&panel.steps, *value)).map_or("c0", draw::class);
                @let share = if longest > 0.0 { (value / longest * 100.0).clamp(0.0, 100.0) } else { 0.0 };
                span.name title=(line.name) { (line.name) }
                span.bar { i class=(colour) style=(format!("width:{share:.1}%")) {} }
                b class=(standing::value(&panel.steps, *value).class()) { (units::show(line.unit, *value)) }
            }
        }
    }
}

/// The steps that the longest bar comes near to: they would make all bars too short otherwise.
fn near(
    steps: impl Iterator<Item = f64>,
    values: impl Iterator<Item = f64>,
) -> impl Iterator<Item = f64> {
    let highest = values.filter(|value| value.is_finite()).fold(0.0, f64::max);
    steps.filter(move |from| highest >= from / 4.0)
}
