//! A statement on its way through the queue of a lane: the job that a thread runs, and the ticket that its caller holds.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use diesel::{QueryResult, SqliteConnection};
use tokio::sync::oneshot;

use super::{
    interrupt,
    lane::{Job, Lane},
};
use crate::{
    budget::nanos,
    database::{DatabaseError, ErrorKind, meter::Ran},
    telemetry::PoolTimeout,
};

const QUEUED: u64 = 0;
const ABANDONED: u64 = 1;
/// From here on the number says how many nanoseconds it was in the queue before it began.
const BEGUN: u64 = 2;

/// Where a job is, as its thread and its caller know it.
#[derive(Default)]
pub struct State(AtomicU64);

impl State {
    /// The thread begins, unless the caller is gone.
    fn begin(&self, queued: Duration) -> bool {
        self.leave_queue(BEGUN.saturating_add(nanos(queued)))
    }

    /// The caller goes, unless the thread has begun.
    fn leave(&self) -> bool {
        self.leave_queue(ABANDONED)
    }

    /// Out of the queue: begun by the thread or abandoned by the caller, whoever is first.
    fn leave_queue(&self, to: u64) -> bool {
        self.0
            .compare_exchange(QUEUED, to, Ordering::AcqRel, Ordering::Acquire)
            .is_ok()
    }

    /// The caller goes, wherever the job is. Says how long it was in the queue, if it has begun.
    pub fn abandon(&self) -> Option<Duration> {
        match self.0.swap(ABANDONED, Ordering::AcqRel) {
            QUEUED | ABANDONED => None,
            begun => Some(Duration::from_nanos(begun - BEGUN)),
        }
    }

    /// Whether nobody waits for the job any more.
    pub fn is_abandoned(&self) -> bool {
        self.0.load(Ordering::Relaxed) == ABANDONED
    }
}

/// How long it stood in the queue, whether it had to be prepared, and how it ended.
type Answer<T> = (Duration, bool, QueryResult<T>);

/// What a caller holds while its job is in the queue or at work. Dropped, it takes the job out of the queue, or interrupts it.
pub struct Ticket<'a, T> {
    state: Arc<State>,
    answer: oneshot::Receiver<Answer<T>>,
    enqueued: Instant,
    /// Where to say how many nanoseconds it was in the queue, if the answer cannot say it.
    queued: &'a AtomicU64,
}

impl<'a, T: Send + 'static> Ticket<'a, T> {
    /// A job for `lane`, under the name in `slot`. Without a `limit` it is not interrupted once it has begun.
    pub fn new(
        lane: &Lane,
        slot: usize,
        limit: Option<Duration>,
        statement: impl FnOnce(&mut SqliteConnection) -> QueryResult<T> + Send + 'static,
        queued: &'a AtomicU64,
    ) -> (Job, Self) {
        let enqueued = Instant::now();
        let (sender, answer) = oneshot::channel();
        let ticket = Self {
            state: Arc::default(),
            answer,
            enqueued,
            queued,
        };
        let (state, metrics) = (Arc::clone(&ticket.state), Arc::clone(&lane.metrics));
        let job: Job = Box::new(move |connection, probe| {
            let queued = enqueued.elapsed();
            // A job whose caller is gone before it begins is skipped.
            if !state.begin(queued) {
                return;
            }
            metrics.queued(queued);
            probe.announce(slot);
            let result = match limit {
                Some(limit) => interrupt::watched(&state, limit, || statement(connection)),
                None => statement(connection),
            };
            let prepared = probe.clear();
            drop(sender.send((queued, prepared, result)));
        });
        (job, ticket)
    }

    /// Waits for the answer: as long as a job may wait for its thread, and a statement may take.
    pub async fn wait(mut self, lane: &Lane) -> Ran<T> {
        if let Ok(answer) = tokio::time::timeout(lane.wait_timeout, &mut self.answer).await {
            return unpack(answer);
        }
        if self.state.leave() {
            let refused = overloaded(lane, "no reader was free in time");
            return Ran::refused(self.enqueued.elapsed(), refused);
        }
        if let Ok(answer) = tokio::time::timeout(lane.statement_timeout, &mut self.answer).await {
            return unpack(answer);
        }
        // It is not to be interrupted, or waits for what cannot be: a lock, or the disk.
        let queued = self.state.abandon().unwrap_or_default();
        let error = DatabaseError::new(
            ErrorKind::Timeout,
            "the statement took longer than the statement time-out",
        );
        Ran::refused(queued, error)
    }
}

impl<T> Drop for Ticket<'_, T> {
    fn drop(&mut self) {
        let queued = self.state.abandon();
        let queued = queued.unwrap_or_else(|| self.enqueued.elapsed());
        self.queued.store(nanos(queued), Ordering::Relaxed);
    }
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

/// What a caller is told that a lane has no room for.
pub fn overloaded(lane: &Lane, message: &'static str) -> DatabaseError {
    lane.metrics.timed_out(PoolTimeout::Wait);
    DatabaseError::new(ErrorKind::Overloaded, message)
}

/// What a caller is told whose job has vanished.
pub fn gone() -> DatabaseError {
    DatabaseError::new(ErrorKind::Other, "the connection's thread gave no answer")
}
