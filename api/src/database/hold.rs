//! A connection that is taken and does nothing for its caller: the faults that make connections scarce, and the one that makes a query slow.

use std::{sync::mpsc, time::Duration};

use super::{Conn, Database, DatabaseError, Pool, conn::Session};

/// A connection that nobody else has until this is dropped. On SQLite it is the writer's, kept busy.
pub(crate) struct Held {
    /// Comes first: the thread is free before the next one has its turn.
    _thread: Option<HeldThread>,
    _conn: Conn,
}

/// A thread of SQLite that waits until this is dropped.
pub(super) struct HeldThread(#[expect(dead_code, reason = "it is dropped")] mpsc::Sender<()>);

impl HeldThread {
    /// What is held, and what the thread waits for.
    pub fn new() -> (Self, mpsc::Receiver<()>) {
        let (sender, receiver) = mpsc::channel();
        (Self(sender), receiver)
    }
}

impl Database {
    /// Takes a connection as a writer does.
    ///
    /// # Errors
    /// `Overloaded` after the wait time-out, `Unavailable` if the database cannot be reached.
    pub(crate) async fn hold(&self) -> Result<Held, DatabaseError> {
        let conn = self.write().await?;
        Ok(Held {
            _thread: conn.session.hold_thread(),
            _conn: conn,
        })
    }

    /// How many connections writers have.
    pub(crate) fn connections(&self) -> usize {
        match &self.pool {
            Pool::Postgres(pool) => pool.max_size(),
            Pool::Sqlite(_) => 1,
        }
    }

    /// Whether its connections are those of one worker only.
    pub(crate) fn is_of_one_worker(&self) -> bool {
        matches!(self.pool, Pool::Postgres(_))
    }
}

impl Session {
    fn hold_thread(&self) -> Option<HeldThread> {
        match self {
            Self::Postgres(_) => None,
            Self::Sqlite(session) => session.hold_thread(),
        }
    }

    /// Keeps the connection busy for `time`, under the name of the query in `slot`: on PostgreSQL the server, on SQLite a thread.
    pub(super) async fn stall(&mut self, slot: usize, time: Duration) {
        match self {
            Self::Postgres(session) => session.stall(slot, time).await,
            Self::Sqlite(session) => {
                let _thread = session.hold_thread();
                tokio::time::sleep(time).await;
            }
        }
    }
}
