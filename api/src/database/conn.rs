//! The one way through which every statement goes, on either database. Only here a query is timed, counted and booked to its request.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use diesel::{QueryResult, SqliteConnection};
use diesel_async::AsyncPgConnection;
use futures_util::future::{BoxFuture, FutureExt};

use super::{
    DatabaseError, ErrorKind, postgres::PostgresSession, query::Named, sqlite::SqliteSession,
};
use crate::{
    budget::{NamedQuery, Phase},
    named_query,
    telemetry::{Metrics, request},
};

named_query!(Begin, BEGIN "transaction.begin");
named_query!(Commit, COMMIT "transaction.commit");
named_query!(Rollback, ROLLBACK "transaction.rollback");

/// A query that both databases can run under the name `N`, and whose rows become `T`s. Implemented for every such Diesel query:
/// the compiler checks it against both dialects here, so that repository functions need no bounds.
pub trait Rows<N, T>: Send + 'static {
    /// Runs it on PostgreSQL.
    fn load_postgres(
        self,
        connection: &mut AsyncPgConnection,
    ) -> BoxFuture<'_, QueryResult<Vec<T>>>;
    /// Runs it on SQLite, blocking.
    ///
    /// # Errors
    /// What the driver says.
    fn load_sqlite(self, connection: &mut SqliteConnection) -> QueryResult<Vec<T>>;
}

impl<Q, N, T> Rows<N, T> for Q
where
    N: NamedQuery,
    Q: Send + 'static,
    T: Send + 'static,
    Named<Q, N>: diesel_async::methods::LoadQuery<'static, AsyncPgConnection, T>
        + diesel::query_dsl::methods::LoadQuery<'static, SqliteConnection, T>,
{
    fn load_postgres(
        self,
        connection: &mut AsyncPgConnection,
    ) -> BoxFuture<'_, QueryResult<Vec<T>>> {
        diesel_async::RunQueryDsl::load(Named::<Q, N>::new(self), connection).boxed()
    }

    fn load_sqlite(self, connection: &mut SqliteConnection) -> QueryResult<Vec<T>> {
        diesel::RunQueryDsl::load(Named::<Q, N>::new(self), connection)
    }
}

/// A statement without rows that both databases can run under the name `N`.
pub trait Statement<N>: Send + 'static {
    /// Runs it on PostgreSQL.
    fn execute_postgres(
        self,
        connection: &mut AsyncPgConnection,
    ) -> BoxFuture<'_, QueryResult<usize>>;
    /// Runs it on SQLite, blocking.
    ///
    /// # Errors
    /// What the driver says.
    fn execute_sqlite(self, connection: &mut SqliteConnection) -> QueryResult<usize>;
}

impl<Q, N> Statement<N> for Q
where
    N: NamedQuery,
    Q: Send + 'static,
    Named<Q, N>: diesel_async::methods::ExecuteDsl<AsyncPgConnection>
        + diesel::query_dsl::methods::ExecuteDsl<SqliteConnection>
        + Send,
{
    fn execute_postgres(
        self,
        connection: &mut AsyncPgConnection,
    ) -> BoxFuture<'_, QueryResult<usize>> {
        diesel_async::RunQueryDsl::execute(Named::<Q, N>::new(self), connection).boxed()
    }

    fn execute_sqlite(self, connection: &mut SqliteConnection) -> QueryResult<usize> {
        diesel::query_dsl::methods::ExecuteDsl::execute(Named::<Q, N>::new(self), connection)
    }
}

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

/// Times one query. If the caller goes away, dropping it still counts the query.
struct Meter<'a, N: NamedQuery> {
    metrics: &'a Metrics,
    started: Instant,
    finished: bool,
    name: std::marker::PhantomData<N>,
}

impl<'a, N: NamedQuery> Meter<'a, N> {
    fn start(metrics: &'a Metrics) -> Self {
        Self {
            metrics,
            started: Instant::now(),
            finished: false,
            name: std::marker::PhantomData,
        }
    }

    fn finish<T>(
        mut self,
        queued: Duration,
        result: Result<T, DatabaseError>,
        rows: impl FnOnce(&T) -> usize,
    ) -> Result<T, DatabaseError> {
        self.finished = true;
        match &result {
            Ok(value) => self.book(queued, rows(value), None),
            Err(error) => self.book(queued, 0, Some(error.kind())),
        }
        result
    }

    fn book(&self, queued: Duration, rows: usize, error: Option<ErrorKind>) {
        if !self.metrics.enabled() {
            return;
        }
        let elapsed = self.started.elapsed().saturating_sub(queued);
        let over_budget = elapsed > N::QUERY.budget;
        if let Some(query) = self.metrics.queries.get(N::SLOT) {
            query.observe(elapsed, rows, error, over_budget);
        }
        request::with_current(|record| {
            record.ledger.spend(Phase::BlockingQueue, queued);
            record.ledger.spend(Phase::Db, elapsed);
            record.ledger.query(N::SLOT, rows as u64);
        });
        if over_budget {
            warn_over_budget::<N>(elapsed, rows);
        }
    }
}

impl<N: NamedQuery> Drop for Meter<'_, N> {
    fn drop(&mut self) {
        if !self.finished {
            self.book(Duration::ZERO, 0, Some(ErrorKind::Cancelled));
        }
    }
}

#[cold]
fn warn_over_budget<N: NamedQuery>(elapsed: Duration, rows: usize) {
    let trace_id = request::with_current(|record| record.trace.trace_id_hex()).unwrap_or_default();
    tracing::warn!(
        event = "db.over_budget",
        db.query.summary = N::QUERY.name,
        duration_ms = elapsed.as_secs_f64() * 1e3,
        budget_ms = N::QUERY.budget.as_secs_f64() * 1e3,
        rows,
        trace_id,
        "a query took longer than its budget"
    );
}
