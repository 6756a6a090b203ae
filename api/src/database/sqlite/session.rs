//! One caller's use of a lane.

use std::{
    sync::atomic::AtomicU64,
    time::{Duration, Instant},
};

use crossbeam_channel::TrySendError;
use diesel::{
    QueryResult, SqliteConnection, connection::SimpleConnection, result::Error as DieselError,
};
use tokio::sync::OwnedSemaphorePermit;

use super::{
    lane::{Job, Lane, Message},
    ticket::{Ticket, gone, overloaded},
};
use crate::{
    budget::NamedQuery,
    database::{Rollback, conn::ROLLBACK, hold::HeldThread, meter::Ran, statement::Work},
};

/// One caller's use of the database.
pub struct SqliteSession {
    lane: Lane,
    turn: Option<OwnedSemaphorePermit>,
    in_transaction: bool,
    leased: Instant,
}

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

    /// Runs one statement under the name in `slot`. If it is dropped, `queued` says how many nanoseconds of its time it was in the queue.
    pub async fn run<W: Work>(
        &mut self,
        slot: usize,
        work: W,
        queued: &AtomicU64,
    ) -> Ran<W::Output> {
        let limit = Some(self.lane.statement_timeout);
        let statement = move |connection: &mut _| work.on_sqlite(connection);
        self.statement(slot, limit, statement, queued).await
    }

    /// Keeps a thread of the lane busy until what is returned is dropped. `None`: its queue is full.
    pub fn hold_thread(&self) -> Option<HeldThread> {
        let (held, released) = HeldThread::new();
        // Ends with an error, which says that it was dropped.
        let wait: Job = Box::new(move |_, _| {
            let _ = released.recv();
        });
        let queued = self.lane.jobs.try_send(Message::Run(wait));
        queued.is_ok().then_some(held)
    }

    /// Whether a transaction is open, or may be.
    pub fn in_transaction(&self) -> bool {
        self.in_transaction
    }

    async fn statement<T: Send + 'static>(
        &mut self,
        slot: usize,
        limit: Option<Duration>,
        statement: impl FnOnce(&mut SqliteConnection) -> QueryResult<T> + Send + 'static,
        queued: &AtomicU64,
    ) -> Ran<T> {
        let (job, ticket) = Ticket::new(&self.lane, slot, limit, statement, queued);
        match self.lane.jobs.try_send(Message::Run(job)) {
            Ok(()) => ticket.wait(&self.lane).await,
            Err(TrySendError::Full(_)) => {
                let refused = overloaded(&self.lane, "the queue of the readers is full");
                Ran::refused(Duration::ZERO, refused)
            }
            Err(TrySendError::Disconnected(_)) => Ran::refused(Duration::ZERO, gone()),
        }
    }

    /// Runs `BEGIN`, `COMMIT` or `ROLLBACK` under the name in `slot`. Once it has begun it is not interrupted: half a transaction is worse than
    /// a late one.
    pub async fn control(
        &mut self,
        slot: usize,
        sql: &'static str,
        opens: bool,
        queued: &AtomicU64,
    ) -> Ran<()> {
        self.in_transaction = true;
        let statement = move |connection: &mut SqliteConnection| {
            let result = connection.batch_execute(sql);
            result.or_else(unless_rolled_back_already)
        };
        let ran = self.statement(slot, None, statement, queued).await;
        self.in_transaction = opens || ran.result.is_err();
        ran
    }
}

/// A write that is interrupted, or finds the disk full, takes its whole transaction with it: there is nothing left to roll back.
fn unless_rolled_back_already(error: DieselError) -> QueryResult<()> {
    match &error {
        DieselError::DatabaseError(_, information)
            if information
                .message()
                .contains("cannot rollback - no transaction is active") =>
        {
            Ok(())
        }
        _ => Err(error),
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
                drop(connection.batch_execute(ROLLBACK));
                probe.clear();
            });
            drop(self.lane.jobs.try_send(Message::Run(rollback)));
        }
        self.lane.metrics.used(self.leased.elapsed());
    }
}
