//! How fast the rules look: every time in them is said once, in seconds of the normal rules, and written down by the speed.

use std::time::Duration;

/// How fast the rules look at the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speed {
    /// For production, where Prometheus scrapes every 15 seconds.
    Normal,
    /// For drills and tests, where it scrapes every second: the same expressions, all times divided by 60, so that an hour passes in a minute.
    ///
    /// What is no time stays: numbers of events (ten bad ones, twenty errors) come as fast as the load makes them, a scrape is a fifteenth, and
    /// Prometheus looks back five minutes for a series that is not marked as gone. In the first second after its start, before the first
    /// scrape, `ApiTargetDown` may fire.
    Fast,
}

/// By what the fast rules divide all times.
const FAST: u32 = 60;

/// How times are written: the greatest unit of which there is a whole number.
const UNITS: [(&str, u128); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

impl Speed {
    /// A time of the normal rules, as Prometheus and Alertmanager read it.
    #[must_use]
    pub fn text(self, normal: Duration) -> String {
        let millis = self.of(normal).as_millis();
        let unit = UNITS
            .into_iter()
            .find(|(_, unit)| millis > 0 && millis.is_multiple_of(*unit));
        let (name, unit) = unit.unwrap_or(("s", 1_000));
        format!("{}{name}", millis / unit)
    }

    /// A time of the normal rules at this speed.
    #[must_use]
    pub fn of(self, normal: Duration) -> Duration {
        match self {
            Self::Normal => normal,
            Self::Fast => normal / FAST,
        }
    }

    /// How often targets are scraped.
    #[must_use]
    pub const fn scrape_interval(self) -> &'static str {
        match self {
            Self::Normal => "15s",
            Self::Fast => "1s",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fast_rules_have_a_sixtieth_of_the_time() {
        for (seconds, normal, fast) in [
            (0, "0s", "0s"),
            (30, "30s", "500ms"),
            (60, "1m", "1s"),
            (300, "5m", "5s"),
            (3_600, "1h", "1m"),
            (86_400, "1d", "24m"),
            (259_200, "3d", "72m"),
            (2_592_000, "30d", "12h"),
        ] {
            let time = Duration::from_secs(seconds);
            assert_eq!(Speed::Normal.text(time), normal);
            assert_eq!(Speed::Fast.text(time), fast);
        }
    }
}
