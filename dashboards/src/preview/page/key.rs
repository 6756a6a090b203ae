//! The colours of lines and the legend below them: name, newest value, worst value.

use std::cmp::Reverse;

use maud::{Markup, html};

use crate::{
    model::{Colour, Panel, Step},
    preview::{
        Answered, Line, Standing, Window,
        draw::{self, Curve},
        scale::time,
        standing, units,
    },
};

/// Lines with a colour of their own; more cannot be told apart.
const SHOWN: usize = 8;
/// A name with more letters than this has a row of its own.
const LONG: usize = 26;
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

/// Gives lines their colours. When there are too many, limits and the worst have one, then the greatest; the others are grey, and so is what is
/// always 0.
pub(super) fn coloured<'a>(answered: &Answered, mut lines: Vec<Line<'a>>) -> Vec<Curve<'a>> {
    lines.retain(|line| line.last().is_some());
    let are_too_many = lines.len() > SHOWN;
    if are_too_many {
        lines.sort_by(|left, right| {
            rank(answered, left)
                .cmp(&rank(answered, right))
                .then_with(|| worse_first(answered, left, right))
        });
    }
    // A colour that several lines shared would tell them apart no more.
    let are_one = |query: usize| lines.iter().filter(|line| line.query == query).count() == 1;
    let own = |query: usize| {
        let colour = answered.answers.get(query).and_then(|answer| answer.colour);
        colour.filter(|_| answered.is_limit(query) || are_one(query))
    };
    let owns: Vec<_> = lines.iter().map(|line| own(line.query)).collect();
    let given: Vec<_> = owns.iter().copied().flatten().collect();
    let mut free = PALETTE
        .iter()
        .filter(|(_, like)| like.is_none_or(|like| !given.contains(&like)));
    let curves = lines
        .into_iter()
        .zip(owns)
        .enumerate()
        .map(|(number, (line, own))| Curve {
            class: match own {
                _ if number >= SHOWN
                    || are_too_many && says_nothing(&answered.panel.steps, &line) =>
                {
                    REST
                }
                Some(colour) => draw::class(colour),
                None => free.next().map_or(REST, |(class, _)| class),
            },
            is_limit: answered.is_limit(line.query),
            line,
        });
    curves.collect()
}

/// Limits first, then what is bad, what is never 0 last.
fn rank(answered: &Answered, line: &Line<'_>) -> (bool, bool, Reverse<Standing>) {
    let steps = &answered.panel.steps;
    let standing = line
        .last()
        .map_or(Standing::Fine, |point| standing::value(steps, point.value));
    (
        !answered.is_limit(line.query),
        says_nothing(steps, line),
        Reverse(standing),
    )
}

fn worse_first(answered: &Answered, left: &Line<'_>, right: &Line<'_>) -> std::cmp::Ordering {
    if standing::less_is_worse(&answered.panel.steps) {
        let least = |line: &Line<'_>| line.min().unwrap_or_default();
        return least(left).total_cmp(&least(right));
    }
    let most = |line: &Line<'_>| line.max().unwrap_or_default();
    most(right).total_cmp(&most(left))
}

/// Whether it is always 0, where 0 is not bad.
fn says_nothing(steps: &[Step], line: &Line<'_>) -> bool {
    !standing::less_is_worse(steps) && line.max() == Some(0.0) && line.min() == Some(0.0)
}

/// The legend. What is drawn without a colour of its own is folded.
pub(super) fn key(panel: &Panel, curves: &[Curve<'_>], window: &Window) -> Markup {
    let (first, others): (Vec<_>, Vec<_>) = curves.iter().partition(|curve| curve.class != REST);
    let are_zero = others
        .iter()
        .all(|curve| says_nothing(&panel.steps, &curve.line));
    let is_long = curves
        .iter()
        .any(|curve| curve.line.name.chars().count() > LONG);
    let class = if is_long { "key long" } else { "key" };
    let and = if first.is_empty() { "" } else { "and " };
    let more = if first.is_empty() { "" } else { "more " };
    html! {
        ul class=(class) { @for curve in first { (entry(panel, curve, window)) } }
        @if !others.is_empty() {
            details.more {
                summary { (and) (others.len()) " " (more) (if are_zero { "that are always 0" } else { "in grey" }) }
                ul class=(class) { @for curve in others { (entry(panel, curve, window)) } }
            }
        }
    }
}

fn entry(panel: &Panel, curve: &Curve<'_>, window: &Window) -> Markup {
    let line = &curve.line;
    let last = line.last().filter(|_| !curve.is_limit);
    let standing = last.map_or("", |last| standing::value(&panel.steps, last.value).class());
    let (word, worst) = if standing::less_is_worse(&panel.steps) {
        ("min", line.min())
    } else {
        ("max", line.max())
    };
    html! {
        li {
            i class=(curve.class) {}
            span.name title=(line.name) { (line.name) }
            @if let Some(end) = ended(line, window) { em { "until " (end) } }
            @if let Some(last) = line.last() { b class=(standing) { (units::show(line.unit, last.value)) } }
            @if let Some(worst) = worst { small { (word) " " (units::show(line.unit, worst)) } }
        }
    }
}

/// When a line ends before the window does: what it says is not so now.
pub(super) fn ended(line: &Line<'_>, window: &Window) -> Option<String> {
    let last = line.last()?;
    let is_old = window.end - last.time > 2.0 * window.patience();
    is_old.then(|| time(last.time, "%H:%M:%S"))
}
