//! One SQL type for points in time, with two representations: `timestamptz` on PostgreSQL, integer microseconds on SQLite.
//! Both are exact to the microsecond, so that an order by time is the same order on both.

use diesel::{
    deserialize::{self, FromSql},
    pg::{Pg, PgValue},
    serialize::{self, IsNull, Output, ToSql},
    sql_types::{BigInt, SqlType},
    sqlite::Sqlite,
};

use crate::models::Timestamp;

/// PostgreSQL counts microseconds from 2000-01-01 (`POSTGRES_EPOCH_JDATE`); this is that day since 1970-01-01.
const POSTGRES_EPOCH_MICROS: i64 = 946_684_800_000_000;

/// The SQL type of `created_at` and `updated_at`.
#[derive(Clone, Copy, Debug, SqlType, diesel::query_builder::QueryId)]
#[diesel(
    postgres_type(oid = 1184, array_oid = 1185),
    sqlite_type(name = "Long")
)]
pub struct TimestampMicros;

impl FromSql<TimestampMicros, Pg> for Timestamp {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let micros = <i64 as FromSql<BigInt, Pg>>::from_sql(value)?;
        Ok(Self::from_micros(
            micros.saturating_add(POSTGRES_EPOCH_MICROS),
        ))
    }
}

impl ToSql<TimestampMicros, Pg> for Timestamp {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let micros = self.as_micros().saturating_sub(POSTGRES_EPOCH_MICROS);
        <i64 as ToSql<BigInt, Pg>>::to_sql(&micros, &mut out.reborrow())
    }
}

impl FromSql<TimestampMicros, Sqlite> for Timestamp {
    fn from_sql(value: diesel::sqlite::SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        <i64 as FromSql<BigInt, Sqlite>>::from_sql(value).map(Self::from_micros)
    }
}

impl ToSql<TimestampMicros, Sqlite> for Timestamp {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.as_micros());
        Ok(IsNull::No)
    }
}
