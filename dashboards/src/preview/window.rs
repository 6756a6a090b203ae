//! The time that is looked at.

use std::time::Duration;

use crate::prometheus::{Range, Variables};

/// From when to when, and how finely.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// Seconds since 1970.
    pub end: f64,
    /// Before the end.
    pub range: Duration,
    /// Between two scrapes.
    pub scrape: Duration,
}

/// Points of a line, about: one for every four pixels of a wide panel.
const POINTS: u32 = 120;
/// Between two points: what can be read from an axis of time.
const STEPS: [u64; 16] = [
    200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000,
    900_000, 1_800_000, 3_600_000, 7_200_000,
];

impl Window {
    /// Seconds since 1970.
    #[must_use]
    pub fn start(&self) -> f64 {
        self.end - self.range.as_secs_f64()
    }

    /// Between two points; never less than between two scrapes.
    #[must_use]
    pub fn step(&self) -> Duration {
        let least = (self.range / POINTS).max(self.scrape);
        let steps = STEPS.map(Duration::from_millis);
        steps
            .into_iter()
            .find(|step| *step >= least)
            .unwrap_or(least)
    }

    /// The times that ranges are asked at.
    #[must_use]
    pub fn range(&self) -> Range {
        Range {
            start: self.start(),
            end: self.end,
            step: self.step(),
        }
    }

    /// Grafana's variables, with nothing chosen.
    #[must_use]
    pub fn variables(&self) -> Variables {
        Variables::new(self.range, self.step(), self.scrape)
    }

    /// The longest silence between two points of one line, in seconds. Longer ones are drawn as a gap.
    #[must_use]
    pub fn patience(&self) -> f64 {
        self.step().as_secs_f64() * 1.5
    }
}

/// How many points a line of this window has at most.
#[must_use]
pub fn points_in(window: &Window) -> u128 {
    window.range.as_millis() / window.step().as_millis().max(1) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(range: u64, scrape: u64) -> Window {
        Window {
            end: 1e9,
            range: Duration::from_secs(range),
            scrape: Duration::from_secs(scrape),
        }
    }

    #[test]
    fn a_line_has_enough_points_and_never_more_than_prometheus_gives() {
        assert_eq!(window(900, 5).step(), Duration::from_secs(10));
        assert_eq!(window(900, 15).step(), Duration::from_secs(15));
        for days in [1, 30, 3_000] {
            let window = window(days * 86_400, 15);
            assert!(points_in(&window) < 11_000, "{days}: {:?}", window.step());
        }
    }
}
