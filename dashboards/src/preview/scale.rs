//! Where a value lies on an axis, and the round numbers that the axis is marked with.

use chrono::{DateTime, Utc};

use super::units;
use crate::model::Unit;

/// An axis of values from `low` to `high`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    low: f64,
    high: f64,
    step: f64,
    logarithmic: bool,
}

/// Marks on an axis, about.
const MARKS: f64 = 4.0;
/// Powers of ten on a logarithmic axis, at most.
const DECADES: i32 = 6;

impl Scale {
    /// Round numbers around values. Zero is on it unless everything is at least `floor` and near to each other.
    #[must_use]
    pub fn linear(unit: Unit, values: impl IntoIterator<Item = f64>, from_zero: bool) -> Self {
        let (low, high) = ends(values);
        let low = if from_zero { low.min(0.0) } else { low };
        let high = if from_zero { high.max(0.0) } else { high };
        let high = if high > low {
            high
        } else {
            low + high.abs().max(1.0)
        };
        let span = high - low;
        let step = round_step(span / MARKS, units::is_binary(unit));
        let high = ((high / step) - 1e-9).ceil() * step;
        let low = ((low / step) + 1e-9).floor() * step;
        let high = if high > low { high } else { low + step };
        Self {
            low,
            high,
            step,
            logarithmic: false,
        }
    }

    /// Powers of ten around values, two of them at least; what is not above zero lies at the foot.
    #[must_use]
    pub fn logarithmic(values: impl IntoIterator<Item = f64>) -> Self {
        let (low, high) = ends(values.into_iter().filter(|value| *value > 0.0));
        let top = (high.max(1e-9).log10() - 1e-9).ceil();
        let foot = (low.max(1e-9).log10() + 1e-9).floor();
        let foot = foot.clamp(top - f64::from(DECADES), top - 2.0);
        Self {
            low: 10_f64.powf(foot),
            high: 10_f64.powf(top),
            step: 10.0,
            logarithmic: true,
        }
    }

    /// The value at the top.
    #[must_use]
    pub fn high(self) -> f64 {
        self.high
    }

    /// The value at the foot.
    #[must_use]
    pub fn low(self) -> f64 {
        self.low
    }

