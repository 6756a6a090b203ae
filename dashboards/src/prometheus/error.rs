//! Why there is no answer, as one sentence with the remedy.

use std::time::Duration;

/// Why a server did not answer a question.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not an address.
    #[error("`{address}` is not the address of {server}: write it as http://HOST:PORT")]
    Address {
        /// What it should be the address of.
        server: &'static str,
        /// As it was given.
        address: String,
    },
    /// Nobody listens there.
    #[error(
        "there is no {server} at {address} ({cause}): start it, or name the address of a running one"
    )]
    Absent {
        /// What should be there.
        server: &'static str,
        /// Where.
        address: String,
        /// What the operating system says.
        cause: String,
    },
    /// It takes too long.
    #[error("{server} at {address} did not answer within {} s: ask for a shorter range, or see what keeps it busy", limit.as_secs())]
    Timeout {
        /// Who was asked.
        server: &'static str,
        /// Where.
        address: String,
        /// How long was waited.
        limit: Duration,
    },
    /// Something else is at the address.
    #[error(
        "what answers at {url} is not {server} ({found}): name the address of {server}, without a path after it"
    )]
    Stranger {
        /// What should be there.
        server: &'static str,
        /// What was asked.
        url: String,
        /// What came instead.
        found: String,
    },
    /// The question is wrong.
    #[error("{server} refuses `{question}`: {reason}")]
    Refused {
        /// Who was asked.
        server: &'static str,
        /// The expression or the selector; else the path.
        question: String,
        /// Its own words.
        reason: String,
    },
}
