//! The boards as one page: what Grafana would show, for machines without it, for pull requests and for the docs.
//!
//! Every expression of every panel is asked ([`ask()`]), together with what happened meanwhile ([`Event`]). What was answered ([`Shown`]) is drawn
//! by `page` (HTML) and `draw` (SVG); what is red or empty is decided once, in `standing`, and everything else shows it.
//!
//! A new kind of panel is a file in `draw` or `page`, and a line in `page::panel`.

mod answers;
mod ask;
mod draw;
mod events;
mod legend;
mod page;
mod scale;
mod standing;
mod units;
mod vanished;
mod window;

pub use self::{
    answers::{Answer, Answered, Firing, Line, Shown, ShownBoard},
    ask::ask,
    events::Event,
    page::render,
    standing::Standing,
    vanished::Vanished,
    window::{Window, points_in},
};

/// A time as people read it, in UTC.
#[must_use]
pub fn utc(seconds: f64) -> String {
    scale::time(seconds, "%Y-%m-%d %H:%M:%S UTC")
}

#[cfg(test)]
mod tests;
