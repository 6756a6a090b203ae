//! PostgreSQL: a deadpool pool of diesel-async connections. Each worker has a pool of its own, so that no lock is shared between workers.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use deadpool::{
    Runtime,
    managed::{
        self, Metrics as ObjectMetrics, Object, PoolError, QueueMode, RecycleError, RecycleResult,
        TimeoutType,
    },
};
use diesel::QueryResult;
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use tokio_postgres::{CancelToken, NoTls, config::SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{DatabaseError, ErrorKind, PoolOptions, probe::Probe, tls};
use crate::telemetry::{ClosedReason, Metrics, PoolMetrics, PoolStatus, PoolTimeout};

/// What is added to the statement time-out before the client gives up on a server that does not even cancel.
const GRACE: Duration = Duration::from_millis(500);

/// Where to connect and how: the same for every pool.
#[derive(Clone)]
pub(super) struct Target(Arc<Address>);

struct Address {
    config: tokio_postgres::Config,
    tls: MakeRustlsConnect,
}

impl Target {
    /// Reads a `postgres://` URL.
    pub(super) fn parse(url: &str, options: &PoolOptions) -> Result<Self, String> {
        let (url, mode, tls) = tls::from_url(url)?;
        let mut config: tokio_postgres::Config = url
            .parse()
            .map_err(|error| format!("it is no PostgreSQL URL: {error}"))?;
        config
            .ssl_mode(mode)
            .connect_timeout(options.create_timeout);
        if config.get_application_name().is_none() {
            config.application_name("centum");
        }
        Ok(Self(Arc::new(Address { config, tls })))
    }

    /// One connection outside any pool, without a statement time-out: for migrations.
    pub(super) async fn connect(&self) -> Result<AsyncPgConnection, String> {
        let (client, _) = self
            .client(&self.0.config)
            .await
            .map_err(|error| describe(&error))?;
        AsyncPgConnection::try_from(client)
            .await
            .map_err(|error| error.to_string())
    }

    /// Connects and drives the connection on this runtime. The flag turns true when the server or the network ends it.
    async fn client(
        &self,
        config: &tokio_postgres::Config,
    ) -> Result<(tokio_postgres::Client, Arc<AtomicBool>), tokio_postgres::Error> {
        let closed = Arc::new(AtomicBool::new(false));
        let client = if config.get_ssl_mode() == SslMode::Disable {
            let (client, connection) = config.connect(NoTls).await?;
            tokio::spawn(drive(connection, Arc::clone(&closed)));
            client
        } else {
            let (client, connection) = config.connect(self.0.tls.clone()).await?;
            tokio::spawn(drive(connection, Arc::clone(&closed)));
            client
        };
        Ok((client, closed))
    }

    async fn cancel(self, token: CancelToken) {
        // The server answers nothing, and a statement that has ended by now cannot be cancelled: there is nothing to report.
        let _ = if self.0.config.get_ssl_mode() == SslMode::Disable {
            token.cancel_query(NoTls).await
        } else {
            token.cancel_query(self.0.tls.clone()).await
        };
    }
}

async fn drive(
    connection: impl Future<Output = Result<(), tokio_postgres::Error>>,
    closed: Arc<AtomicBool>,
) {
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a database connection ended");
    }
    closed.store(true, Ordering::Relaxed);
}

