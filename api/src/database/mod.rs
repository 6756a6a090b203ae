//! The database, whichever of the two it is: chosen by `DATABASE_URL` at run time, one body of each query for both.
//!
//! - [`Database`] leases a [`Conn`]; [`Conn`] is the only thing that runs queries, and it times, names and counts each.
//! - **Adding a query**: a function in `repositories/` that builds a Diesel value and hands it to a `Conn` under a name made by
//!   [`queries!`](crate::queries). The compiler checks it against both dialects.
//! - What is only known at run time (sort, optional filters) is in [`query`].

pub mod after;
pub(crate) mod bulk;
mod capture;
pub mod condition;
mod conn;
pub mod counted;
mod error;
mod explain;
mod hold;
mod index;
mod lacking;
mod lock;
mod meter;
mod migrate;
pub mod newest;
mod postgres;
mod probe;
pub mod projection;
pub mod query;
mod retry;
mod side;
mod sqlite;
pub mod state;
mod statement;
mod tls;
pub mod types;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

pub use capture::{Capture, CapturePolicy, Captures, Picked};
pub use conn::{Begin, Commit, Conn, QUERIES, Rollback};
pub use error::{DatabaseError, ErrorKind};
pub use explain::{Explain, RawPlan, SqliteStep};
pub(crate) use hold::Held;
pub(crate) use lock::WritersLock;
pub use migrate::{Migrate, MigrationStatus};
pub use side::SideConnection;
pub use statement::{Rows, Statement};

use self::{conn::Session, postgres::PostgresPool, sqlite::SqlitePool};
use crate::{
    budget::{Phase, StepKind},
    config::{Config, Synchronous},
    faults::Faults,
    telemetry::{Metrics, PoolMetrics, request},
};

/// How connections are pooled; see the settings of the same names.
#[derive(Clone, Debug)]
pub struct PoolOptions {
    /// PostgreSQL connections of each worker.
    pub size: usize,
    /// SQLite reader threads.
    pub sqlite_readers: usize,
    /// What a commit on SQLite waits for.
    pub sqlite_synchronous: Synchronous,
    /// Longest wait for a connection or for the turn to write.
    pub wait_timeout: Duration,
    /// Longest time to connect.
    pub create_timeout: Duration,
    /// Longest time to check a connection before it is leased again.
    pub recycle_timeout: Duration,
    /// Longest time of one statement.
    pub statement_timeout: Duration,
    /// Longest wait for another's lock on PostgreSQL.
    pub lock_timeout: Duration,
    /// Longest time between two statements of a transaction on PostgreSQL.
    pub idle_in_transaction_timeout: Duration,
}

impl Config {
    /// How connections are pooled.
    #[must_use]
    pub fn pool_options(&self) -> PoolOptions {
        PoolOptions {
            size: usize::from(self.pool_size),
            sqlite_readers: usize::from(self.sqlite_readers),
            sqlite_synchronous: self.sqlite_synchronous,
            wait_timeout: Duration::from_millis(self.pool_wait_timeout_ms),
            create_timeout: Duration::from_millis(self.pool_create_timeout_ms),
            recycle_timeout: Duration::from_millis(self.pool_recycle_timeout_ms),
            statement_timeout: Duration::from_millis(self.statement_timeout_ms),
            lock_timeout: Duration::from_millis(self.lock_timeout_ms),
            idle_in_transaction_timeout: Duration::from_millis(self.idle_in_transaction_timeout_ms),
        }
    }
}

/// Where the database is.
#[derive(Clone)]
pub struct DatabaseTarget(Kind);

#[derive(Clone)]
enum Kind {
    Postgres(postgres::Target),
    Sqlite(sqlite::Target),
}

impl DatabaseTarget {
    /// Understands `postgres://…`, `postgresql://…` and `sqlite:PATH`.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the URL.
    pub fn parse(url: &str, options: &PoolOptions) -> Result<Self, String> {
        let kind = if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Kind::Postgres(postgres::Target::parse(url, options)?)
        } else if let Some(path) = url.strip_prefix("sqlite:") {
            Kind::Sqlite(sqlite::Target::parse(path, options)?)
        } else {
            return Err("it begins with neither postgres:// nor sqlite:".to_owned());
        };
        Ok(Self(kind))
    }

    /// Whether it is SQLite.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        matches!(self.0, Kind::Sqlite(_))
    }
}

/// Leases connections. Clones share the pool.
#[derive(Clone)]
pub struct Database {
    pool: Pool,
    observers: Arc<Observers>,
    pool_metrics: Arc<PoolMetrics>,
}

