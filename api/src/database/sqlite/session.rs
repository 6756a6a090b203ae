//! One caller's use of a lane.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::{Duration, Instant},
};

use crossbeam_channel::TrySendError;
use diesel::{QueryResult, SqliteConnection, connection::SimpleConnection};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::lane::{Job, Lane, Message};
use crate::{
    budget::NamedQuery,
    database::{DatabaseError, ErrorKind, Rollback},
    telemetry::PoolTimeout,
};

/// One caller's use of the database.
pub struct SqliteSession {
    lane: Lane,
    turn: Option<OwnedSemaphorePermit>,
    in_transaction: bool,
    leased: Instant,
}

const QUEUED: u8 = 0;
const STARTED: u8 = 1;
const ABANDONED: u8 = 2;

impl SqliteSession {
    /// Uses `lane`; to write, with the turn to do so.
    pub fn new(lane: Lane, turn: Option<OwnedSemaphorePermit>) -> Self {
        Self {
            lane,
            turn,
            in_transaction: false,
            leased: Instant::now(),
        }
    }

    /// Runs one statement under the name in `slot`. Also says how long it stood in the queue.
    pub async fn run<T: Send + 'static>(
        &mut self,
        slot: usize,
        statement: impl FnOnce(&mut SqliteConnection) -> QueryResult<T> + Send + 'static,
    ) -> (Duration, Result<T, DatabaseError>) {
        let enqueued = Instant::now();
        let state = Arc::new(AtomicU8::new(QUEUED));
        let (answer, mut receiver) = oneshot::channel();
        let job_state = Arc::clone(&state);
        let metrics = Arc::clone(&self.lane.metrics);
        let job: Job = Box::new(move |connection, probe| {
            let taken = job_state
                .compare_exchange(QUEUED, STARTED, Ordering::AcqRel, Ordering::Acquire)
                .is_ok();
            // A job whose caller is gone before it starts is skipped.
            if !taken || answer.is_closed() {
                return;
            }
            let queued = enqueued.elapsed();
            metrics.queued(queued);
            probe.announce(slot);
            let result = statement(connection);
            probe.clear();
            drop(answer.send((queued, result)));
        });
        match self.lane.jobs.try_send(Message::Run(job)) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => {
                self.lane.metrics.timed_out(PoolTimeout::Wait);
                return (
                    Duration::ZERO,
                    Err(DatabaseError::new(
                        ErrorKind::Overloaded,
                        "the queue of the readers is full",
                    )),
                );
            }
            Err(TrySendError::Disconnected(_)) => return (Duration::ZERO, Err(gone())),
        }
        if let Ok(result) = tokio::time::timeout(self.lane.wait_timeout, &mut receiver).await {
            return unpack(result);
        }
        if state
            .compare_exchange(QUEUED, ABANDONED, Ordering::AcqRel, Ordering::Acquire)
            .is_ok()
        {
            self.lane.metrics.timed_out(PoolTimeout::Wait);
            return (
                enqueued.elapsed(),
                Err(DatabaseError::new(
                    ErrorKind::Overloaded,
                    "no reader was free in time",
                )),
            );
        }
        match tokio::time::timeout(self.lane.statement_timeout, receiver).await {
            Ok(result) => unpack(result),
            Err(_) => (
                Duration::ZERO,
                Err(DatabaseError::new(
                    ErrorKind::Timeout,
                    "the statement took longer than the statement time-out",
                )),
            ),
        }
    }

    /// Runs `BEGIN`, `COMMIT` or `ROLLBACK` under the name in `slot`.
    pub async fn control(
        &mut self,
        slot: usize,
        sql: &'static str,
        opens: bool,
    ) -> (Duration, Result<(), DatabaseError>) {
        self.in_transaction = true;
        let (queued, result) = self
            .run(slot, move |connection| connection.batch_execute(sql))
            .await;
        self.in_transaction = opens || result.is_err();
        (queued, result)
    }
}

impl Drop for SqliteSession {
    fn drop(&mut self) {
        if self.turn.is_none() {
            return;
        }
        if self.in_transaction {
            // Before the turn passes on: the next writer's statements queue up behind this job.
            let rollback: Job = Box::new(|connection, probe| {
                probe.announce(Rollback::SLOT);
                drop(connection.batch_execute("ROLLBACK"));
                probe.clear();
            });
            drop(self.lane.jobs.try_send(Message::Run(rollback)));
        }
        self.lane.metrics.used(self.leased.elapsed());
    }
}

type Answer<T> = Result<(Duration, QueryResult<T>), oneshot::error::RecvError>;

fn unpack<T>(answer: Answer<T>) -> (Duration, Result<T, DatabaseError>) {
    match answer {
        Ok((queued, result)) => (queued, result.map_err(DatabaseError::from)),
        Err(_) => (Duration::ZERO, Err(gone())),
    }
}

fn gone() -> DatabaseError {
    DatabaseError::new(ErrorKind::Other, "the connection's thread gave no answer")
}
