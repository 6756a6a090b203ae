//! What a persona sees of the wire: a request goes out by its route, and its answer is checked.
//!
//! The clock of this harness is here: it starts before the request is made and stops when the last
//! byte of the body has arrived. Every body is read to its end, or the connection would be lost.
//! Goose makes the request, but its own times end at the first byte, and are not used.

use crate::contract::Answer;
use crate::recorder::Outcome;
use crate::request::Request;
use crate::routes::Route;
use crate::visitor::Visitor;
use goose::goose::{GooseRequest, GooseUser, TransactionError};
use reqwest::RequestBuilder;
use std::time::{Duration, Instant};

/// A task breaks off where its user got no right answer; the answer is already recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BrokenOff;

/// How long a user waits after a request that found no connection, so as not to spin.
const PAUSE_AFTER_REFUSAL: Duration = Duration::from_millis(20);

/// One user's hands.
#[derive(Debug)]
pub struct Client<'a> {
    /// The user's dice and preferences.
    pub visitor: &'a mut Visitor,
    user: &'a mut GooseUser,
}

enum Lost {
    Unsent(String),
    Unanswered(String),
}

impl<'a> Client<'a> {
    /// Gives a user their hands.
    pub fn new(user: &'a mut GooseUser, visitor: &'a mut Visitor) -> Self {
        Self { visitor, user }
    }

    /// Sends a request of this route and takes down how it went.
    ///
    /// # Errors
    /// When the answer did not come, or `check` refuses it.
    pub async fn send<T>(
        &mut self,
        route: Route,
        request: Request,
        check: impl FnOnce(&Answer) -> Result<T, String>,
    ) -> Result<T, BrokenOff> {
        let request = request.build(route, self.user);
        let started = Instant::now();
        let answer = exchange(self.user, route, request).await;
        let elapsed = started.elapsed();
        self.visitor.progress.count(answer.is_ok());
        let (outcome, result) = match answer.map(|answer| check(&answer)) {
            Ok(Ok(value)) => (Outcome::Right, Ok(value)),
            Ok(Err(message)) | Err(Lost::Unanswered(message)) => {
                (Outcome::Wrong(message), Err(BrokenOff))
            }
            Err(Lost::Unsent(message)) => {
                tokio::time::sleep(PAUSE_AFTER_REFUSAL).await;
                (Outcome::Unsent(message), Err(BrokenOff))
            }
        };
        if result.is_err() {
            self.visitor.progress.count_error();
        }
        self.visitor
            .recorder
            .record(route, started, elapsed, outcome);
        result
    }
}

/// Sends the request and reads the answer to its last byte.
async fn exchange(
    user: &mut GooseUser,
    route: Route,
    request: Result<RequestBuilder, Box<TransactionError>>,
) -> Result<Answer, Lost> {
    let request = request.map_err(|error| Lost::Unsent(error.to_string()))?;
    let request = GooseRequest::builder()
        .name(route.name())
        .set_request_builder(request)
        .build();
    let sent = user.request(request).await;
    let response = sent
        .map_err(|error| Lost::Unsent(error.to_string()))?
        .response;
    let response = response.map_err(|error| lost(&error))?;
    let status = response.status();
    let headers = response.headers().clone();
    let body = response
        .bytes()
        .await
        .map_err(|error| lost(&error))?
        .to_vec();
    Ok(Answer {
        status,
        headers,
        body,
    })
}

/// Names what happened without the address in it, so that the same fault is the same message.
fn lost(error: &reqwest::Error) -> Lost {
    if error.is_connect() {
        Lost::Unsent("no connection".to_owned())
    } else if error.is_timeout() {
        Lost::Unanswered("no answer in time".to_owned())
    } else {
        Lost::Unanswered("connection lost".to_owned())
    }
}
