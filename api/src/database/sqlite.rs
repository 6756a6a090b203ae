//! SQLite: each connection lives on a thread of its own that takes jobs from a queue. Measured, that is 2.5 times the throughput of a pool
//! with blocking calls, and there is no blocking pool to saturate. Readers share one bounded queue; writers take turns by a semaphore, because
//! the database has one writer at a time anyway and a queue in front of it is fair and has a time-out.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, Sender, TrySendError};
use diesel::{Connection, QueryResult, SqliteConnection, connection::SimpleConnection};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::{DatabaseError, ErrorKind, PoolOptions, probe::Probe};
use crate::{
    config::Synchronous,
    telemetry::{Metrics, PoolMetrics, PoolStatus, PoolTimeout},
};

/// Jobs that may wait for a reader. Beyond it the caller is told at once: at 0.2 ms a job it is 50 ms of work for each of two readers.
const READ_QUEUE: usize = 512;

type Job = Box<dyn FnOnce(&mut SqliteConnection, &Probe) + Send>;

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
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

    fn open(&self, access: Access) -> Result<SqliteConnection, Box<dyn std::error::Error>> {
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
    wait_timeout: Duration,
}

/// A queue and the threads behind it.
#[derive(Clone)]
struct Lane {
    jobs: Sender<Job>,
    statement_timeout: Duration,
    wait_timeout: Duration,
    metrics: Arc<PoolMetrics>,
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
        let waiting = Arc::clone(&turn);
        writer.start(target, Access::Write, 1, &write_queue, metrics, move || {
            usize::from(waiting.available_permits() == 0)
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
            wait_timeout: options.wait_timeout,
        })
    }

    /// A session that can only read. It holds nothing: each of its statements goes to the next free reader.
    pub(super) fn read(&self) -> SqliteSession {
        SqliteSession {
            lane: self.readers.clone(),
            turn: None,
            in_transaction: false,
            leased: Instant::now(),
        }
    }

    /// Waits for the turn to write.
    pub(super) async fn write(&self) -> Result<SqliteSession, DatabaseError> {
        let turn =
            tokio::time::timeout(self.wait_timeout, Arc::clone(&self.turn).acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            self.writer.metrics.timed_out(PoolTimeout::Wait);
            return Err(DatabaseError::new(
                ErrorKind::Overloaded,
                "the turn to write did not come in time",
            ));
        };
        Ok(SqliteSession {
            lane: self.writer.clone(),
            turn: Some(turn),
            in_transaction: false,
            leased: Instant::now(),
        })
    }
}

impl Lane {
    fn new(jobs: Sender<Job>, options: &PoolOptions, metrics: Arc<PoolMetrics>) -> Self {
        Self {
            jobs,
            statement_timeout: options.statement_timeout,
            wait_timeout: options.wait_timeout,
            metrics,
        }
    }

    fn start(
        &self,
        target: &Target,
        access: Access,
        threads: usize,
        queue: &Receiver<Job>,
        metrics: &Arc<Metrics>,
        pending: impl Fn() -> usize + Send + Sync + 'static,
    ) -> Result<(), String> {
        let busy = Arc::new(AtomicUsize::new(0));
        for number in 0..threads {
            let started = Instant::now();
            let mut connection = target.open(access).map_err(|error| error.to_string())?;
            self.metrics.created(started.elapsed());
            let probe = Probe::new(Arc::clone(metrics));
            connection.set_instrumentation(probe.clone());
            let (queue, busy) = (queue.clone(), Arc::clone(&busy));
            thread::Builder::new()
                .name(format!("sqlite-{}-{number}", access.as_str()))
                .spawn(move || work(connection, &probe, &queue, &busy))
                .map_err(|error| format!("a thread cannot be started: {error}"))?;
        }
        self.metrics.watch(move || {
            let used = busy.load(Ordering::Relaxed);
            PoolStatus {
                idle: threads.saturating_sub(used),
                used,
                max: threads,
                pending: pending(),
            }
        });
        Ok(())
    }
}

fn work(
    mut connection: SqliteConnection,
    probe: &Probe,
    queue: &Receiver<Job>,
    busy: &AtomicUsize,
) {
    for job in queue {
        busy.fetch_add(1, Ordering::Relaxed);
        // A job that panics takes its answer with it, which the caller sees; the connection stays.
        if catch_unwind(AssertUnwindSafe(|| job(&mut connection, probe))).is_err() {
            tracing::error!("a statement panicked on its connection's thread");
        }
        busy.fetch_sub(1, Ordering::Relaxed);
    }
}

/// One caller's use of the database.
pub(super) struct SqliteSession {
    lane: Lane,
    turn: Option<OwnedSemaphorePermit>,
    in_transaction: bool,
    leased: Instant,
}

const QUEUED: u8 = 0;
const STARTED: u8 = 1;
const ABANDONED: u8 = 2;

impl SqliteSession {
    /// Runs one statement under the name in `slot`. Also says how long it stood in the queue.
    pub(super) async fn run<T: Send + 'static>(
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
        match self.lane.jobs.try_send(job) {
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
    pub(super) async fn control(
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
                probe.announce(<super::conn::Rollback as crate::budget::NamedQuery>::SLOT);
                drop(connection.batch_execute("ROLLBACK"));
                probe.clear();
            });
            drop(self.lane.jobs.try_send(rollback));
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