/// The driver's error with its cause: "connection refused" stands only in the latter.
fn describe(error: &tokio_postgres::Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

/// A pooled connection.
pub(super) struct Connection {
    inner: Box<AsyncPgConnection>,
    probe: Probe,
    closed: Arc<AtomicBool>,
}

/// Makes and checks connections for deadpool.
pub(super) struct Manager {
    target: Target,
    config: tokio_postgres::Config,
    pool_metrics: Arc<PoolMetrics>,
    metrics: Arc<Metrics>,
}

impl managed::Manager for Manager {
    type Type = Connection;
    type Error = String;

    async fn create(&self) -> Result<Connection, String> {
        let started = Instant::now();
        // Boxed: connecting is rare and its future large; every request that may need a connection would carry it along.
        let (client, closed) = Box::pin(self.target.client(&self.config))
            .await
            .map_err(|error| describe(&error))?;
        let inner = Box::pin(AsyncPgConnection::try_from(client))
            .await
            .map_err(|error| error.to_string())?;
        let mut inner = Box::new(inner);
        let probe = Probe::new(Arc::clone(&self.metrics));
        inner.set_instrumentation(probe.clone());
        self.pool_metrics.created(started.elapsed());
        Ok(Connection {
            inner,
            probe,
            closed,
        })
    }

    /// Costs no round trip: the driver's task knows when the connection is gone.
    async fn recycle(
        &self,
        connection: &mut Connection,
        _: &ObjectMetrics,
    ) -> RecycleResult<String> {
        if connection.closed.load(Ordering::Relaxed) {
            self.pool_metrics.closed(ClosedReason::RecycleFailed);
            return Err(RecycleError::message("the connection is closed"));
        }
        Ok(())
    }
}

/// A pool. Clones are the same pool.
#[derive(Clone)]
pub(super) struct PostgresPool {
    pool: managed::Pool<Manager>,
    target: Target,
    options: Arc<PoolOptions>,
    metrics: Arc<PoolMetrics>,
}

impl PostgresPool {
    /// A pool for what is not a worker: one connection is enough for migrations, seeds and health checks.
    pub(super) fn of_one(
        target: &Target,
        options: &Arc<PoolOptions>,
        metrics: &Arc<Metrics>,
    ) -> Result<Self, String> {
        Self::new(target, options, 1, metrics)
    }

    /// A pool for the calling worker.
    pub(super) fn for_worker(&self, metrics: &Arc<Metrics>) -> Result<Self, String> {
        Self::new(&self.target, &self.options, self.options.size, metrics)
    }

    /// No connection is made before one is needed.
    fn new(
        target: &Target,
        options: &Arc<PoolOptions>,
        size: usize,
        metrics: &Arc<Metrics>,
    ) -> Result<Self, String> {
        let mut config = target.0.config.clone();
        let own = config.get_options().unwrap_or_default().to_owned();
        config.options(format!(
            "{own} -c statement_timeout={}",
            options.statement_timeout.as_millis()
        ));
        let pool_metrics = metrics.pool("postgres");
        let manager = Manager {
            target: target.clone(),
            config,
            pool_metrics: Arc::clone(&pool_metrics),
            metrics: Arc::clone(metrics),
        };
        let pool = managed::Pool::builder(manager)
            .max_size(size)
            .queue_mode(QueueMode::Lifo)
            .wait_timeout(Some(options.wait_timeout))
            .create_timeout(Some(options.create_timeout))
            .recycle_timeout(Some(options.recycle_timeout))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|error| error.to_string())?;
        let watched = pool.clone();
        pool_metrics.watch(move || {
            let status = watched.status();
            let idle = status.available.min(status.size);
            PoolStatus {
                idle,
                used: status.size - idle,
                max: status.max_size,
                pending: status.waiting,
            }
        });
        Ok(Self {
            pool,
            target: target.clone(),
            options: Arc::clone(options),
            metrics: pool_metrics,
        })
    }

    /// Leases a connection.
    pub(super) async fn session(&self) -> Result<PostgresSession, DatabaseError> {
        let object = self
            .pool
            .get()
            .await
            .map_err(|error| self.lease_error(&error))?;
        Ok(PostgresSession {
            object: Some(object),
            busy: false,
            in_transaction: false,
            limit: self.options.statement_timeout + GRACE,
            leased: Instant::now(),
            metrics: Arc::clone(&self.metrics),
        })
    }

    /// Closes the idle connections and gives out no more.
    pub(super) fn close(&self) {
        self.pool.close();
    }

    fn lease_error(&self, error: &PoolError<String>) -> DatabaseError {
        let pool = &self.metrics;
        match error {
            PoolError::Timeout(TimeoutType::Wait) => {
                pool.timed_out(PoolTimeout::Wait);
                DatabaseError::new(
                    ErrorKind::Overloaded,
                    "no database connection was free in time",
                )
            }
            PoolError::Timeout(TimeoutType::Create) => {
                pool.timed_out(PoolTimeout::Create);
                DatabaseError::new(
                    ErrorKind::Unavailable,
                    "the database did not accept a connection in time",
                )
            }
            PoolError::Timeout(TimeoutType::Recycle) => {
                pool.timed_out(PoolTimeout::Recycle);
                DatabaseError::new(
                    ErrorKind::Unavailable,
                    "a database connection could not be recycled in time",
                )
            }
            PoolError::Backend(message) => {
                DatabaseError::new(ErrorKind::Unavailable, message.as_str())
            }
            other => DatabaseError::new(ErrorKind::Unavailable, other.to_string()),
        }
    }
}

/// A leased connection. It goes back to the pool when it is dropped at rest; in the middle of a statement or a transaction it is closed.
pub(super) struct PostgresSession {
    object: Option<Object<Manager>>,
    busy: bool,
    in_transaction: bool,
    limit: Duration,
    leased: Instant,
    metrics: Arc<PoolMetrics>,
}

impl PostgresSession {
    /// Runs one statement under the name in `slot`.
    pub(super) async fn run<T>(
        &mut self,
        slot: usize,
        statement: impl AsyncFnOnce(&mut AsyncPgConnection) -> QueryResult<T>,
    ) -> Result<T, DatabaseError> {
        let Some(object) = self.object.as_mut() else {
            return Err(DatabaseError::new(
                ErrorKind::Unavailable,
                "the database connection is gone",
            ));
        };
        object.probe.announce(slot);
        self.busy = true;
        let result = tokio::time::timeout(self.limit, statement(&mut object.inner)).await;
        let Ok(result) = result else {
            // Still busy: dropping the session closes the connection.
            return Err(DatabaseError::new(
                ErrorKind::Unavailable,
                "the database did not answer in time",
            ));
        };
        object.probe.clear();
        self.busy = false;
        result.map_err(DatabaseError::from)
    }

    /// Runs `BEGIN`, `COMMIT` or `ROLLBACK` under the name in `slot`.
    pub(super) async fn control(
        &mut self,
        slot: usize,
        sql: &'static str,
        opens: bool,
    ) -> Result<(), DatabaseError> {
        // A transaction counts as open until its end is confirmed.
        self.in_transaction = true;
        self.run(slot, async |connection| connection.batch_execute(sql).await)
            .await?;
        self.in_transaction = opens;
        Ok(())
    }
}

impl Drop for PostgresSession {
    fn drop(&mut self) {
        self.metrics.used(self.leased.elapsed());
        let Some(object) = self.object.take() else {
            return;
        };
        let broken = object.closed.load(Ordering::Relaxed);
        if !(self.busy || self.in_transaction || broken) {
            return;
        }
        self.metrics.closed(ClosedReason::Broken);
        let target = Object::pool(&object).map(|pool| pool.manager().target.clone());
        let connection = Object::take(object);
        if let (true, Some(target), Ok(runtime)) =
            (self.busy, target, tokio::runtime::Handle::try_current())
        {
            runtime.spawn(target.cancel(connection.inner.cancel_token()));
        }
    }
}
