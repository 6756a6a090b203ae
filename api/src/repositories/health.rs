//! The question that the health check asks.

use diesel::{IntoSql, sql_types::Integer};

use crate::{
    database::{Conn, DatabaseError},
    queries,
};

queries! {
    /// Whether the database answers: what `/readyz` knows.
    Ping: SELECT "health.ping", rows <= 1, nothing;
}

/// Whether the database answers.
///
/// # Errors
/// [`DatabaseError`]; see its kinds.
pub async fn ping(conn: &mut Conn) -> Result<(), DatabaseError> {
    conn.one::<_, i32>(Ping, diesel::select(1.into_sql::<Integer>()))
        .await
        .map(drop)
}
