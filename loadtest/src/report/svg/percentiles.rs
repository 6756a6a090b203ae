//! The latency distribution of a route: milliseconds by percentile, both on log scales.
//!
//! The horizontal axis counts nines, so that the tail has as much room as the rest: half of the
//! width lies beyond the 99th percentile. All routes have the same axes and can be compared.

use super::{Milliseconds, at, budget, decades, label, line, points};
use crate::measurements::RouteFigures;
use crate::wording::time;
use maud::{Markup, html};

const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 190.0;
const ACROSS: (f64, f64) = (46.0, 342.0);
const UPWARDS: (f64, f64) = (168.0, 12.0);

/// Percentiles with a tick.
const TICKS: [f64; 6] = [0.0, 50.0, 90.0, 99.0, 99.9, 99.99];
/// The nines at the right end of the axis.
const NINES: f64 = 4.0;

/// The drawing, as an `svg` element.
pub(in crate::report) fn latency(route: &RouteFigures, scale: Milliseconds) -> Markup {
    let up = |ms| scale.up(ms, UPWARDS.0, UPWARDS.1);
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" {
            title { "Latency of " (route.route) " by percentile" }
            (decades(scale, ACROSS, UPWARDS))
            @for percentile in TICKS {
                @let x = across(percentile);
                (line("grid", (x, UPWARDS.0), (x, UPWARDS.1)))
                (label("", "middle", (x, UPWARDS.0 + 14.0), &percentile.to_string()))
            }
            (curve(route, up))
            @for promise in &route.promises {
                (budget(promise.budget_ms, up(promise.budget_ms), ACROSS))
            }
            @for (percentile, ms) in [(50.0, route.p50_ms), (99.0, route.p99_ms)] {
                @if let Some(ms) = ms { (value(across(percentile), up(ms), ms)) }
            }
        }
    }
}

fn across(percentile: f64) -> f64 {
    let nines = -(1.0 - percentile / 100.0).max(1e-9).log10();
    ACROSS.0 + (ACROSS.1 - ACROSS.0) * nines.min(NINES) / NINES
}

fn curve(route: &RouteFigures, up: impl Fn(f64) -> f64) -> Markup {
    let place = |percentile: f64, ms: f64| (across(percentile), up(ms));
    let latency = route.latency.iter();
    let line: Vec<_> = latency.map(|own| place(own.percentile, own.ms)).collect();
    let (Some(first), Some(last)) = (line.first(), line.last()) else {
        return html! {};
    };
    let mut area = line.clone();
    area.extend([(last.0, UPWARDS.0), (first.0, UPWARDS.0)]);
    html! {
        polygon class="under" points=(points(&area)) {}
        polyline class="curve" points=(points(&line)) {}
    }
}

fn value(x: f64, y: f64, ms: f64) -> Markup {
    // Above the curve, or below it where there is no room above.
    let base = if y < UPWARDS.1 + 16.0 {
        y + 16.0
    } else {
        y - 7.0
    };
    html! {
        circle class="dot" cx=(at(x)) cy=(at(y)) r="3" {}
        (label("value", "middle", (x, base), &time(ms)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_counts_nines() {
        let close = |left: f64, right: f64| (left - right).abs() < 0.01;
        assert!(close(across(0.0), ACROSS.0) && close(across(100.0), ACROSS.1));
        assert!(close(across(99.0), f64::midpoint(ACROSS.0, ACROSS.1)));
    }

    #[test]
    fn a_route_without_answers_is_drawn_without_a_curve() {
        let scale = Milliseconds::around(std::iter::empty());
        let svg = latency(&RouteFigures::default(), scale).into_string();
        assert!(svg.contains("grid") && !svg.contains("curve"));
    }
}
