//! The desk where users wait for tickets, and are let in as they are needed.

use super::{Model, Ticket};
use flume::{Receiver, Sender, TryRecvError};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::park_timeout;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// Where users get their tickets. It opens when a [`Pacer`](super::Pacer) starts.
#[derive(Debug)]
pub struct Desk {
    tickets: Option<Receiver<Instant>>,
    sender: Mutex<Option<Sender<Instant>>>,
    /// The end of a closed model.
    end: OnceLock<Instant>,
    admitted: Semaphore,
    arrived: AtomicU64,
    users: AtomicU64,
    stopped: AtomicBool,
    due: AtomicU64,
}

impl Desk {
    /// A desk that is still closed.
    #[must_use]
    pub fn new(model: &Model) -> Arc<Self> {
        let (sender, receiver) = flume::unbounded();
        let open = matches!(model, Model::Open(_));
        Arc::new(Self {
            tickets: open.then_some(receiver),
            sender: Mutex::new(Some(sender)),
            end: OnceLock::new(),
            admitted: Semaphore::new(0),
            arrived: AtomicU64::new(0),
            users: AtomicU64::new(0),
            stopped: AtomicBool::new(false),
            due: AtomicU64::new(0),
        })
    }

    /// Waits until this user is needed; false when the schedule ended before that.
    pub async fn admit(&self) -> bool {
        self.arrived.fetch_add(1, Relaxed);
        let Ok(permit) = self.admitted.acquire().await else {
            return false;
        };
        permit.forget();
        true
    }

    /// Users that wait at the desk or have done so.
    #[must_use]
    pub fn arrived(&self) -> u64 {
        self.arrived.load(Relaxed)
    }

    /// The next request to start; None when there is none any more.
    pub async fn next(&self) -> Option<Ticket> {
        let now = Instant::now();
        if self.stopped.load(Relaxed) || self.end.get().is_some_and(|end| now >= *end) {
            return None;
        }
        let Some(tickets) = &self.tickets else {
            return Some(Ticket {
                intended: now,
                taken: now,
                slip: None,
            });
        };
        match tickets.try_recv() {
            Ok(due) => Some(Ticket {
                intended: due,
                taken: now,
                slip: None,
            }),
            Err(TryRecvError::Disconnected) => None,
            Err(TryRecvError::Empty) => {
                let due = tickets.recv_async().await.ok()?;
                let now = Instant::now();
                Some(Ticket {
                    intended: now,
                    taken: now,
                    slip: Some(now - due),
                })
            }
        }
    }

    /// Whether there will be no more tickets.
    #[must_use]
    pub fn is_over(&self) -> bool {
        let ended = self.end.get().is_some_and(|end| Instant::now() >= *end);
        let sold_out = |tickets: &Receiver<_>| tickets.is_disconnected() && tickets.is_empty();
        self.stopped.load(Relaxed) || ended || self.tickets.as_ref().is_some_and(sold_out)
    }

    /// Whether the schedule was ended before its time, or long ago.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Relaxed)
    }

    /// Lets in the first users.
    pub(super) fn let_in(&self, users: u64) {
        self.users.store(users, Relaxed);
        self.admitted
            .add_permits(usize::try_from(users).unwrap_or(Semaphore::MAX_PERMITS));
    }

    /// Says when a closed model ends.
    pub(super) fn close_at(&self, end: Instant) {
        // It is set once: a desk is opened once.
        let _ = self.end.set(end);
    }

    /// Sends those home who have not been let in.
    pub fn let_nobody_in(&self) {
        self.admitted.close();
    }

    /// Ends the schedule now; tickets that wait are not sold any more.
    pub fn stop(&self) {
        self.stopped.store(true, Relaxed);
        self.let_nobody_in();
        // Whoever waits for a ticket hears that there will be none: unless the pacer's thread has
        // the sender, which then ends of itself.
        if let Ok(mut sender) = self.sender.lock() {
            sender.take();
        }
    }

    /// Requests that were due so far; 0 in a closed model.
    #[must_use]
    pub fn due(&self) -> u64 {
        self.due.load(Relaxed)
    }

    /// Users that were let in.
    #[must_use]
    pub fn users(&self) -> u64 {
        self.users.load(Relaxed)
    }

    /// False when the schedule was ended in the meantime.
    fn sleep_until(&self, due: Instant) -> bool {
        loop {
            if self.stopped.load(Relaxed) {
                return false;
            }
            let now = Instant::now();
            if now >= due {
                return true;
            }
            park_timeout(due - now);
        }
    }

    /// Puts every ticket where free users wait, when it is due.
    pub(super) fn sell(&self, origin: Instant, starts: impl Iterator<Item = Duration>, most: u64) {
        let sender = self.sender.lock().ok().and_then(|mut sender| sender.take());
        let Some(sender) = sender else { return };
        for start in starts {
            let due = origin + start;
            if !self.sleep_until(due) {
                return;
            }
            if !sender.is_empty() {
                self.call_another_user(most);
            }
            self.due.fetch_add(1, Relaxed);
            if sender.send(due).is_err() {
                return;
            }
        }
    }

    fn call_another_user(&self, most: u64) {
        if self.users.load(Relaxed) < most {
            self.users.fetch_add(1, Relaxed);
            self.admitted.add_permits(1);
        }
    }
}
