//! The colours of lines and the legend below them: name, newest value, greatest value.

use std::cmp::Reverse;

use maud::{Markup, html};

use crate::{
    model::{Colour, Panel},
    preview::{Answered, Line, Window, draw, scale::time, standing, units},
};

/// Lines with a colour of their own; more cannot be told apart.
const SHOWN: usize = 8;
/// The classes of colours that mean nothing, with what they look like.
const PALETTE: [(&str, Option<Colour>); 10] = [
    ("c0", Some(Colour::Blue)),
    ("c1", Some(Colour::Green)),
    ("c2", Some(Colour::Violet)),
    ("c3", Some(Colour::Yellow)),
    ("c4", None),
    ("c5", None),
    ("c6", Some(Colour::Grey)),
    ("c7", None),
    ("c8", None),
    ("c9", None),
];
/// The class of lines that have no colour of their own.
const REST: &str = "rest";

/// Gives lines their colours. When there are too many, the worst have one, then the greatest; the others are drawn first, in grey.
pub(super) fn coloured<'a>(
    answered: &Answered,
    mut lines: Vec<Line<'a>>,
) -> Vec<(String, Line<'a>)> {
    let panel = &answered.panel;
    lines.retain(|line| line.last().is_some());
    if lines.len() > SHOWN {
        let less = standing::less_is_worse(&panel.steps);
        lines.sort_by(|left, right| {
            let worse = |line: &Line<'_>| {
                line.last()
                    .map(|point| Reverse(standing::value(&panel.steps, point.value)))
            };
            let great =
                |line: &Line<'_>| line.max().unwrap_or_default() * if less { 1.0 } else { -1.0 };
            worse(left)
                .cmp(&worse(right))
                .then(great(left).total_cmp(&great(right)))
        });
    }
    let given: Vec<_> = answered
        .answers
        .iter()
        .filter_map(|answer| answer.colour)
        .collect();
    let mut free = PALETTE
        .iter()
        .filter(|(_, like)| like.is_none_or(|like| !given.contains(&like)));
    let coloured = lines.into_iter().enumerate().map(|(number, line)| {
        let own = answered
            .answers
            .get(line.query)
            .and_then(|answer| answer.colour);
        let class = match own {
            _ if number >= SHOWN => REST,
            Some(colour) => draw::class(colour),
            None => free.next().map_or(REST, |(class, _)| class),
        };
        (class.to_owned(), line)
    });
    coloured.collect()
}

/// The legend. What is drawn without a colour of its own is folded.
pub(super) fn key(panel: &Panel, lines: &[(String, Line<'_>)], window: &Window) -> Markup {
    let (first, others) = lines.split_at(lines.len().min(SHOWN));
    let entry = |(class, line): &(String, Line<'_>)| entry(panel, class, line, window);
    html! {
        ul.key { @for line in first { (entry(line)) } }
        @if !others.is_empty() {
            details.more {
                summary { "and " (others.len()) " more, in grey" }
                ul.key { @for line in others { (entry(line)) } }
            }
        }
    }
}

fn entry(panel: &Panel, class: &str, line: &Line<'_>, window: &Window) -> Markup {
    let last = line.last();
    let standing = last.map_or("", |last| standing::value(&panel.steps, last.value).class());
    html! {
        li {
            i class=(class) {}
            span.name title=(line.name) { (line.name) }
            @if let Some(end) = ended(line, window) { em { "until " (end) } }
            @if let Some(last) = last { b class=(standing) { (units::show(line.unit, last.value)) } }
            @if let Some(max) = line.max() { small { "max " (units::show(line.unit, max)) } }
        }
    }
}

/// When a line ends before the window does: what it says is not so now.
pub(super) fn ended(line: &Line<'_>, window: &Window) -> Option<String> {
    let last = line.last()?;
    let is_old = window.end - last.time > 2.0 * window.patience();
    is_old.then(|| time(last.time, "%H:%M:%S"))
}
