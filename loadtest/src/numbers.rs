//! Counts and ratios: the only place that converts between whole numbers and floating point.

use std::time::Duration;

/// `part / whole`, 0 when there is nothing to divide by.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    reason = "counts stay far below 2^52 in any run"
)]
pub fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

/// A count as a number that can be calculated with.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    reason = "counts stay far below 2^52 in any run"
)]
pub fn count(count: u64) -> f64 {
    count as f64
}

/// The share of a weight in the sum of all, 0 when nothing weighs anything.
#[must_use]
pub fn portion(weight: usize, all: usize) -> f64 {
    let number = |weight| u64::try_from(weight).unwrap_or(u64::MAX);
    ratio(number(weight), number(all))
}

/// `amount / count`, 0 when there is nothing to divide by.
#[must_use]
pub fn per(amount: f64, count: u64) -> f64 {
    amount * ratio(1, count)
}

/// `count / seconds`, 0 when no time has passed.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    reason = "counts stay far below 2^52 in any run"
)]
pub fn rate(count: u64, seconds: f64) -> f64 {
    if seconds > 0.0 {
        count as f64 / seconds
    } else {
        0.0
    }
}

/// The whole number nearest to a counter's value; a negative one is 0.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and counters hold whole numbers"
)]
pub fn whole(value: f64) -> u64 {
    value.round() as u64
}

/// How many of `count` things are at least the share `share` of them.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts stay far below 2^52 in any run, and a share is between 0 and 1"
)]
pub fn least(share: f64, count: u64) -> u64 {
    // 0.999 * 1000 is more than 999 in binary: without the slack a share of 99.9% would need all.
    let exact = share * count as f64;
    (exact - 1e-9 * exact).ceil() as u64
}

/// The rank of quantile `q` among `count` ordered values: the first is 1.
#[must_use]
pub fn rank(q: f64, count: u64) -> u64 {
    least(q, count).clamp(1, count.max(1))
}

/// Milliseconds with their fraction.
#[must_use]
pub fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

#[cfg(test)]
mod tests {
    use super::{least, rank, ratio, whole};

    #[test]
    fn ranks_are_those_of_the_nearest_rank_method() {
        assert_eq!(rank(0.99, 100), 99);
        assert_eq!(rank(0.99, 101), 100);
        assert_eq!(rank(0.5, 1), 1);
        assert_eq!(rank(0.0, 10), 1);
        assert_eq!(rank(1.0, 10), 10);
    }

    #[test]
    fn a_share_that_is_exactly_met_is_met() {
        assert_eq!(least(0.999, 1_000), 999);
        assert_eq!(least(1.0 - 0.001, 1_000), 999);
        assert_eq!(least(0.999, 1_001), 1_000);
        assert_eq!(least(0.0, 1_000), 0);
    }

    #[test]
    fn nothing_divided_by_nothing_is_nothing() {
        assert!(ratio(0, 0).abs() < f64::EPSILON);
        assert_eq!(whole(-3.0), 0);
        assert_eq!(whole(2.999_999), 3);
    }
}
