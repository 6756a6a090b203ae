//! The knee, drawn: latency and achieved rate over the offered rate, all on log scales.

use super::finding::{Capacity, Step};
use super::text::by_rate;
use crate::wording::{per_second, time};
use std::fmt::Write;

const WIDTH: f64 = 520.0;
const HEIGHT: f64 = 230.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 500.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 200.0;

/// Where a line of a grid may stand, in each power of ten.
const TICKS: [f64; 3] = [1.0, 2.0, 5.0];

/// A range of values on a log scale.
#[derive(Clone, Copy)]
struct Axis {
    low: f64,
    high: f64,
}

impl Axis {
    /// An axis that reaches over all values, and a little further.
    fn over(values: impl Iterator<Item = f64> + Clone) -> Option<Self> {
        let values = values.filter(|value| *value > 0.0);
        let low = values.clone().reduce(f64::min)?;
        let high = values.reduce(f64::max)?;
        Some(Self {
            low: low / 1.2,
            high: high * 1.2,
        })
    }

    fn share(self, value: f64) -> f64 {
        let span = (self.high / self.low).ln();
        ((value.max(self.low) / self.low).ln() / span).min(1.0)
    }

    fn across(self, value: f64) -> f64 {
        LEFT + (RIGHT - LEFT) * self.share(value)
    }

    fn up(self, value: f64) -> f64 {
        BOTTOM - (BOTTOM - TOP) * self.share(value)
    }

    fn ticks(self) -> Vec<f64> {
        let mut ticks = Vec::new();
        let mut power = 10_f64.powf(self.low.log10().floor());
        while power <= self.high {
            ticks.extend(TICKS.map(|tick| tick * power));
            power *= 10.0;
        }
        ticks.retain(|tick| (self.low..=self.high).contains(tick));
        ticks
    }
}

/// p50 and p99 over the offered rate; nothing where nothing was answered.
#[must_use]
pub fn latency(capacity: &Capacity) -> String {
    let steps = by_rate(capacity);
    let times = steps
        .iter()
        .flat_map(|step| [step.p50_ms, step.p99_ms])
        .flatten();
    let lines: [(&str, Line); 2] = [("p99", |step| step.p99_ms), ("p50", |step| step.p50_ms)];
    draw(
        capacity,
        "Latency over the offered rate",
        Axis::over(times),
        time,
        &lines,
    )
}

/// The achieved rate over the offered one.
#[must_use]
pub fn achieved(capacity: &Capacity) -> String {
    let steps = by_rate(capacity);
    let rates = steps.iter().flat_map(|step| [step.achieved, step.rate]);
    let lines: [(&str, Line); 2] = [
        ("achieved", |step| Some(step.achieved)),
        ("offered", |step| Some(step.rate)),
    ];
    draw(
        capacity,
        "Achieved over the offered rate",
        Axis::over(rates),
        per_second,
        &lines,
    )
}

type Line = fn(&Step) -> Option<f64>;

fn draw(
    capacity: &Capacity,
    title: &str,
    vertical: Option<Axis>,
    label: fn(f64) -> String,
    lines: &[(&str, Line)],
) -> String {
    let steps = by_rate(capacity);
    let rates = Axis::over(steps.iter().map(|step| step.rate));
    let (Some(x), Some(y)) = (rates, vertical) else {
        return String::new();
    };
    let mut svg =
        format!("<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\"><title>{title}</title>");
    grid(&mut svg, x, y, label);
    mark(&mut svg, x, capacity.holds, "holds");
    mark(&mut svg, x, capacity.breaks, "does not");
    let colours = ["var(--client)", "var(--server)"];
    for ((name, of), colour) in lines.iter().zip(colours) {
        let points = steps.iter().filter_map(|step| Some((step.rate, of(step)?)));
        let points: Vec<_> = points
            .map(|(rate, value)| (x.across(rate), y.up(value)))
            .collect();
        curve(&mut svg, &points, colour, name);
    }
    svg.push_str("</svg>");
    svg
}

fn grid(svg: &mut String, x: Axis, y: Axis, label: fn(f64) -> String) {
    // Writing to a string cannot fail.
    for tick in y.ticks() {
        let up = y.up(tick);
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{up:.1}\" y2=\"{up:.1}\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            LEFT - 5.0,
            up + 3.0,
            label(tick)
        );
    }
    for tick in x.ticks() {
        let across = x.across(tick);
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"{across:.1}\" x2=\"{across:.1}\" y1=\"{TOP}\" y2=\"{BOTTOM}\"/>\
             <text x=\"{across:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            BOTTOM + 14.0,
            per_second(tick)
        );
    }
}

fn mark(svg: &mut String, x: Axis, rate: Option<f64>, name: &str) {
    let Some(rate) = rate else { return };
    let across = x.across(rate);
    let (class, anchor) = match name {
        "holds" => ("grid", "end"),
        _ => ("budget", "start"),
    };
    let _ = write!(
        svg,
        "<line class=\"{class}\" style=\"stroke-width:1.5\" x1=\"{across:.1}\" x2=\"{across:.1}\" y1=\"{TOP}\" y2=\"{BOTTOM}\"/>\
         <text class=\"value\" x=\"{across:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{name}</text>",
        TOP - 5.0
    );
}

fn curve(svg: &mut String, points: &[(f64, f64)], colour: &str, name: &str) {
    let mut line = String::new();
    for (across, up) in points {
        let _ = write!(line, " {across:.1},{up:.1}");
        let _ = write!(
            svg,
            "<circle cx=\"{across:.1}\" cy=\"{up:.1}\" r=\"2.5\" style=\"fill:{colour}\"/>"
        );
    }
    let _ = write!(
        svg,
        "<polyline class=\"curve\" style=\"stroke:{colour}\" points=\"{}\"/>",
        line.trim_start()
    );
    if let Some((across, up)) = points.last() {
        let (across, up) = (across - 4.0, up - 6.0);
        let _ = write!(
            svg,
            "<text class=\"value\" x=\"{across:.1}\" y=\"{up:.1}\" text-anchor=\"end\">{name}</text>"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(rate: f64, p99_ms: Option<f64>) -> Step {
        Step {
            rate,
            achieved: rate,
            p99_ms,
            ..Step::default()
        }
    }

    #[test]
    fn every_step_is_a_point_and_both_ends_of_the_bracket_a_line() {
        let capacity = Capacity {
            steps: vec![
                step(100.0, Some(1.0)),
                step(200.0, Some(9.0)),
                step(400.0, None),
            ],
            holds: Some(100.0),
            breaks: Some(200.0),
            ..Capacity::default()
        };
        let svg = latency(&capacity);
        assert_eq!(
            svg.matches("<circle").count(),
            2,
            "what has no p99 is left out"
        );
        assert!(svg.contains(">holds<") && svg.contains(">does not<"));
        assert_eq!(achieved(&capacity).matches("<circle").count(), 6);
    }

    #[test]
    fn nothing_is_drawn_of_nothing() {
        assert_eq!(latency(&Capacity::default()), "");
    }

    #[test]
    fn an_axis_ends_where_its_values_do() {
        let axis = Axis::over([10.0, 100.0].into_iter()).unwrap();
        assert!((axis.across(axis.low) - LEFT).abs() < 1e-9);
        assert!((axis.up(axis.high) - TOP).abs() < 1e-9);
        assert_eq!(axis.ticks().len(), 4);
    }
}
