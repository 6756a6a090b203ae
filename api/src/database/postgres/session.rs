//! A leased connection, and what becomes of it when it is dropped.

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use deadpool::managed::Object;
use diesel::QueryResult;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use futures_util::{FutureExt, future::BoxFuture};

use super::pool::Manager;
use crate::{
    database::{DatabaseError, ErrorKind, meter::Ran, statement::Work},
    telemetry::{ClosedReason, PoolMetrics},
};

/// A leased connection. It goes back to the pool when it is dropped at rest; in the middle of a statement or a transaction it is closed.
pub struct PostgresSession {
    object: Option<Object<Manager>>,
    busy: bool,
    /// The server or the network failed, whatever the driver's task knows of it by now.
    broken: bool,
    in_transaction: bool,
    limit: Duration,
    leased: Instant,
    metrics: Arc<PoolMetrics>,
}

impl PostgresSession {
    /// A connection that has just been leased; no statement of it may take longer than `limit`.
    pub fn new(object: Object<Manager>, limit: Duration, metrics: Arc<PoolMetrics>) -> Self {
        Self {
            object: Some(object),
            busy: false,
            broken: false,
            in_transaction: false,
            limit,
            leased: Instant::now(),
            metrics,
        }
    }

    /// Runs one statement under the name in `slot`.
    pub async fn run<W: Work>(&mut self, slot: usize, work: W) -> Ran<W::Output> {
        self.statement(slot, |connection| work.on_postgres(connection))
            .await
    }

    /// Keeps the server busy for `time` under the name in `slot`. How that ended is seen by the statement that follows.
    pub async fn stall(&mut self, slot: usize, time: Duration) {
        let seconds = time.as_secs_f64();
        let sleep = format!("/* q='faults.stall' */ SELECT pg_sleep({seconds})");
        let ran = self.statement(slot, |connection| {
            async move { connection.batch_execute(&sleep).await }.boxed()
        });
        drop(ran.await);
    }

    /// Whether a transaction is open, or may be.
    pub fn in_transaction(&self) -> bool {
        self.in_transaction
    }

    async fn statement<T>(
        &mut self,
        slot: usize,
        statement: impl FnOnce(&mut AsyncPgConnection) -> BoxFuture<'_, QueryResult<T>>,
    ) -> Ran<T> {
        let usable = !self.busy && !self.broken;
        let Some(object) = self.object.as_mut().filter(|_| usable) else {
            return Ran::refused(
                Duration::ZERO,
                DatabaseError::new(ErrorKind::Unavailable, "the database connection is gone"),
            );
        };
        object.probe.announce(slot);
        self.busy = true;
        let result = tokio::time::timeout(self.limit, statement(&mut object.inner)).await;
        let Ok(result) = result else {
            // Still busy: dropping the session closes the connection.
            return Ran::refused(
                Duration::ZERO,
                DatabaseError::new(
                    ErrorKind::Unavailable,
                    "the database did not answer in time",
                ),
            );
        };
        let prepared = object.probe.clear();
        self.busy = false;
        let result = result.map_err(DatabaseError::from);
        self.broken = result
            .as_ref()
            .is_err_and(|error| error.kind() == ErrorKind::Unavailable);
        Ran {
            queued: Duration::ZERO,
            prepared,
            result,
        }
    }

    /// Runs `BEGIN`, `COMMIT` or `ROLLBACK` under the name in `slot`.
    pub async fn control(&mut self, slot: usize, sql: &'static str, opens: bool) -> Ran<()> {
        // A transaction counts as open until its end is confirmed.
        self.in_transaction = true;
        let ran = self
            .statement(slot, |connection| connection.batch_execute(sql).boxed())
            .await;
        self.in_transaction = opens || ran.result.is_err();
        ran
    }
}

impl Drop for PostgresSession {
    fn drop(&mut self) {
        self.metrics.used(self.leased.elapsed());
        let Some(object) = self.object.take() else {
            return;
        };
        let broken = self.broken || object.closed.load(Ordering::Relaxed);
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
