//! The run as time went by: requests per second above, p50 and p99 below. Seconds that the
//! generator spoilt are shaded and have no figures; a line parts two rounds.

use super::{Milliseconds, at, budget, decades, label, line, points, whole};
use crate::measurements::TimelinePoint;
use crate::wording::count;
use maud::{Markup, html};

const WIDTH: f64 = 1_100.0;
const HEIGHT: f64 = 330.0;
const ACROSS: (f64, f64) = (60.0, 1_090.0);
const RATE: (f64, f64) = (120.0, 14.0);
const LATENCY: (f64, f64) = (300.0, 150.0);
/// Ticks of the time axis at most.
const MOST_TICKS: f64 = 12.0;

/// The drawing, as an `svg` element.
pub(in crate::report) fn timeline(
    timeline: &[TimelinePoint],
    scale: Milliseconds,
    budgets_ms: &[f64],
) -> Markup {
    let timeline = whole_blocks(timeline);
    let end = timeline
        .last()
        .map_or(1.0, |last| last.second + last.seconds);
    let axes = Axes {
        end: end.max(1e-9),
        highest: highest(&timeline),
        scale,
    };
    html! {
        svg class="timeline" viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" {
            title { "Rate, p50 and p99 over time" }
            (axes.spoilt(&timeline))
            (axes.grid())
            (axes.rounds(&timeline))
            (axes.series("rate", &timeline, |point| Some(axes.rate(point.rate))))
            (axes.series("p50", &timeline, |point| point.p50_ms.map(|ms| axes.latency(ms))))
            (axes.series("curve", &timeline, |point| axes.p99(point)))
            (axes.errors(&timeline))
            @for ms in budgets_ms { (budget(*ms, axes.latency(*ms), ACROSS)) }
            (label("", "start", (ACROSS.0, RATE.1 - 3.0), "requests per second"))
            (label("", "start", (ACROSS.0, LATENCY.1 - 6.0), "p50 and p99"))
        }
    }
}

struct Axes {
    /// Seconds at the right end.
    end: f64,
    /// Requests per second at the top.
    highest: f64,
    scale: Milliseconds,
}

impl Axes {
    fn across(&self, second: f64) -> f64 {
        ACROSS.0 + (ACROSS.1 - ACROSS.0) * second / self.end
    }

    fn middle(&self, point: &TimelinePoint) -> f64 {
        self.across(point.second + point.seconds / 2.0)
    }

    fn rate(&self, rate: f64) -> f64 {
        RATE.0 - (RATE.0 - RATE.1) * rate / self.highest
    }

    fn latency(&self, ms: f64) -> f64 {
        self.scale.up(ms, LATENCY.0, LATENCY.1)
    }

    /// At the top where it falls among the failed requests.
    fn p99(&self, point: &TimelinePoint) -> Option<f64> {
        let beyond = (point.errors > 0).then_some(f64::MAX);
        point.p99_ms.or(beyond).map(|ms| self.latency(ms))
    }

    fn grid(&self) -> Markup {
        let step = step(self.end / MOST_TICKS);
        let ticks = (0_u32..).map(|tick| step * f64::from(tick));
        html! {
            @for rate in [0.0, self.highest / 2.0, self.highest] {
                @let (y, text) = (self.rate(rate), count(crate::numbers::whole(rate)));
                (line("grid", (ACROSS.0, y), (ACROSS.1, y)))
                (label("", "end", (ACROSS.0 - 5.0, y + 3.0), &text))
            }
            (decades(self.scale, ACROSS, LATENCY))
            @for second in ticks.take_while(|second| *second <= self.end + 1e-9) {
                @let text = format!("{} s", whole(second));
                (label("", "middle", (self.across(second), LATENCY.0 + 16.0), &text))
            }
        }
    }

    fn spoilt(&self, timeline: &[TimelinePoint]) -> Markup {
        html! {
            @for point in timeline.iter().filter(|point| point.tainted) {
                @let (from, to) = (self.across(point.second), self.across(point.second + point.seconds));
                rect class="spoilt" x=(at(from)) y=(at(RATE.1)) width=(at(to - from))
                    height=(at(LATENCY.0 - RATE.1)) { title { "left out: the generator did not run" } }
            }
        }
    }

    fn rounds(&self, timeline: &[TimelinePoint]) -> Markup {
        let pairs = timeline.iter().zip(timeline.iter().skip(1));
        html! {
            @for (_, next) in pairs.filter(|(last, next)| last.round != next.round) {
                @let x = self.across(next.second);
                (line("round", (x, LATENCY.0), (x, RATE.1)))
            }
        }
    }

