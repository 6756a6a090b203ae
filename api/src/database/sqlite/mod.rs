//! SQLite: each connection lives on a thread of its own that takes jobs from a queue. Measured, that is 2.5 times the throughput of a pool
//! with blocking calls, and there is no blocking pool to saturate. Readers share one bounded queue; writers take turns by a semaphore, because
//! the database has one writer at a time anyway and a queue in front of it is fair and has a time-out.

mod interrupt;
mod lane;
mod session;
mod ticket;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use diesel::{Connection, SqliteConnection, connection::SimpleConnection};
use tokio::sync::{Semaphore, oneshot};

use self::lane::Lane;
pub(super) use self::session::SqliteSession;
use super::{DatabaseError, ErrorKind, PoolOptions};
use crate::{
    config::Synchronous,
    telemetry::{Metrics, PoolTimeout},
};

/// Jobs that may wait for a reader. Beyond it the caller is told at once: at 0.2 ms a job it is 50 ms of work for each of two readers.
const READ_QUEUE: usize = 512;

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Read,
    Write,
}

impl Access {
    fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

/// How a file is opened.
#[derive(Clone, Debug)]
pub(super) struct Target {
    path: String,
    synchronous: Synchronous,
    busy_timeout: Duration,
}

impl Target {
    /// Takes the path of a `sqlite:` URL.
    pub(super) fn parse(path: &str, options: &PoolOptions) -> Result<Self, String> {
        if path.is_empty() {
            return Err("it names no file: use sqlite:PATH".to_owned());
        }
        if path.contains(":memory:") || path.contains("mode=memory") {
            return Err("a database in memory belongs to one connection, but readers and the writer have one each: use sqlite:PATH".to_owned());
        }
        Ok(Self {
            path: path.to_owned(),
            synchronous: options.sqlite_synchronous,
            busy_timeout: options.wait_timeout,
        })
    }

    /// Opens a connection that may write, without a probe: for migrations.
    pub(super) fn connect(&self) -> Result<SqliteConnection, String> {
        self.open(Access::Write).map_err(|error| error.to_string())
    }

    pub(super) fn open(
        &self,
        access: Access,
    ) -> Result<SqliteConnection, Box<dyn std::error::Error>> {
        interrupt::install()?;
        let mut connection = SqliteConnection::establish(&self.path)?;
        // The time-out comes first: switching to WAL takes a lock itself. FULL, because what was acknowledged must survive a power cut.
        let synchronous = self.synchronous.as_str();
        connection.batch_execute(&format!(
            "PRAGMA busy_timeout = {}; PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; PRAGMA foreign_keys = ON; PRAGMA query_only = {};",
            self.busy_timeout.as_millis(),
            if access == Access::Read { "ON" } else { "OFF" },
        ))?;
        Ok(connection)
    }
}
/// The threads of one database file. Clones share them; they end when the last clone is gone.
#[derive(Clone)]
pub(super) struct SqlitePool {
    readers: Lane,
    writer: Lane,
    turn: Arc<Semaphore>,
    /// How many callers wait for the turn.
    waiting: Arc<AtomicUsize>,
    wait_timeout: Duration,
}
impl SqlitePool {
    /// Opens the file once for each reader and once for the writer.
    pub(super) fn open(
        target: &Target,
        options: &PoolOptions,
        metrics: &Arc<Metrics>,
    ) -> Result<Self, String> {
        let (read_jobs, read_queue) = crossbeam_channel::bounded(READ_QUEUE);
        let (write_jobs, write_queue) = crossbeam_channel::unbounded();
        let turn = Arc::new(Semaphore::new(1));
        let writer = Lane::new(write_jobs, options, metrics.pool("sqlite_writer"));
        let readers = Lane::new(read_jobs, options, metrics.pool("sqlite_readers"));
        let waiting = Arc::<AtomicUsize>::default();
        let pending = Arc::clone(&waiting);
        writer.start(target, Access::Write, 1, &write_queue, metrics, move || {
            pending.load(Ordering::Relaxed)
        })?;
        let queue = read_queue.clone();
        readers.start(
            target,
            Access::Read,
            options.sqlite_readers,
            &read_queue,
            metrics,
            move || queue.len(),
        )?;
        Ok(Self {
            readers,
            writer,
            turn,
            waiting,
            wait_timeout: options.wait_timeout,
        })
    }

    /// A session that can only read. It holds nothing: each of its statements goes to the next free reader.
    pub(super) fn read(&self) -> SqliteSession {
        SqliteSession::new(self.readers.clone(), None)
    }

    /// Closes all connections.
    pub(super) async fn close(&self) {
        let (readers, writer) = (self.readers.clone(), self.writer.clone());
        let (closed, waiting) = oneshot::channel();
        // A thread of its own: the runtime would wait for a blocking task even where the caller no longer does.
        std::thread::spawn(move || {
            readers.close();
            writer.close();
            // Nobody waits any more: nothing to say.
            let _ = closed.send(());
        });
        drop(waiting.await);
    }

    /// Waits for the turn to write.
    pub(super) async fn write(&self) -> Result<SqliteSession, DatabaseError> {
        let waiting = Waiting::begin(&self.waiting);
        let turn =
            tokio::time::timeout(self.wait_timeout, Arc::clone(&self.turn).acquire_owned()).await;
        drop(waiting);
        let Ok(Ok(turn)) = turn else {
            self.writer.metrics.timed_out(PoolTimeout::Wait);
            return Err(DatabaseError::new(
                ErrorKind::Overloaded,
                "the turn to write did not come in time",
            ));
        };
        Ok(SqliteSession::new(self.writer.clone(), Some(turn)))
    }
}

/// A caller who waits for the turn, until it comes or the caller goes away.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn begin(waiting: &'a AtomicUsize) -> Self {
        waiting.fetch_add(1, Ordering::Relaxed);
        Self(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
