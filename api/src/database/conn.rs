//! The one way through which every statement goes, on either database. Only here a query is timed, counted and booked to its request.

use std::{sync::Arc, time::Duration};

use super::{
    DatabaseError, ErrorKind, Observers, Rows, Statement,
    meter::Meter,
    postgres::PostgresSession,
    retry::Retry,
    sqlite::SqliteSession,
    statement::{Execute, Load, Work},
};
use crate::{
    budget::NamedQuery,
    faults::{Fault, Faults},
    queries,
};

queries! {
    /// Begins a transaction; on SQLite it waits for the file's lock.
    Begin: BEGIN "transaction.begin", rows <= 0, nothing;
    /// Ends a transaction; waits until it is on disk.
    Commit: COMMIT "transaction.commit", rows <= 0, nothing;
    /// Takes back a transaction that failed.
    Rollback: ROLLBACK "transaction.rollback", rows <= 0, nothing;
    /// Takes the lock of the fault `lock_wait` on SQLite.
    TakeLock: BEGIN "faults.lock", rows <= 0, nothing;
    /// Gives it back.
    ReleaseLock: COMMIT "faults.unlock", rows <= 0, nothing;
}

/// What the fault `slow_query` does to which query.
const SLOWED: &str = "posts.list";
const SLOWED_BY: Duration = Duration::from_millis(150);

/// A plain BEGIN takes the lock at the first write, and fails at once if another was faster.
const BEGIN_SQLITE: &str = "/* q='transaction.begin' */ BEGIN IMMEDIATE";
/// Ends a transaction.
const COMMIT: &str = "/* q='transaction.commit' */ COMMIT";
/// Ends a transaction that failed.
pub(super) const ROLLBACK: &str = "/* q='transaction.rollback' */ ROLLBACK";

/// A caller's use of the database, leased from [`Database`](super::Database).
///
/// Dropping it at any time is safe: in the middle of a statement or a transaction nothing of it is handed on to the next caller.
pub struct Conn {
    pub(super) session: Session,
    observers: Arc<Observers>,
    standing: Standing,
}

pub(super) enum Session {
    Postgres(PostgresSession),
    Sqlite(SqliteSession),
}

impl Session {
    fn in_transaction(&self) -> bool {
        match self {
            Self::Postgres(session) => session.in_transaction(),
            Self::Sqlite(session) => session.in_transaction(),
        }
    }
}

/// What is known of the open transaction. SQLite rolls one back by itself when it interrupts a write or finds the disk full, and would then run
/// the next statement on its own, for good; PostgreSQL refuses everything but the end, and answers COMMIT as if it had been one. So on either
/// database nothing of a transaction runs after the first statement that failed, and it is never committed.
enum Standing {
    /// All that was asked of it has been done.
    Sound,
    /// A statement is at work, or was when its caller went away.
    Unknown,
    /// A statement ended with this error.
    Failed(DatabaseError),
}

impl Standing {
    fn after<T>(result: &Result<T, DatabaseError>) -> Self {
        match result {
            Ok(_) => Self::Sound,
            Err(error) => Self::Failed(error.clone()),
        }
    }

    /// What whoever wants to go on is told.
    fn refusal(&self) -> Option<DatabaseError> {
        match self {
            Self::Sound => None,
            Self::Unknown => Some(DatabaseError::new(
                ErrorKind::Cancelled,
                "a statement of this transaction was given up",
            )),
            Self::Failed(error) => Some(error.clone()),
        }
    }
}

impl Conn {
    pub(super) fn new(session: Session, observers: Arc<Observers>) -> Self {
        Self {
            session,
            observers,
            standing: Standing::Sound,
        }
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
        self.run::<N, _>(Load::new(query)).await
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
        self.run::<N, _>(Execute::new(statement)).await
    }

    /// Runs `work` in one transaction: committed if it succeeds, rolled back if it fails or is dropped. Where it failed only because another
    /// transaction was in its way, it is run again, up to three times.
    ///
    /// # Errors
    /// What `work` says, or [`DatabaseError`] of the transaction itself.
    pub async fn transaction<T>(
        &mut self,
        mut work: impl AsyncFnMut(&mut Self) -> Result<T, DatabaseError>,
    ) -> Result<T, DatabaseError> {
        let mut retry = Retry::default();
        loop {
            let result = self.attempt(&mut work).await;
            match &result {
                Err(error) if retry.may_help(error) => retry.pause(&self.observers, error).await,
                _ => return result,
            }
        }
    }

    async fn attempt<T>(
        &mut self,
        work: &mut impl AsyncFnMut(&mut Self) -> Result<T, DatabaseError>,
    ) -> Result<T, DatabaseError> {
        let begin = match self.session {
            Session::Postgres(_) => "/* q='transaction.begin' */ BEGIN",
            Session::Sqlite(_) => BEGIN_SQLITE,
        };
        self.control::<Begin>(begin, true).await?;
        match work(self).await {
            Ok(value) => {
                if let Some(error) = self.standing.refusal() {
                    return self.roll_back(error).await;
                }
                self.control::<Commit>(COMMIT, false).await?;
                Ok(value)
            }
            Err(error) => self.roll_back(error).await,
        }
    }

    /// What went wrong first is what the caller wants to know; a session that could not roll back is not handed on.
    async fn roll_back<T>(&mut self, error: DatabaseError) -> Result<T, DatabaseError> {
        drop(self.control::<Rollback>(ROLLBACK, false).await);
        Err(error)
    }

    async fn run<N: NamedQuery, W: Work>(&mut self, work: W) -> Result<W::Output, DatabaseError> {
        let in_transaction = self.session.in_transaction();
        let mut retry = Retry::default();
        loop {
            if in_transaction {
                if let Some(error) = self.standing.refusal() {
                    return Err(error);
                }
                self.standing = Standing::Unknown;
            }
            let meter = Meter::<N>::start(&self.observers, Some(work.query()));
            if self.observers.faults.is_on(Fault::SlowQuery) {
                slow_down::<N>(&self.observers.faults, &mut self.session).await;
            }
            let ran = match &mut self.session {
                Session::Postgres(session) => session.run(N::SLOT, work.clone()).await,
                Session::Sqlite(session) => session.run(N::SLOT, work.clone(), &meter.queued).await,
            };
            let result = meter.finish(ran, W::rows);
            if in_transaction {
                self.standing = Standing::after(&result);
            }
            match &result {
                // In a transaction it is the whole of it that must be tried again.
                Err(error) if !in_transaction && retry.may_help(error) => {
                    retry.pause(&self.observers, error).await;
                }
                _ => return result,
            }
        }
    }

    pub(super) async fn control<N: NamedQuery>(
        &mut self,
        sql: &'static str,
        opens: bool,
    ) -> Result<(), DatabaseError> {
        self.standing = Standing::Unknown;
        let meter = Meter::<N>::start(&self.observers, None);
        let ran = match &mut self.session {
            Session::Postgres(session) => session.control(N::SLOT, sql, opens).await,
            Session::Sqlite(session) => session.control(N::SLOT, sql, opens, &meter.queued).await,
        };
        let result = meter.finish(ran, |()| 0);
        self.standing = Standing::after(&result);
        result
    }
}

/// The fault `slow_query`, within the time that is measured.
#[cold]
async fn slow_down<N: NamedQuery>(faults: &Faults, session: &mut Session) {
    if N::QUERY.name == SLOWED && faults.is_due(Fault::SlowQuery, 5) {
        // Boxed: rare, and every query would carry it along.
        Box::pin(session.stall(N::SLOT, SLOWED_BY)).await;
    }
}
