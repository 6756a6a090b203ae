//! The one way through which every statement goes, on either database. Only here a query is timed, counted and booked to its request.

use std::{sync::Arc, time::Duration};

use super::{
    DatabaseError, ErrorKind, Rows, Statement, meter::Meter, postgres::PostgresSession,
    sqlite::SqliteSession,
};
use crate::{budget::NamedQuery, named_query, telemetry::Metrics};

named_query!(Begin, BEGIN "transaction.begin");
named_query!(Commit, COMMIT "transaction.commit");
named_query!(Rollback, ROLLBACK "transaction.rollback");
/// A caller's use of the database, leased from [`Database`](super::Database).
///
/// Dropping it at any time is safe: in the middle of a statement or a transaction nothing of it is handed on to the next caller.
pub struct Conn {
    session: Session,
    metrics: Arc<Metrics>,
}

pub(super) enum Session {
    Postgres(PostgresSession),
    Sqlite(SqliteSession),
}

impl Conn {
    pub(super) fn new(session: Session, metrics: Arc<Metrics>) -> Self {
        Self { session, metrics }
    }

    /// All rows of `query`.
    ///
    /// # Errors
    /// [`DatabaseError`]; see its kinds.
    pub async fn load<N: NamedQuery, T: Send + 'static>(
        &mut self,
        _: N,
        query: impl Rows<N, T>,
    ) -> Result<Vec<T>, DatabaseError> {
        let meter = Meter::<N>::start(&self.metrics);
        let (queued, result) = match &mut self.session {
            Session::Postgres(session) => (
                Duration::ZERO,
                session
                    .run(N::SLOT, async move |connection| {
                        query.load_postgres(connection).await
                    })
                    .await,
            ),
            Session::Sqlite(session) => {
                session
                    .run(N::SLOT, move |connection| query.load_sqlite(connection))
                    .await
            }
        };
        meter.finish(queued, result, Vec::len)
    }

    /// The first row of `query`, if there is one.
    ///
    /// # Errors
    /// [`DatabaseError`]; see its kinds.
    pub async fn optional<N: NamedQuery, T: Send + 'static>(
        &mut self,
        name: N,
        query: impl Rows<N, T>,
    ) -> Result<Option<T>, DatabaseError> {
        self.load(name, query)
            .await
            .map(|rows| rows.into_iter().next())
    }

    /// The row of a query that always has one, such as `INSERT … RETURNING`.
    ///
    /// # Errors
    /// [`DatabaseError`]; see its kinds.
    pub async fn one<N: NamedQuery, T: Send + 'static>(
        &mut self,
        name: N,
        query: impl Rows<N, T>,
    ) -> Result<T, DatabaseError> {
        let row = self.optional(name, query).await?;
        row.ok_or_else(|| DatabaseError::new(ErrorKind::Other, "the statement returned no row"))
    }

    /// Runs a statement and says how many rows it touched.
    ///
    /// # Errors
    /// [`DatabaseError`]; see its kinds.
    pub async fn execute<N: NamedQuery>(
        &mut self,
        _: N,
        statement: impl Statement<N>,
    ) -> Result<usize, DatabaseError> {
        let meter = Meter::<N>::start(&self.metrics);
        let (queued, result) = match &mut self.session {
            Session::Postgres(session) => (
                Duration::ZERO,
                session
                    .run(N::SLOT, async move |connection| {
                        statement.execute_postgres(connection).await
                    })
                    .await,
            ),
            Session::Sqlite(session) => {
                session
                    .run(N::SLOT, move |connection| {
                        statement.execute_sqlite(connection)
                    })
                    .await
            }
        };
        meter.finish(queued, result, |rows| *rows)
    }

    /// Runs `work` in one transaction: committed if it succeeds, rolled back if it fails or is dropped.
    ///
    /// # Errors
    /// What `work` says, or [`DatabaseError`] of the transaction itself.
    pub async fn transaction<T, E: From<DatabaseError>>(
        &mut self,
        work: impl AsyncFnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        // SQLite: a plain BEGIN takes the lock at the first write, and fails at once if another was faster.
        let begin = match self.session {
            Session::Postgres(_) => "BEGIN",
            Session::Sqlite(_) => "BEGIN IMMEDIATE",
        };
        self.control::<Begin>(begin, true).await?;
        match work(self).await {
            Ok(value) => {
                self.control::<Commit>("COMMIT", false).await?;
                Ok(value)
            }
            Err(error) => {
                // What went wrong first is what the caller wants to know; a session that could not roll back is not handed on.
                drop(self.control::<Rollback>("ROLLBACK", false).await);
                Err(error)
            }
        }
    }

    async fn control<N: NamedQuery>(
        &mut self,
        sql: &'static str,
        opens: bool,
    ) -> Result<(), DatabaseError> {
        let meter = Meter::<N>::start(&self.metrics);
        let (queued, result) = match &mut self.session {
            Session::Postgres(session) => {
                (Duration::ZERO, session.control(N::SLOT, sql, opens).await)
            }
            Session::Sqlite(session) => session.control(N::SLOT, sql, opens).await,
        };
        meter.finish(queued, result, |()| 0)
    }
}
