//! Who may start a request, and when: tickets that a thread of its own hands out on time.
//!
//! In an open model requests are due whether or not earlier ones are answered. The pacer's thread
//! sleeps until a request is due and puts its ticket where free users wait. A user who was waiting
//! begins a moment later; how much later is this program's slip, not the target's. When no user is
//! free, the ticket waits, and so do the people whom it stands for: its request is timed from when
//! it was due. A frozen target therefore answers for every request that it kept from being sent.
//!
//! Users are let in as they are needed: a ticket that waits calls another one, up to the maximum.
//! In a closed model everybody starts at once, and begins the next request when the last is answered.

mod desk;
mod model;

pub use desk::Desk;
pub use model::Model;

use std::sync::Arc;
use std::thread::{JoinHandle, spawn};
use std::time::{Duration, Instant};

/// Permission to start one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// From when on the request is timed.
    pub intended: Instant,
    /// When a user took it.
    pub taken: Instant,
    /// How late a free user began; None when the ticket had to wait for one, or in a closed model.
    pub slip: Option<Duration>,
}

/// Hands out tickets. Dropping it ends the schedule.
#[derive(Debug)]
pub struct Pacer {
    desk: Arc<Desk>,
    thread: Option<JoinHandle<()>>,
}

impl Pacer {
    /// Opens the desk: the schedule begins at `origin`, with `users` of at most `most`.
    #[must_use]
    pub fn start(desk: &Arc<Desk>, model: &Model, origin: Instant, users: u64, most: u64) -> Self {
        desk.let_in(users);
        let thread = match model {
            Model::Closed(length) => {
                desk.close_at(origin + *length);
                None
            }
            Model::Open(schedule) => {
                let (starts, shared) = (schedule.starts(), Arc::clone(desk));
                Some(spawn(move || shared.sell(origin, starts, most)))
            }
        };
        Self {
            desk: Arc::clone(desk),
            thread,
        }
    }
}

impl Drop for Pacer {
    fn drop(&mut self) {
        self.desk.stop();
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // It only sleeps and sends: there is no panic to hear of.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::{Arrival, Schedule, Stage};

    fn open(rate: f64, seconds: f64) -> Model {
        Model::Open(Schedule {
            stages: vec![Stage::flat(seconds)],
            rate,
            arrival: Arrival::Constant,
            seed: 1,
            shard: (0, 1),
        })
    }

    fn start(model: &Model, origin: Instant, most: u64) -> (Pacer, Arc<Desk>) {
        let desk = Desk::new(model);
        (Pacer::start(&desk, model, origin, 2, most), desk)
    }

    #[tokio::test]
    async fn a_ticket_that_waits_is_timed_from_when_it_was_due() {
        let origin = Instant::now();
        let (_pacer, desk) = start(&open(1_000.0, 0.01), origin, 2);
        while desk.due() < 10 {
            tokio::task::yield_now().await;
        }
        for number in 0..10 {
            let ticket = desk.next().await.unwrap();
            assert_eq!(ticket.intended, origin + Duration::from_millis(number));
            assert_eq!(ticket.slip, None);
        }
        assert_eq!(desk.next().await, None);
        assert!(desk.is_over());
    }

    #[tokio::test]
    async fn a_free_user_is_timed_from_when_they_begin_and_the_rest_is_slip() {
        let origin = Instant::now();
        let (_pacer, desk) = start(&open(20.0, 0.09), origin, 2);
        desk.next().await.unwrap();
        let second = desk.next().await.unwrap();
        let due = origin + Duration::from_millis(50);
        assert_eq!(second.slip, Some(second.intended - due));
    }

    #[tokio::test]
    async fn tickets_that_wait_call_users_up_to_the_maximum() {
        let (_pacer, desk) = start(&open(10_000.0, 0.01), Instant::now(), 5);
        while desk.due() < 100 {
            tokio::task::yield_now().await;
        }
        assert_eq!(desk.users(), 5);
        for _ in 0..5 {
            assert!(desk.admit().await);
        }
        desk.stop();
        assert!(!desk.admit().await);
        assert_eq!(desk.next().await, None);
    }

    #[tokio::test]
    async fn who_waits_for_a_ticket_hears_that_the_schedule_was_ended() {
        let (pacer, desk) = start(&open(0.1, 60.0), Instant::now(), 2);
        desk.next().await.unwrap();
        let (next, ()) = tokio::join!(desk.next(), async { drop(pacer) });
        assert_eq!(next, None);
    }

    #[tokio::test]
    async fn a_closed_model_has_tickets_until_its_end() {
        let model = Model::Closed(Duration::from_millis(20));
        let (_pacer, desk) = start(&model, Instant::now(), 2);
        let mut tickets = 0;
        while desk.next().await.is_some() {
            tickets += 1;
        }
        assert!(tickets > 0 && desk.is_over());
    }
}
