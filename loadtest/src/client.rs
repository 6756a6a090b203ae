//! What a persona sees of the wire: get, post, patch, delete, each by its route and with a check.
//!
//! The clock of this harness is here: it starts before the request is made and stops when the last
//! byte of the body has arrived. Every body is read to its end, or the connection would be lost.
//! Goose makes the request, but its own times end at the first byte, and are not used.

use crate::contract::Answer;
use crate::recorder::Outcome;
use crate::routes::Route;
use crate::visitor::Visitor;
use goose::goose::{GooseMethod, GooseRequest, GooseUser, TransactionError};
use reqwest::RequestBuilder;
use serde::Serialize;
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

    /// Reads.
    ///
    /// # Errors
    /// When the answer did not come, or `check` refuses it.
    pub async fn get<T>(
        &mut self,
        route: Route,
        path: &str,
        check: impl FnOnce(&Answer) -> Result<T, String>,
    ) -> Result<T, BrokenOff> {
        let request = self.user.get_request_builder(&GooseMethod::Get, path);
        self.send(route, request, check).await
    }

    /// Creates.
    ///
    /// # Errors
    /// When the answer did not come, or `check` refuses it.
    pub async fn post<T>(
        &mut self,
        route: Route,
        path: &str,
        body: &impl Serialize,
        check: impl FnOnce(&Answer) -> Result<T, String>,
    ) -> Result<T, BrokenOff> {
        let request = self.user.get_request_builder(&GooseMethod::Post, path);
        let request = request.map(|request| request.json(body));
        self.send(route, request, check).await
    }

    /// Changes, by a merge patch; if the resource is in the state that `if_match` names.
    ///
    /// # Errors
    /// When the answer did not come, or `check` refuses it.
    pub async fn patch<T>(
        &mut self,
        route: Route,
        (path, if_match): (&str, Option<&str>),
        body: &impl Serialize,
        check: impl FnOnce(&Answer) -> Result<T, String>,
    ) -> Result<T, BrokenOff> {
        let merge_patch = ("content-type", "application/merge-patch+json");
        let request = self.user.get_request_builder(&GooseMethod::Patch, path);
        let request = request.map(|request| {
            expecting(request, if_match)
                .header(merge_patch.0, merge_patch.1)
                .json(body)
        });
        self.send(route, request, check).await
    }

    /// Deletes, if the resource is in the state that `if_match` names.
    ///
    /// # Errors
    /// When the answer did not come, or `check` refuses it.
    pub async fn delete<T>(
        &mut self,
        route: Route,
        (path, if_match): (&str, Option<&str>),
        check: impl FnOnce(&Answer) -> Result<T, String>,
    ) -> Result<T, BrokenOff> {
        let request = self.user.get_request_builder(&GooseMethod::Delete, path);
        let request = request.map(|request| expecting(request, if_match));
        self.send(route, request, check).await
    }

    async fn send<T>(
        &mut self,
        route: Route,
        request: Result<RequestBuilder, Box<TransactionError>>,
        check: impl FnOnce(&Answer) -> Result<T, String>,
    ) -> Result<T, BrokenOff> {
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

/// The request, if the resource is in this state.
fn expecting(request: RequestBuilder, if_match: Option<&str>) -> RequestBuilder {
    match if_match {
        Some(etag) => request.header("if-match", etag),
        None => request,
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
    let etag = response.headers().get("etag");
    let etag = etag.and_then(|value| value.to_str().ok().map(ToOwned::to_owned));
    let body = response
        .bytes()
        .await
        .map_err(|error| lost(&error))?
        .to_vec();
    Ok(Answer { status, body, etag })
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
