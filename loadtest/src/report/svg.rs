//! The latency distribution of a route, drawn: milliseconds by percentile, both on log scales.
//!
//! The horizontal axis counts nines, so that the tail has as much room as the rest: half of the
//! width lies beyond the 99th percentile. All routes have the same axes and can be compared.

use crate::measurements::{LatencyPoint, RouteFigures};
use crate::wording::time;
use std::fmt::Write;

const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 190.0;
const LEFT: f64 = 46.0;
const RIGHT: f64 = 342.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 168.0;

/// Percentiles with a tick.
const TICKS: [f64; 6] = [0.0, 50.0, 90.0, 99.0, 99.9, 99.99];
/// The nines at the right end of the axis.
const NINES: f64 = 4.0;
/// Powers of ten of a millisecond at the ends of the vertical axis: 0.1 ms and 1 s.
const LOWEST: f64 = -1.0;
const HIGHEST: f64 = 3.0;

/// The drawing, as an `svg` element.
#[must_use]
pub fn latency(route: &RouteFigures) -> String {
    let mut svg = format!("<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\">");
    // Writing to a string cannot fail.
    let _ = write!(
        svg,
        "<title>Latency of {} by percentile</title>",
        route.route
    );
    grid(&mut svg);
    curve(&mut svg, &route.latency);
    budget(&mut svg, route.budget_ms);
    for (percentile, ms) in [(50.0, route.p50_ms), (99.0, route.p99_ms)] {
        if let Some(ms) = ms {
            value(&mut svg, percentile, ms);
        }
    }
    svg.push_str("</svg>");
    svg
}

fn across(percentile: f64) -> f64 {
    let nines = -(1.0 - percentile / 100.0).max(1e-9).log10();
    LEFT + (RIGHT - LEFT) * nines.min(NINES) / NINES
}

fn up(ms: f64) -> f64 {
    let power = ms.max(1e-9).log10().clamp(LOWEST, HIGHEST);
    BOTTOM - (BOTTOM - TOP) * (power - LOWEST) / (HIGHEST - LOWEST)
}

fn grid(svg: &mut String) {
    for (ms, label) in [
        (0.1, "0.1 ms"),
        (1.0, "1 ms"),
        (10.0, "10 ms"),
        (100.0, ""),
        (1_000.0, "1 s"),
    ] {
        let (y, base) = (up(ms), up(ms) + 3.0);
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
             <text x=\"{:.1}\" y=\"{base:.1}\" text-anchor=\"end\">{label}</text>",
            LEFT - 5.0
        );
    }
    for percentile in TICKS {
        let x = across(percentile);
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{TOP}\" y2=\"{BOTTOM}\"/>\
             <text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{percentile}</text>",
            BOTTOM + 14.0
        );
    }
}

fn curve(svg: &mut String, points: &[LatencyPoint]) {
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return;
    };
    let mut line = String::new();
    for point in points {
        let _ = write!(line, " {:.1},{:.1}", across(point.percentile), up(point.ms));
    }
    let (from, to) = (across(first.percentile), across(last.percentile));
    let _ = write!(
        svg,
        "<polygon class=\"under\" points=\"{from:.1},{BOTTOM}{line} {to:.1},{BOTTOM}\"/>\
         <polyline class=\"curve\" points=\"{}\"/>",
        line.trim_start()
    );
}

fn budget(svg: &mut String, ms: f64) {
    let y = up(ms);
    let _ = write!(
        svg,
        "<line class=\"budget\" x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
         <text class=\"budget-label\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
        LEFT - 5.0,
        y + 3.0,
        time(ms)
    );
}

fn value(svg: &mut String, percentile: f64, ms: f64) {
    let (x, y) = (across(percentile), up(ms));
    // Above the curve, or below it where there is no room above.
    let base = if y < TOP + 16.0 { y + 16.0 } else { y - 7.0 };
    let _ = write!(
        svg,
        "<circle class=\"dot\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>\
         <text class=\"value\" x=\"{x:.1}\" y=\"{base:.1}\" text-anchor=\"middle\">{}</text>",
        time(ms)
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axes_end_where_they_say() {
        let close = |left: f64, right: f64| (left - right).abs() < 0.01;
        assert!(close(across(0.0), LEFT) && close(across(100.0), RIGHT));
        assert!(close(across(99.0), f64::midpoint(LEFT, RIGHT)));
        assert!(close(up(0.1), BOTTOM) && close(up(1_000.0), TOP));
        assert!(close(up(0.001), BOTTOM) && close(up(60_000.0), TOP));
    }

    #[test]
    fn a_route_without_answers_is_drawn_without_a_curve() {
        let svg = latency(&RouteFigures::default());
        assert!(svg.contains("budget") && !svg.contains("curve"));
    }
}
