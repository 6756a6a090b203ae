//! How a request travels: over a lane of our own, or over goose's client to compare with.
//!
//! A user has one lane, and sends one request at a time over it. Every answer is read to its last
//! byte, or the connection would be lost; only then is it an [`Answer`].

mod connection;
mod destination;
mod exchange;
mod goose;
mod head;
mod patience;
mod sending;
mod stream;
#[cfg(test)]
mod tests;

pub use connection::Connection;
pub use destination::Destination;
pub(crate) use goose::client as goose_client;

use crate::contract::Answer;
use crate::request::Request;
use ::goose::goose::GooseUser;
use clap::ValueEnum;
use reqwest::Method;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A request without an answer in this time has failed.
pub const TIMEOUT: Duration = Duration::from_secs(5);

/// Which lane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LaneChoice {
    /// A connection of our own for each user (HTTP/1.1)
    #[default]
    Http1,
    /// The client that goose gives its users (reqwest)
    Goose,
}

/// One user's way to the target.
#[derive(Debug)]
pub enum Lane {
    /// A connection of our own.
    Http1(Box<Connection>),
    /// Goose's client.
    Goose,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lost {
    /// The request was not sent, so the target cannot have counted it.
    Unsent(String),
    /// It was sent, and no complete answer came.
    Unanswered(String),
}

impl Lane {
    /// A lane to a target.
    #[must_use]
    pub fn new(choice: LaneChoice, destination: &Arc<Destination>) -> Self {
        match choice {
            LaneChoice::Http1 => Self::Http1(Box::new(Connection::new(Arc::clone(destination)))),
            LaneChoice::Goose => Self::Goose,
        }
    }

    /// Connects before there is a request to time, where that can be done.
    pub async fn open(&mut self) {
        if let Self::Http1(connection) = self {
            // Whoever sends a request finds out again, and records it.
            let _ = connection.open().await;
        }
    }

    /// Sends a request and reads the answer to its last byte; its time begins at `begun`.
    ///
    /// # Errors
    /// When there is none, in words without addresses: the same fault is the same message.
    pub async fn exchange(
        &mut self,
        user: &mut GooseUser,
        method: &Method,
        request: Request,
        begun: Instant,
    ) -> Result<Answer, Lost> {
        match self {
            Self::Http1(connection) => connection.exchange(method, &request, begun).await,
            Self::Goose => goose::exchange(user, method, request).await,
        }
    }
}

/// What is said of a request that was given up.
fn given_up(patience: Option<Duration>) -> Lost {
    Lost::Unanswered(patience.map_or_else(
        || "no answer in time".to_owned(),
        |patience| format!("hung up after {patience:?}"),
    ))
}
