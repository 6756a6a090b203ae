//! What a user holds in their hands: a request goes out when it is due, and its answer is checked.
//!
//! The clock of this harness is here. It starts when the request was meant to start ([`crate::pacer`])
//! and stops when the last byte of the body has arrived.

use crate::contract::Answer;
use crate::lane::{Lane, Lost};
use crate::pacer::{Desk, Ticket};
use crate::recorder::{Outcome, Sample};
use crate::request::Request;
use crate::traffic::RouteId;
use crate::visitor::{Shared, Visitor};
use goose::goose::GooseUser;
use std::time::{Duration, Instant};

/// A task breaks off where its user got no right answer, which is already recorded, or where the
/// schedule is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BrokenOff;

/// How long a user waits after a request that found no connection, so as not to spin.
const PAUSE_AFTER_REFUSAL: Duration = Duration::from_millis(20);
/// How long a user waits who has nothing to do any more.
const PAUSE_AFTER_THE_END: Duration = Duration::from_millis(10);

/// One user's hands.
#[derive(Debug)]
pub struct Client<'a> {
    /// The user's dice and preferences.
    pub visitor: &'a mut Visitor,
    lane: &'a mut Lane,
    user: &'a mut GooseUser,
    /// Whether the task at hand has sent something.
    begun: bool,
}

impl<'a> Client<'a> {
    /// Gives a user their hands, for one task.
    pub fn new(user: &'a mut GooseUser, visitor: &'a mut Visitor, lane: &'a mut Lane) -> Self {
        Self {
            visitor,
            lane,
            user,
            begun: false,
        }
    }

    /// Sends a request of this route when it is due, and takes down how it went.
    ///
    /// # Errors
    /// When the answer did not come, `check` refuses it, or the schedule is over.
    pub async fn send<T>(
        &mut self,
        route: impl Into<RouteId>,
        request: Request,
        check: impl FnOnce(&Answer) -> Result<T, String>,
    ) -> Result<T, BrokenOff> {
        let route = route.into();
        let ticket = ticket(&self.visitor.shared().desk, self.begun).await?;
        self.begun = true;
        let shared = self.visitor.shared();
        let Shared {
            recorder, traffic, ..
        } = shared;
        let info = traffic.routes.get(route.0).ok_or(BrokenOff)?;
        let begun = ticket.map_or_else(Instant::now, |ticket| ticket.taken);
        recorder.begin(begun);
        let exchange = self.lane.exchange(self.user, &info.method, request, begun);
        let answer = exchange.await;
        let ended = Instant::now();
        let (checked, outcome) = match &answer {
            Ok(answer) => match check(answer) {
                Ok(value) => (Ok(value), Outcome::Right(answer)),
                Err(message) => (Err(BrokenOff), Outcome::Wrong(message)),
            },
            Err(Lost::Unanswered(message)) => (Err(BrokenOff), Outcome::Lost(message.clone())),
            Err(Lost::Unsent(message)) => (Err(BrokenOff), Outcome::Unsent(message.clone())),
        };
        shared.progress.count(answer.is_ok(), checked.is_err());
        let refused = matches!(outcome, Outcome::Unsent(_));
        recorder.record(
            self.visitor.number(),
            &Sample {
                route,
                ticket,
                begun,
                ended,
            },
            &outcome,
        );
        if matches!(self.lane, Lane::Http1(_)) {
            feed_goose(self.user, &info.name, ended - begun, checked.is_ok()).await;
        }
        if refused {
            tokio::time::sleep(PAUSE_AFTER_REFUSAL).await;
        }
        checked
    }
}

/// A task that has begun is ended although the schedule is over, so that the target is left as it
/// was found; nobody times what that takes.
async fn ticket(desk: &Desk, begun: bool) -> Result<Option<Ticket>, BrokenOff> {
    match desk.next().await {
        Some(ticket) => Ok(Some(ticket)),
        None if begun && !desk.is_stopped() => Ok(None),
        None => {
            tokio::time::sleep(PAUSE_AFTER_THE_END).await;
            Err(BrokenOff)
        }
    }
}

/// Tells goose of a request that did not go over its own client.
async fn feed_goose(user: &mut GooseUser, route: &str, elapsed: Duration, right: bool) {
    let (method, name) = route.split_once(' ').unwrap_or(("CUSTOM", route));
    // It can only refuse names that are empty.
    let _ = user
        .record_custom_request_duration(method, name, elapsed, right, None, None)
        .await;
}
