//! Driver errors in the words of the service. Not found is no error: it is `Ok(None)`.

use std::{fmt, sync::Arc};

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use thiserror::Error;

/// What a query can come back with instead of rows. Cheap to clone, because several callers may wait for one load.
#[derive(Clone, Debug, Error)]
#[error("{kind}: {message}")]
pub struct DatabaseError {
    kind: ErrorKind,
    message: Arc<str>,
    constraint: Option<Arc<str>>,
    query: Option<usize>,
}

/// The kinds of database errors: a closed set, and the values of the label `error_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// No connection, or no turn to write, within the pool's wait time-out; or the queue of a connection is full.
    Overloaded,
    /// The database cannot be reached, or cannot read or write its files.
    Unavailable,
    /// The statement took longer than the statement time-out.
    Timeout,
    /// The statement waited longer for another's lock than the lock time-out.
    LockTimeout,
    /// Two transactions waited for each other, and this one was chosen to end: it may succeed if it is tried again.
    Deadlock,
    /// Another transaction changed what this one had read: it may succeed if it is tried again.
    SerializationFailure,
    /// A unique index refused the row.
    UniqueViolation,
    /// A foreign key refused the change.
    ForeignKeyViolation,
    /// The caller went away. Only ever seen in the metrics.
    Cancelled,
    /// Anything else: a defect of the service.
    Other,
}

impl ErrorKind {
    /// Every kind, in the order of the metric's handles.
    pub const ALL: [Self; 10] = [
        Self::Overloaded,
        Self::Unavailable,
        Self::Timeout,
        Self::LockTimeout,
        Self::Deadlock,
        Self::SerializationFailure,
        Self::UniqueViolation,
        Self::ForeignKeyViolation,
        Self::Cancelled,
        Self::Other,
    ];

    /// The value of the label `error_type`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Overloaded => "overloaded",
            Self::Unavailable => "unavailable",
            Self::Timeout => "timeout",
            Self::LockTimeout => "lock_timeout",
            Self::Deadlock => "deadlock",
            Self::SerializationFailure => "serialization_failure",
            Self::UniqueViolation => "unique_violation",
            Self::ForeignKeyViolation => "foreign_key_violation",
            Self::Cancelled => "cancelled",
            Self::Other => "other",
        }
    }
}

impl ErrorKind {
    /// Whether the same transaction may succeed if it is tried again at once: nothing of it has happened.
    #[must_use]
    pub const fn is_conflict(self) -> bool {
        matches!(self, Self::Deadlock | Self::SerializationFailure)
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl DatabaseError {
    /// An error of this kind.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<Arc<str>>) -> Self {
        Self {
            kind,
            message: message.into(),
            constraint: None,
            query: None,
        }
    }

    /// What kind of error it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The slot of the query that failed.
    #[must_use]
    pub fn query(&self) -> Option<usize> {
        self.query
    }

    /// The same error, of the query in `slot`.
    #[must_use]
    pub(super) fn of_query(mut self, slot: usize) -> Self {
        self.query.get_or_insert(slot);
        self
    }

    /// The constraint or unique index that refused a row.
    #[must_use]
    pub fn constraint(&self) -> Option<&str> {
        self.constraint.as_deref()
    }

    /// Whether a write that ended with this error may have happened all the same.
    #[must_use]
    pub fn outcome_is_unknown(&self) -> bool {
        matches!(
            self.kind,
            ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::Other
        )
    }
}

impl From<DieselError> for DatabaseError {
    fn from(error: DieselError) -> Self {
        let DieselError::DatabaseError(kind, information) = &error else {
            return Self::new(ErrorKind::Other, error.to_string());
        };
        let message = information.message();
        let kind = match kind {
            DatabaseErrorKind::UniqueViolation => ErrorKind::UniqueViolation,
            DatabaseErrorKind::ForeignKeyViolation => ErrorKind::ForeignKeyViolation,
            DatabaseErrorKind::SerializationFailure => ErrorKind::SerializationFailure,
            DatabaseErrorKind::ClosedConnection => ErrorKind::Unavailable,
            _ => kind_of_message(message),
        };
        let constraint = information
            .constraint_name()
            .or_else(|| sqlite_index_name(message))
            .map(Arc::from);
        Self {
            kind,
            message: message.into(),
            constraint,
            query: None,
        }
    }
}

/// Diesel keeps neither SQLSTATE nor SQLite's result code, so these can be told by their text only. Each string has a test that makes it
/// happen (`tests/resilience`), so that a new version of a database cannot change one unnoticed.
fn kind_of_message(message: &str) -> ErrorKind {
    const KINDS: [(&str, ErrorKind); 13] = [
        // PostgreSQL, SQLSTATE 57014
        (
            "canceling statement due to statement timeout",
            ErrorKind::Timeout,
        ),
        // PostgreSQL, SQLSTATE 55P03
        (
            "canceling statement due to lock timeout",
            ErrorKind::LockTimeout,
        ),
        // PostgreSQL, SQLSTATE 40P01
        ("deadlock detected", ErrorKind::Deadlock),
        // SQLite: SQLITE_INTERRUPT
        ("interrupted", ErrorKind::Timeout),
        // PostgreSQL, SQLSTATE 57P01 and 25P03
        ("terminating connection", ErrorKind::Unavailable),
        // tokio-postgres, when the socket is gone; the second one no test has made happen so far
        ("connection closed", ErrorKind::Unavailable),
        (
            "error communicating with the server",
            ErrorKind::Unavailable,
        ),
        // SQLite: SQLITE_BUSY, SQLITE_FULL, SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_NOTADB
        ("database is locked", ErrorKind::Unavailable),
        ("database or disk is full", ErrorKind::Unavailable),
        ("disk I/O error", ErrorKind::Unavailable),
        ("unable to open database file", ErrorKind::Unavailable),
        (
            "attempt to write a readonly database",
            ErrorKind::Unavailable,
        ),
        ("file is not a database", ErrorKind::Unavailable),
    ];
    KINDS
        .iter()
        .find(|(text, _)| message.contains(text))
        .map_or(ErrorKind::Other, |(_, kind)| *kind)
}

/// SQLite says `UNIQUE constraint failed: index 'users_email_key'` for an index on an expression.
fn sqlite_index_name(message: &str) -> Option<&str> {
    let (_, after) = message.split_once("index '")?;
    after.split_once('\'').map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_broken_index_is_found_in_the_message_of_sqlite() {
        assert_eq!(
            sqlite_index_name("UNIQUE constraint failed: index 'users_email_key'"),
            Some("users_email_key")
        );
        assert_eq!(
            sqlite_index_name("UNIQUE constraint failed: users.email"),
            None
        );
    }
}
