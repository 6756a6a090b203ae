//! What can go wrong, in the words of the contract: a closed list of codes (`codes.rs`), one status each, and what each means for a client
//! (`explanations.rs`). Knows neither actix nor Diesel. A new code goes into both files, and does not compile in one alone.

mod codes;
mod explanations;
mod page;

use std::{borrow::Cow, fmt, sync::Arc};

pub use codes::ErrorCode;
pub use explanations::Example;
pub use page::{SEED_COMMAND, SUCCESSES, Success, markdown};

use crate::database::{DatabaseError, ErrorKind};

/// One thing that is wrong with the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which field (a JSON Pointer) or parameter.
    pub field: Cow<'static, str>,
    /// What is wrong with it.
    pub code: ErrorCode,
    /// The same in a sentence, with what is allowed.
    pub message: Cow<'static, str>,
}

impl Violation {
    /// Something that is wrong with `field`.
    pub fn new(
        field: impl Into<Cow<'static, str>>,
        code: ErrorCode,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            field: field.into(),
            code,
            message: message.into(),
        }
    }
}

/// An error on its way to the client. The source stays here: it is logged, never shown.
#[derive(Clone, Debug)]
pub struct Error {
    code: ErrorCode,
    violations: Vec<Violation>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// Most violations that an answer lists: a body of a mebibyte has room for a hundred thousand fields that nobody knows.
    pub const MAX_VIOLATIONS: usize = 100;

    /// The input is wrong in these ways: one has its own code, several are `VALIDATION_FAILED`.
    #[must_use]
    pub fn invalid(mut violations: Vec<Violation>) -> Self {
        violations.truncate(Self::MAX_VIOLATIONS);
        let code = match violations.as_slice() {
            [only] => only.code,
            _ => ErrorCode::ValidationFailed,
        };
        Self {
            code,
            violations,
            source: None,
        }
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// The sentence for people: of the only violation, if there is just one.
    #[must_use]
    pub fn message(&self) -> &str {
        match self.violations.as_slice() {
            [only] => &only.message,
            _ => self.code.message(),
        }
    }

    /// What is wrong with the input.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }
}

impl From<ErrorCode> for Error {
    fn from(code: ErrorCode) -> Self {
        Self {
            code,
            violations: Vec::new(),
            source: None,
        }
    }
}

/// Constraints have been given a meaning before this; what comes here is about the database itself.
impl From<DatabaseError> for Error {
    fn from(error: DatabaseError) -> Self {
        let code = match error.kind() {
            ErrorKind::Overloaded => ErrorCode::Overloaded,
            ErrorKind::Unavailable => ErrorCode::DatabaseUnavailable,
            ErrorKind::Timeout | ErrorKind::LockTimeout => ErrorCode::QueryTimeout,
            ErrorKind::Deadlock | ErrorKind::SerializationFailure => ErrorCode::Conflict,
            ErrorKind::UniqueViolation
            | ErrorKind::ForeignKeyViolation
            | ErrorKind::Cancelled
            | ErrorKind::Other => ErrorCode::Internal,
        };
        Self {
            code,
            violations: Vec::new(),
            source: Some(Arc::new(error)),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.message())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
