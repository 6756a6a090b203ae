//! Times and shares as people write them: `"100ms"`, `"99.9%"`.

use crate::evidence::is_edge;
use crate::wording;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::fmt;
use std::time::Duration;

/// A length of time: a number with `us`, `ms` or `s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub Duration);

/// A part of a whole, from 0 to 1; written as a number with `%`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Share(pub f64);

impl Time {
    fn parse(text: &str) -> Option<Self> {
        let units = [("us", 1e-6), ("ms", 1e-3), ("s", 1.0)];
        let (number, scale) = units
            .into_iter()
            .find_map(|(unit, scale)| Some((text.strip_suffix(unit)?, scale)))?;
        let seconds = number.trim().parse::<f64>().ok()? * scale;
        let time = Duration::try_from_secs_f64(seconds).ok()?;
        (!time.is_zero()).then_some(Self(time))
    }
}

impl Share {
    fn parse(text: &str) -> Option<Self> {
        let percent: f64 = text.strip_suffix('%')?.trim().parse().ok()?;
        (0.0..=100.0)
            .contains(&percent)
            .then_some(Self(percent / 100.0))
    }
}

impl Share {
    /// The share of the others: 0.01 where this is 99%.
    #[must_use]
    pub fn others(self) -> f64 {
        // Rounded, so that nothing is lost to binary: 1 - 0.99 is 0.010000000000000009.
        ((1.0 - self.0) * 1e12).round() / 1e12
    }
}

impl fmt::Display for Time {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&format!("{:?}", self.0).replace('µ', "u"))
    }
}

impl fmt::Display for Share {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&wording::share(self.0))
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let no_time = || D::Error::custom(format!("{text:?} is no time such as \"100ms\""));
        let time = Self::parse(&text).ok_or_else(no_time)?;
        if is_edge(time.0) {
            return Ok(time);
        }
        let too_fine = "has more digits than are measured: at most three, in whole microseconds";
        Err(D::Error::custom(format!("{text:?} {too_fine}")))
    }
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| D::Error::custom(format!("{text:?} is no share such as \"99.9%\"")))
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_shares_are_shown_as_they_are_written() {
        for text in ["100ms", "1.5s", "2s"] {
            assert_eq!(Time::parse(text).unwrap().to_string(), text);
        }
        for text in ["99.9%", "0.1%", "0%", "100%"] {
            assert_eq!(Share::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Time::parse("250us"), Some(Time(Duration::from_micros(250))));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["", "ms", "-1s", "0ms", "NaNs", "infs", "1h", "100"] {
            assert_eq!(Time::parse(text), None, "{text}");
        }
        for text in ["", "%", "-1%", "101%", "NaN%", "0.1"] {
            assert_eq!(Share::parse(text), None, "{text}");
        }
    }
}