    /// From 0 at the foot to 1 at the top; what is beyond them lies on them.
    #[must_use]
    pub fn share(self, value: f64) -> f64 {
        let share = if self.logarithmic {
            (value.max(self.low) / self.low).log10() / (self.high / self.low).log10()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        share.clamp(0.0, 1.0)
    }

    /// The values that it is marked at.
    #[must_use]
    pub fn marks(self) -> Vec<f64> {
        let mut marks = Vec::new();
        let mut next = self.low;
        while next <= self.high * (1.0 + 1e-9) + self.step * 1e-6 && marks.len() < 12 {
            // Zero is zero, whatever was added up to it.
            marks.push(if next.abs() < self.step * 1e-9 && !self.logarithmic {
                0.0
            } else {
                next
            });
            next = if self.logarithmic {
                next * self.step
            } else {
                next + self.step
            };
        }
        marks
    }
}

/// The least and the greatest of the finite values; 0 and 0 of none.
fn ends(values: impl IntoIterator<Item = f64>) -> (f64, f64) {
    let finite = values.into_iter().filter(|value| value.is_finite());
    // What is still farther away would make a difference infinite.
    let finite = finite.map(|value| value.clamp(-1e100, 1e100));
    let ends = finite.fold(None, |ends: Option<(f64, f64)>, value| {
        let (low, high) = ends.unwrap_or((value, value));
        Some((low.min(value), high.max(value)))
    });
    ends.unwrap_or((0.0, 0.0))
}

/// The next 1, 2 or 5 with zeros, or the next power of two.
fn round_step(least: f64, is_binary: bool) -> f64 {
    let least = least.max(1e-12);
    if is_binary {
        return 2_f64.powf((least.log2() - 1e-9).ceil());
    }
    let power = 10_f64.powf(least.log10().floor());
    let factors = [1.0, 2.0, 5.0].into_iter();
    let fits = |factor: &f64| factor * power >= least * (1.0 - 1e-9);
    factors.clone().find(fits).unwrap_or(10.0) * power
}

/// Seconds between two marks of a time axis.
const TIME_STEPS: [f64; 17] = [
    1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0, 7_200.0,
    21_600.0, 43_200.0, 86_400.0,
];

/// The times that an axis is marked at, at most so many, with what is written there: UTC.
#[must_use]
pub fn time_marks(start: f64, end: f64, most: f64) -> Vec<(f64, String)> {
    let least = (end - start) / most;
    let days = (least / 86_400.0).ceil() * 86_400.0;
    let step = TIME_STEPS
        .into_iter()
        .find(|step| *step >= least)
        .unwrap_or(days);
    let format = match step {
        step if step < 60.0 => "%H:%M:%S",
        step if step < 86_400.0 && end - start <= 86_400.0 => "%H:%M",
        step if step < 86_400.0 => "%d %b %H:%M",
        _ => "%d %b",
    };
    let mut marks = Vec::new();
    let mut next = (start / step).ceil() * step;
    while next <= end && marks.len() < 100 {
        marks.push((next, time(next, format)));
        next += step;
    }
    marks
}

/// A time in UTC, by a format of `strftime`.
#[must_use]
pub fn time(seconds: f64, format: &str) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "seconds since 1970 are whole and small"
    )]
    let whole = seconds.floor() as i64;
    DateTime::<Utc>::from_timestamp(whole, 0)
        .map_or_else(String::new, |time| time.format(format).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(scale: Scale, unit: Unit) -> Vec<String> {
        scale
            .marks()
            .into_iter()
            .map(|mark| units::show(unit, mark))
            .collect()
    }

    #[test]
    fn an_axis_is_marked_with_round_numbers() {
        let scale =
            |unit, values: &[f64]| marks(Scale::linear(unit, values.iter().copied(), true), unit);
        assert_eq!(
            scale(Unit::Seconds, &[0.003, 0.087]),
            ["0 s", "50 ms", "100 ms"]
        );
        assert_eq!(scale(Unit::Count, &[1.0]), ["0", "0.5", "1"]);
        assert_eq!(scale(Unit::Count, &[0.0]), ["0", "0.5", "1"]);
        assert_eq!(
            scale(Unit::Bytes, &[3e6]),
            ["0 B", "1 MiB", "2 MiB", "3 MiB"]
        );
        assert_eq!(
            scale(Unit::Seconds, &[-0.002, 0.002]),
            ["-2 ms", "-1 ms", "0 s", "1 ms", "2 ms"]
        );
    }

    #[test]
    fn shares_near_the_whole_have_an_axis_of_their_own() {
        let scale = Scale::linear(Unit::Ratio, [0.991, 1.0], false);
        assert_eq!(marks(scale, Unit::Ratio), ["99%", "99.5%", "100%"]);
    }

    #[test]
    fn a_logarithmic_axis_has_a_mark_for_each_power_of_ten() {
        let scale = Scale::logarithmic([0.0021, 0.1]);
        assert_eq!(marks(scale, Unit::Seconds), ["1 ms", "10 ms", "100 ms"]);
        assert!((scale.share(0.01) - 0.5).abs() < 1e-9);
        assert_eq!(scale.share(0.0).to_bits(), 0.0_f64.to_bits());
    }

    #[test]
    fn an_axis_without_values_is_an_axis() {
        for scale in [
            Scale::linear(Unit::Seconds, [], true),
            Scale::linear(Unit::Ratio, [f64::NAN], false),
            Scale::logarithmic([0.0, f64::INFINITY]),
        ] {
            assert!(scale.high() > scale.low(), "{scale:?}");
            assert!(scale.marks().len() >= 2, "{scale:?}");
        }
    }

    #[test]
    fn times_are_marked_at_round_minutes_of_utc() {
        let start = 1_790_668_830.0;
        let texts = |start, end, most| -> Vec<_> {
            time_marks(start, end, most)
                .into_iter()
                .map(|(_, text)| text)
                .collect()
        };
        assert_eq!(
            texts(start, start + 900.0, 4.0),
            ["08:05", "08:10", "08:15"]
        );
        assert_eq!(texts(start, start + 20.0, 3.0)[0], "08:00:30");
        assert!(texts(start, start + 86_400.0 * 90.0, 6.0).len() <= 7);
    }
}
