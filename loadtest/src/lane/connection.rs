//! One user's connection: HTTP/1.1 on a socket of their own, opened when needed and kept.
//!
//! One request is under way at a time, so there is nothing beside it: whoever waits for an answer
//! drives the connection. A request is one write, and its answer mostly one read; the answer's
//! headers and body are parts of the bytes that were read, not copies (`exchange`).

use super::exchange::{Broken, Open};
use super::patience::Patience;
use super::stream::Stream;
use super::{Destination, Lost, TIMEOUT, given_up, sending};
use crate::contract::Answer;
use crate::request::Request;
use reqwest::Method;
use std::sync::Arc;
use std::time::Instant;
use tokio::time::timeout;

const NO_CONNECTION: &str = "no connection in time";

/// A connection to the target, or the place for one.
#[derive(Debug)]
pub struct Connection {
    destination: Arc<Destination>,
    open: Option<Open>,
    /// The request under way.
    wire: Vec<u8>,
    patience: Patience,
}

impl Connection {
    /// One that is still closed.
    #[must_use]
    pub fn new(destination: Arc<Destination>) -> Self {
        Self {
            destination,
            open: None,
            wire: Vec::new(),
            patience: Patience::default(),
        }
    }

    /// Connects, unless it is connected.
    ///
    /// # Errors
    /// When there is no connection to be had.
    pub async fn open(&mut self) -> Result<(), Lost> {
        opened(&mut self.open, &self.destination).await.map(|_| ())
    }

    #[cfg(test)]
    pub(super) fn is_quiet(&mut self) -> bool {
        self.open.as_mut().is_some_and(Open::is_quiet)
    }

    /// Sends a request, which is given up if there is no whole answer in time; that begins at
    /// `begun`.
    pub(super) async fn exchange(
        &mut self,
        method: &Method,
        request: &Request,
        begun: Instant,
    ) -> Result<Answer, Lost> {
        let method = request.method.as_ref().unwrap_or(method);
        self.wire.clear();
        sending::write(&mut self.wire, &self.destination.host, method, request)?;
        let limit = request.patience.unwrap_or(TIMEOUT);
        let work = send(
            &mut self.open,
            &self.destination,
            &self.wire,
            *method == Method::HEAD,
        );
        let answered = self.patience.within(begun + limit, work).await;
        answered.unwrap_or_else(|| {
            // What comes now belongs to a request that nobody waits for any more.
            let is_connecting = self.open.take().is_none();
            Err(if is_connecting && request.patience.is_none() {
                Lost::Unsent(NO_CONNECTION.to_owned())
            } else {
                given_up(request.patience)
            })
        })
    }
}

/// Connects, unless that is done.
async fn opened<'a>(
    place: &'a mut Option<Open>,
    destination: &Destination,
) -> Result<&'a mut Open, Lost> {
    if !place.as_mut().is_some_and(Open::is_quiet) {
        *place = None;
        let stream = Box::pin(timeout(TIMEOUT, Stream::to(destination))).await;
        let stream = stream.map_err(|_elapsed| Lost::Unsent(NO_CONNECTION.to_owned()))?;
        *place = Some(Open::over(stream.map_err(Lost::Unsent)?));
    }
    place
        .as_mut()
        .ok_or_else(|| Lost::Unsent("no connection".to_owned()))
}

/// Sends once more, over a new connection, what a closing one did not take.
async fn send(
    place: &mut Option<Open>,
    destination: &Destination,
    wire: &[u8],
    to_head: bool,
) -> Result<Answer, Lost> {
    let mut again = place.is_some();
    loop {
        let broken = match opened(place, destination)
            .await?
            .exchange(wire, to_head)
            .await
        {
            Ok((answer, stays)) => {
                if !stays {
                    *place = None;
                }
                return Ok(answer);
            }
            Err(broken) => broken,
        };
        *place = None;
        let lost = |what: &str| Lost::Unanswered(what.to_owned());
        return Err(match broken {
            Broken::Unsent if again => {
                again = false;
                continue;
            }
            Broken::Unsent => Lost::Unsent("connection lost".to_owned()),
            Broken::Closed => lost("connection lost"),
            Broken::NoHttp => lost("an answer that is no HTTP"),
            Broken::TooLong => lost("an answer of more than 64 MiB"),
        });
    }
}