/// Who is told of each query.
struct Observers {
    metrics: Arc<Metrics>,
    captures: Option<Arc<Captures>>,
    /// What may be done to queries on purpose.
    faults: Faults,
}

#[derive(Clone)]
enum Pool {
    Postgres(PostgresPool),
    Sqlite(SqlitePool),
}

impl Database {
    /// Opens the SQLite file, or makes a pool of one connection for PostgreSQL, which connects when it is first needed.
    ///
    /// # Errors
    /// A sentence that says why the file cannot be opened.
    pub fn connect(
        target: &DatabaseTarget,
        options: &PoolOptions,
        metrics: &Arc<Metrics>,
    ) -> Result<Self, String> {
        let (pool, name) = match &target.0 {
            Kind::Postgres(target) => (
                Pool::Postgres(PostgresPool::of_one(
                    target,
                    &Arc::new(options.clone()),
                    metrics,
                )?),
                postgres::BACKGROUND_POOL,
            ),
            Kind::Sqlite(target) => (
                Pool::Sqlite(SqlitePool::open(target, options, metrics)?),
                "sqlite_writer",
            ),
        };
        Ok(Self {
            pool,
            observers: Arc::new(Observers {
                metrics: Arc::clone(metrics),
                captures: None,
                faults: Faults::default(),
            }),
            pool_metrics: metrics.pool(name),
        })
    }

    /// The same database, whose slow queries go to `captures`, and to whose queries `faults` may be done.
    #[must_use]
    pub fn captured_by(self, captures: Arc<Captures>, faults: Faults) -> Self {
        let metrics = Arc::clone(&self.observers.metrics);
        Self {
            observers: Arc::new(Observers {
                metrics,
                captures: Some(captures),
                faults,
            }),
            ..self
        }
    }

    /// The same database for another worker: PostgreSQL gets a pool of its own, SQLite shares its threads.
    ///
    /// # Errors
    /// A sentence, if the pool cannot be built.
    pub fn for_worker(&self) -> Result<Self, String> {
        let Pool::Postgres(pool) = &self.pool else {
            return Ok(self.clone());
        };
        let metrics = &self.observers.metrics;
        Ok(Self {
            pool: Pool::Postgres(pool.for_worker(metrics)?),
            observers: Arc::clone(&self.observers),
            pool_metrics: metrics.pool(postgres::WORKER_POOL),
        })
    }

    /// A connection to read from.
    ///
    /// # Errors
    /// `Overloaded` after the wait time-out, `Unavailable` if the database cannot be reached.
    pub async fn read(&self) -> Result<Conn, DatabaseError> {
        let session = match &self.pool {
            Pool::Postgres(pool) => Session::Postgres(self.waited(pool.session()).await?),
            Pool::Sqlite(pool) => Session::Sqlite(pool.read()),
        };
        Ok(Conn::new(session, Arc::clone(&self.observers)))
    }

    /// A connection to write to.
    ///
    /// # Errors
    /// `Overloaded` after the wait time-out, `Unavailable` if the database cannot be reached.
    pub async fn write(&self) -> Result<Conn, DatabaseError> {
        let session = match &self.pool {
            Pool::Postgres(pool) => Session::Postgres(self.waited(pool.session()).await?),
            Pool::Sqlite(pool) => Session::Sqlite(self.waited(pool.write()).await?),
        };
        Ok(Conn::new(session, Arc::clone(&self.observers)))
    }

    /// Closes the connections that are at rest, and leases no more.
    pub async fn close(&self) {
        match &self.pool {
            Pool::Postgres(pool) => pool.close(),
            Pool::Sqlite(pool) => pool.close().await,
        }
    }

    async fn waited<T>(
        &self,
        lease: impl Future<Output = Result<T, DatabaseError>>,
    ) -> Result<T, DatabaseError> {
        let mut waiting = Waiting {
            database: self,
            started: Instant::now(),
            failed: None,
        };
        let result = lease.await;
        if let Err(error) = &result {
            waiting.failed = Some(error.kind().as_str());
            if self.observers.metrics.enabled() {
                self.pool_metrics.failed(error.kind());
            }
        }
        result
    }
}

/// Books the wait for a connection, however it ends.
struct Waiting<'a> {
    database: &'a Database,
    started: Instant,
    failed: Option<&'static str>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if self.database.observers.metrics.enabled() {
            let waited = self.started.elapsed();
            self.database.pool_metrics.waited(waited);
            request::with_current(|record| {
                record.ledger.spend(Phase::PoolWait, waited);
                record
                    .timeline
                    .push(StepKind::PoolWait, self.started, waited, self.failed);
            });
        }
    }
}
