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
    database::{DatabaseError, ErrorKind, Rollback, meter::Ran, statement::Work},
    telemetry::{PoolMetrics, PoolTimeout},
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

    /// Runs one statement under the name in `slot`.
    pub async fn run<W: Work>(&mut self, slot: usize, work: W) -> Ran<W::Output> {
        self.statement(slot, move |connection| work.on_sqlite(connection))
            .await
    }

    /// Whether a transaction is open, or may be.
    pub fn in_transaction(&self) -> bool {
        self.in_transaction
    }

    async fn statement<T: Send + 'static>(
        &mut self,
        slot: usize,
        statement: impl FnOnce(&mut SqliteConnection) -> QueryResult<T> + Send + 'static,
    ) -> Ran<T> {
        let (job, ticket) = Ticket::new(slot, statement, Arc::clone(&self.lane.metrics));
        match self.lane.jobs.try_send(Message::Run(job)) {
            Ok(()) => ticket.wait(&self.lane).await,
            Err(TrySendError::Full(_)) => {
                let refused = overloaded(&self.lane, "the queue of the readers is full");
                Ran::refused(Duration::ZERO, refused)
            }
            Err(TrySendError::Disconnected(_)) => Ran::refused(Duration::ZERO, gone()),
        }
    }

    /// Runs `BEGIN`, `COMMIT` or `ROLLBACK` under the name in `slot`.
    pub async fn control(&mut self, slot: usize, sql: &'static str, opens: bool) -> Ran<()> {
        self.in_transaction = true;
        let ran = self
            .statement(slot, move |connection| connection.batch_execute(sql))
            .await;
        self.in_transaction = opens || ran.result.is_err();
        ran
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

/// How long it stood in the queue, whether it had to be prepared, and how it ended.
type Answer<T> = (Duration, bool, QueryResult<T>);

/// What a caller holds while its job is in the queue or at work.
struct Ticket<T> {
    state: Arc<AtomicU8>,
    answer: oneshot::Receiver<Answer<T>>,
    enqueued: Instant,
}

impl<T: Send + 'static> Ticket<T> {
    fn new(
        slot: usize,
        statement: impl FnOnce(&mut SqliteConnection) -> QueryResult<T> + Send + 'static,
        metrics: Arc<PoolMetrics>,
    ) -> (Job, Self) {
        let enqueued = Instant::now();
        let state = Arc::new(AtomicU8::new(QUEUED));
        let (sender, answer) = oneshot::channel();
        let ticket = Self {
            state: Arc::clone(&state),
            answer,
            enqueued,
        };
        let job: Job = Box::new(move |connection, probe| {
            // A job whose caller is gone before it starts is skipped.
            if !advance(&state, STARTED) || sender.is_closed() {
                return;
            }
            let queued = enqueued.elapsed();
            metrics.queued(queued);
            probe.announce(slot);
            let result = statement(connection);
            let prepared = probe.clear();
            drop(sender.send((queued, prepared, result)));
        });
        (job, ticket)
    }

    async fn wait(mut self, lane: &Lane) -> Ran<T> {
        if let Ok(answer) = tokio::time::timeout(lane.wait_timeout, &mut self.answer).await {
            return unpack(answer);
        }
        if advance(&self.state, ABANDONED) {
            return Ran::refused(
                self.enqueued.elapsed(),
                overloaded(lane, "no reader was free in time"),
            );
        }
        let timed_out = || {
            DatabaseError::new(
                ErrorKind::Timeout,
                "the statement took longer than the statement time-out",
            )
        };
        match tokio::time::timeout(lane.statement_timeout, self.answer).await {
            Ok(answer) => unpack(answer),
            Err(_) => Ran::refused(Duration::ZERO, timed_out()),
        }
    }
}

/// Out of the queue: started by the thread or abandoned by the caller, whoever is first.
fn advance(state: &AtomicU8, to: u8) -> bool {
    state
        .compare_exchange(QUEUED, to, Ordering::AcqRel, Ordering::Acquire)
        .is_ok()
}

fn unpack<T>(answer: Result<Answer<T>, oneshot::error::RecvError>) -> Ran<T> {
    match answer {
        Ok((queued, prepared, result)) => Ran {
            queued,
            prepared,
            result: result.map_err(DatabaseError::from),
        },
        Err(_) => Ran::refused(Duration::ZERO, gone()),
    }
}

fn overloaded(lane: &Lane, message: &'static str) -> DatabaseError {
    lane.metrics.timed_out(PoolTimeout::Wait);
    DatabaseError::new(ErrorKind::Overloaded, message)
}

fn gone() -> DatabaseError {
    DatabaseError::new(ErrorKind::Other, "the connection's thread gave no answer")
}
