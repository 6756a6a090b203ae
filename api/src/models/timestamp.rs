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
