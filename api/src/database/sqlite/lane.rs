//! A queue, and the threads with their connections behind it.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, Sender};
use diesel::{Connection, SqliteConnection};

use super::{Access, Target};
use crate::{
    database::{PoolOptions, probe::Probe},
    telemetry::{Metrics, PoolMetrics, PoolStatus},
};

/// Something for a connection to do.
pub type Job = Box<dyn FnOnce(&mut SqliteConnection, &Probe) + Send>;

/// What goes through the queue.
pub enum Message {
    /// Something to do.
    Run(Job),
    /// The thread that takes it closes its connection and ends.
    Close,
}

/// A queue and the threads behind it.
#[derive(Clone)]
pub struct Lane {
    pub jobs: Sender<Message>,
    threads: Arc<Mutex<Vec<JoinHandle<()>>>>,
    pub statement_timeout: Duration,
    pub wait_timeout: Duration,
    pub metrics: Arc<PoolMetrics>,
}

impl Lane {
    pub fn new(jobs: Sender<Message>, options: &PoolOptions, metrics: Arc<PoolMetrics>) -> Self {
        Self {
            jobs,
            threads: Arc::default(),
            statement_timeout: options.statement_timeout,
            wait_timeout: options.wait_timeout,
            metrics,
        }
    }

    pub fn start(
        &self,
        target: &Target,
        access: Access,
        threads: usize,
        queue: &Receiver<Message>,
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
            let thread = thread::Builder::new()
                .name(format!("sqlite-{}-{number}", access.as_str()))
                .spawn(move || work(connection, &probe, &queue, &busy))
                .map_err(|error| format!("a thread cannot be started: {error}"))?;
            self.threads().push(thread);
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

    /// Closes the connections once what is queued has been done. Blocks until then. The last connection that is closed moves what is in the
    /// write-ahead log into the database file.
    pub fn close(&self) {
        let threads = std::mem::take(&mut *self.threads());
        for _ in &threads {
            // Fails only where the threads are gone already.
            drop(self.jobs.send(Message::Close));
        }
        for thread in threads {
            drop(thread.join());
        }
    }

    fn threads(&self) -> MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn work(
    mut connection: SqliteConnection,
    probe: &Probe,
    queue: &Receiver<Message>,
    busy: &AtomicUsize,
) {
    while let Ok(Message::Run(job)) = queue.recv() {
        busy.fetch_add(1, Ordering::Relaxed);
        // A job that panics takes its answer with it, which the caller sees; the connection stays.
        if catch_unwind(AssertUnwindSafe(|| job(&mut connection, probe))).is_err() {
            tracing::error!("a statement panicked on its connection's thread");
        }
        busy.fetch_sub(1, Ordering::Relaxed);
    }
}
