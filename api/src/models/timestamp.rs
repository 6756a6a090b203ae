//! A point in time, as precise as both databases keep it.

use std::fmt;

use chrono::{DateTime, SecondsFormat};
use diesel::{deserialize::FromSqlRow, expression::AsExpression};

use crate::database::types::TimestampMicros;

/// Microseconds since 1970-01-01 UTC. Shown as RFC 3339 with `Z` and only as many decimals as are needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = TimestampMicros)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The time that many microseconds after 1970-01-01 UTC.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Parses RFC 3339, in any time zone, with at most six decimals.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let time = DateTime::parse_from_rfc3339(text).ok()?;
        let exact = time.timestamp_subsec_nanos() % 1000 == 0;
        exact.then(|| Self(time.timestamp_micros()))
    }

    /// Microseconds since 1970-01-01 UTC.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = DateTime::from_timestamp_micros(self.0).unwrap_or_default();
        f.write_str(&time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn a_time_is_parsed_only_if_it_can_be_kept_exactly() {
        let second = 1_704_067_200_000_000;
        for (text, micros) in [
            ("2024-01-01T00:00:00Z", Some(second)),
            ("2024-01-01T02:00:00.000001+02:00", Some(second + 1)),
            ("2024-01-01T00:00:00.0000001Z", None),
            ("2024-01-01", None),
            ("2024-01-01T00:00:00", None),
            ("2024-02-30T00:00:00Z", None),
            ("", None),
        ] {
            assert_eq!(Timestamp::parse(text).map(Timestamp::as_micros), micros);
        }
    }

    #[test]
    fn a_timestamp_reads_as_rfc_3339_in_utc() {
        assert_eq!(
            Timestamp::from_micros(1_704_067_200_000_000).to_string(),
            "2024-01-01T00:00:00Z"
        );
        assert_eq!(
            Timestamp::from_micros(1_704_067_200_000_001).to_string(),
            "2024-01-01T00:00:00.000001Z"
        );
    }
}
