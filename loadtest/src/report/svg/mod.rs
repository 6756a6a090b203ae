//! Drawings: latency by percentile ([`percentiles`]) and the run as time went by ([`timeline`]).
//! Colours come from the page's style sheet.

mod percentiles;
mod timeline;

pub(super) use percentiles::latency;
pub(super) use timeline::timeline;

use crate::wording::time;
use maud::{Markup, html};

/// Milliseconds upwards, logarithmically, from one power of ten to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Milliseconds {
    lowest: i32,
    highest: i32,
}

impl Milliseconds {
    /// The powers of ten around all values, two decades at least.
    pub(super) fn around(values: impl Iterator<Item = f64>) -> Self {
        let (mut lowest, mut highest) = (0, 2);
        for power in values.filter(|ms| *ms > 0.0).map(f64::log10) {
            while f64::from(lowest) > power && lowest > -3 {
                lowest -= 1;
            }
            while f64::from(highest) < power && highest < 6 {
                highest += 1;
            }
        }
        Self { lowest, highest }
    }

    /// Where a value lies between bottom and top; what is beyond them lies on them.
    fn up(self, ms: f64, bottom: f64, top: f64) -> f64 {
        let (lowest, highest) = (f64::from(self.lowest), f64::from(self.highest));
        let power = ms.max(1e-9).log10().clamp(lowest, highest);
        bottom - (bottom - top) * (power - lowest) / (highest - lowest)
    }

    /// Every power of ten, as milliseconds and as a label.
    fn ticks(self) -> impl Iterator<Item = (f64, String)> {
        let label = |power: i32| match power {
            ..0 => format!("{} us", whole(1_000.0 * 10_f64.powi(power))),
            0..3 => format!("{} ms", whole(10_f64.powi(power))),
            3.. => format!("{} s", whole(10_f64.powi(power - 3))),
        };
        (self.lowest..=self.highest).map(move |power| (10_f64.powi(power), label(power)))
    }
}

fn whole(value: f64) -> String {
    format!("{value:.0}")
}

/// A coordinate.
fn at(value: f64) -> String {
    format!("{value:.1}")
}

fn line(class: &str, from: (f64, f64), to: (f64, f64)) -> Markup {
    html! {
        line class=(class) x1=(at(from.0)) y1=(at(from.1)) x2=(at(to.0)) y2=(at(to.1)) {}
    }
}

fn label(class: &str, anchor: &str, place: (f64, f64), text: &str) -> Markup {
    html! {
        text class=(class) x=(at(place.0)) y=(at(place.1)) text-anchor=(anchor) { (text) }
    }
}

/// Horizontal lines with their labels at the left.
fn decades(scale: Milliseconds, across: (f64, f64), upwards: (f64, f64)) -> Markup {
    html! {
        @for (ms, text) in scale.ticks() {
            @let y = scale.up(ms, upwards.0, upwards.1);
            (line("grid", (across.0, y), (across.1, y)))
            (label("", "end", (across.0 - 5.0, y + 3.0), &text))
        }
    }
}

/// The line of a budget, with its time at the right end.
fn budget(ms: f64, y: f64, across: (f64, f64)) -> Markup {
    html! {
        (line("budget", (across.0, y), (across.1, y)))
        (label("budget-label", "end", (across.1, y - 3.0), &format!("budget {}", time(ms))))
    }
}

fn points(places: &[(f64, f64)]) -> String {
    let places = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}"));
    places.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_has_room_for_every_value() {
        let scale = Milliseconds::around([0.3, 4_200.0].into_iter());
        assert_eq!((scale.lowest, scale.highest), (-1, 4));
        let ticks: Vec<_> = scale.ticks().map(|(_, label)| label).collect();
        assert_eq!(ticks, ["100 us", "1 ms", "10 ms", "100 ms", "1 s", "10 s"]);
        let close = |left: f64, right: f64| (left - right).abs() < 0.01;
        assert!(close(scale.up(0.1, 90.0, 10.0), 90.0));
        assert!(close(scale.up(10_000.0, 90.0, 10.0), 10.0));
        assert!(close(scale.up(1e9, 90.0, 10.0), 10.0) && close(scale.up(0.0, 90.0, 10.0), 90.0));
    }

    #[test]
    fn without_values_it_is_a_scale_all_the_same() {
        let scale = Milliseconds::around(std::iter::empty());
        assert_eq!(scale.ticks().count(), 3);
    }
}