    /// A line that is broken where there is no figure and between rounds.
    fn series(
        &self,
        class: &str,
        timeline: &[TimelinePoint],
        up: impl Fn(&TimelinePoint) -> Option<f64>,
    ) -> Markup {
        let height = |point: &TimelinePoint| up(point).filter(|_| !point.tainted);
        let together = |left: &TimelinePoint, right: &TimelinePoint| {
            left.round == right.round && height(left).is_some() == height(right).is_some()
        };
        html! {
            @for stretch in timeline.chunk_by(together) {
                @let places: Vec<_> = stretch.iter()
                    .filter_map(|point| Some((self.middle(point), height(point)?)))
                    .collect();
                @match places.as_slice() {
                    [] => {}
                    [(x, y)] => circle class=(format!("{class} lone")) cx=(at(*x)) cy=(at(*y)) r="2" {},
                    places => polyline class=(class) points=(points(places)) {},
                }
            }
        }
    }

    /// A mark under every block in which requests failed.
    fn errors(&self, timeline: &[TimelinePoint]) -> Markup {
        html! {
            @for point in timeline.iter().filter(|point| point.errors > 0) {
                circle class="error" cx=(at(self.middle(point))) cy=(at(RATE.0)) r="3" {
                    title { (count(point.errors)) " requests without a right answer" }
                }
            }
        }
    }
}

/// Without the rest of a second that a round ended in: it has no rate to speak of.
fn whole_blocks(timeline: &[TimelinePoint]) -> Vec<TimelinePoint> {
    let lengths = timeline.iter().map(|point| point.seconds);
    let longest = lengths.fold(0.0, f64::max);
    let whole = |point: &&TimelinePoint| point.seconds >= longest / 2.0;
    timeline.iter().filter(whole).cloned().collect()
}

/// A round number above every rate.
fn highest(timeline: &[TimelinePoint]) -> f64 {
    let rates = timeline.iter().map(|point| point.rate);
    2.0 * step(rates.fold(1.0, f64::max) / 2.0)
}

/// The next 1, 2 or 5 with zeros.
fn step(least: f64) -> f64 {
    let power = 10_f64.powf(least.max(1e-9).log10().floor());
    let factors = [1.0, 2.0, 5.0].into_iter();
    let fits = |factor: &f64| factor * power >= least * (1.0 - 1e-9);
    factors.clone().find(fits).unwrap_or(10.0) * power
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(round: u32, second: f64, tainted: bool) -> TimelinePoint {
        TimelinePoint {
            round,
            second,
            seconds: 1.0,
            rate: 900.0,
            p50_ms: Some(1.0),
            p99_ms: Some(3.0),
            tainted,
            ..TimelinePoint::default()
        }
    }

    fn draw(points: &[TimelinePoint]) -> String {
        let scale = Milliseconds::around([3.0].into_iter());
        timeline(points, scale, &[100.0]).into_string()
    }

    #[test]
    fn a_spoilt_second_is_shaded_and_breaks_the_lines() {
        let of = |spoilt| {
            [0.0, 1.0, 2.0, 3.0, 4.0].map(|at| point(1, at, spoilt && at > 1.5 && at < 2.5))
        };
        let (whole, broken) = (draw(&of(false)), draw(&of(true)));
        let lines = |svg: &str| svg.matches("class=\"curve\"").count();
        assert_eq!((lines(&whole), lines(&broken)), (1, 2));
        assert!(!whole.contains("spoilt") && broken.contains("spoilt"));
    }

    #[test]
    fn a_p99_among_failed_requests_is_at_the_top_and_no_gap() {
        let failed = TimelinePoint {
            p99_ms: None,
            errors: 40,
            ..point(1, 1.0, false)
        };
        let svg = draw(&[point(1, 0.0, false), failed, point(1, 2.0, false)]);
        assert_eq!(svg.matches("class=\"curve\"").count(), 1);
        assert!(svg.contains(&format!(",{:.1} ", LATENCY.1)), "{svg}");
    }

    #[test]
    fn the_rest_of_a_second_is_not_drawn() {
        let rest = TimelinePoint {
            seconds: 0.02,
            rate: 0.0,
            ..point(1, 2.0, false)
        };
        let whole = [point(1, 0.0, false), point(1, 1.0, false)];
        let [first, second] = whole.clone();
        assert_eq!(draw(&[first, second, rest]), draw(&whole));
    }

    #[test]
    fn rounds_are_parted() {
        let svg = draw(&[point(1, 0.0, false), point(2, 1.0, false)]);
        assert_eq!(svg.matches("class=\"round\"").count(), 1);
    }

    #[test]
    fn steps_are_round_numbers() {
        let close = |left: f64, right: f64| (left - right).abs() < 1e-6;
        assert!(close(step(0.9), 1.0) && close(step(1.2), 2.0) && close(step(2_100.0), 5_000.0));
        assert!(close(step(5.0), 5.0) && close(step(6.0), 10.0));
    }

    #[test]
    fn a_run_without_a_round_is_an_empty_drawing() {
        assert!(draw(&[]).contains("grid"));
    }
}
