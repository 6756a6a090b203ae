//! What is wrong with a scenario file, and where.

use std::ops::Range;

/// What is wrong with a scenario file, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}")]
pub struct ScenarioError {
    file: String,
    line: usize,
    column: usize,
    message: String,
}

impl ScenarioError {
    /// What is wrong, without the place.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// A fault at a place in the text, before it is known which line that is.
#[derive(Debug)]
pub(super) struct Fault {
    offset: usize,
    message: String,
}

pub(super) type Outcome<T> = Result<T, Fault>;

/// A fault at the begin of this span.
pub(super) fn fault<T>(span: &Range<usize>, message: impl Into<String>) -> Outcome<T> {
    Err(Fault {
        offset: span.start,
        message: message.into(),
    })
}

impl Fault {
    pub(super) fn of_toml(error: &toml::de::Error) -> Self {
        Self {
            offset: error.span().map_or(0, |span| span.start),
            message: match error.message() {
                // JSON has no dates; the parser says so in terms of its own.
                message if message.contains("datetime") => "a date is written in quotes".to_owned(),
                message => message.to_owned(),
            },
        }
    }

    pub(super) fn within(self, file: &str, text: &str) -> ScenarioError {
        let before = text.get(..self.offset).unwrap_or(text);
        let last_line = before.rsplit('\n').next().unwrap_or_default();
        ScenarioError {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: last_line.chars().count() + 1,
            message: self.message,
        }
    }
}
