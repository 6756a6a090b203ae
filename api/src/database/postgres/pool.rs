//! How connections are made, leased and checked.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use deadpool::{
    Runtime,
    managed::{
        self, Metrics as ObjectMetrics, PoolError, QueueMode, RecycleError, RecycleResult,
        TimeoutType,
    },
};
use diesel_async::{AsyncConnection, AsyncPgConnection};

use super::{PostgresSession, Target, describe};
use crate::{
    database::{DatabaseError, ErrorKind, PoolOptions, probe::Probe},
    telemetry::{ClosedReason, Metrics, PoolMetrics, PoolStatus, PoolTimeout},
};

/// The name of the workers' pools.
pub const WORKER_POOL: &str = "postgres";
/// The name of the pool beside them.
pub const BACKGROUND_POOL: &str = "postgres_background";

/// What is added to the statement time-out before the client gives up on a server that does not even cancel.
const GRACE: Duration = Duration::from_millis(500);

/// A pooled connection.
pub struct Connection {
    pub inner: Box<AsyncPgConnection>,
    pub probe: Probe,
    pub closed: Arc<AtomicBool>,
}

/// Makes and checks connections for deadpool.
pub struct Manager {
    pub target: Target,
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
pub struct PostgresPool {
    pool: managed::Pool<Manager>,
    target: Target,
    options: Arc<PoolOptions>,
    metrics: Arc<PoolMetrics>,
}

impl PostgresPool {
    /// A pool for what is not a worker: one connection is enough for migrations, seeds and health checks. It has a name of its own, so that its
    /// free connection does not hide that the workers have none.
    pub fn of_one(
        target: &Target,
        options: &Arc<PoolOptions>,
        metrics: &Arc<Metrics>,
    ) -> Result<Self, String> {
        Self::new(target, options, 1, (metrics, BACKGROUND_POOL))
    }

    /// A pool for the calling worker.
    pub fn for_worker(&self, metrics: &Arc<Metrics>) -> Result<Self, String> {
        let named = (metrics, WORKER_POOL);
        Self::new(&self.target, &self.options, self.options.size, named)
    }

    /// No connection is made before one is needed.
    fn new(
        target: &Target,
        options: &Arc<PoolOptions>,
        size: usize,
        (metrics, name): (&Arc<Metrics>, &'static str),
    ) -> Result<Self, String> {
        let mut config = target.0.config.clone();
        let own = config.get_options().unwrap_or_default().to_owned();
        config.options(format!(
            "{own} -c statement_timeout={} -c lock_timeout={} -c idle_in_transaction_session_timeout={}",
            options.statement_timeout.as_millis(),
            options.lock_timeout.as_millis(),
            options.idle_in_transaction_timeout.as_millis(),
        ));
        let pool_metrics = metrics.pool(name);
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
    pub async fn session(&self) -> Result<PostgresSession, DatabaseError> {
        let object = self
            .pool
            .get()
            .await
            .map_err(|error| self.lease_error(&error))?;
        let limit = self.options.statement_timeout + GRACE;
        Ok(PostgresSession::new(
            object,
            limit,
            Arc::clone(&self.metrics),
        ))
    }

    /// Most connections.
    pub fn max_size(&self) -> usize {
        self.pool.status().max_size
    }

    /// Closes the idle connections and gives out no more.
    pub fn close(&self) {
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
