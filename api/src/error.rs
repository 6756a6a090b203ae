//! What can go wrong, in the words of the contract: a closed list of codes, one status each. Knows neither actix nor Diesel.

use std::{borrow::Cow, fmt, sync::Arc};

use crate::database::{DatabaseError, ErrorKind};

macro_rules! error_codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $status:literal, $retryable:literal, $message:literal;)+) => {
        /// Every code that an error can carry. There is no catch-all: a new code does not compile until somebody chooses its status.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ErrorCode {
            $(
                #[doc = concat!($message, ". Status ", stringify!($status), ".")]
                $variant,
            )+
        }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The code on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The HTTP status.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status),+ }
            }

            /// Whether the same request may succeed if it is sent again.
            #[must_use]
            pub const fn retryable(self) -> bool {
                match self { $(Self::$variant => $retryable),+ }
            }

            /// The message where nothing more exact is known.
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self { $(Self::$variant => $message),+ }
            }
        }
    };
}

error_codes! {
    ValidationFailed = "VALIDATION_FAILED", 400, false, "Several fields are invalid";
    InvalidEmail = "INVALID_EMAIL", 400, false, "Invalid email format";
    InvalidName = "INVALID_NAME", 400, false, "Invalid name";
    InvalidRole = "INVALID_ROLE", 400, false, "Invalid role";
    InvalidTitle = "INVALID_TITLE", 400, false, "Invalid title";
    InvalidBody = "INVALID_BODY", 400, false, "Invalid body";
    InvalidStatus = "INVALID_STATUS", 400, false, "Invalid status";
    InvalidId = "INVALID_ID", 400, false, "An id is a whole number from 1 to 9223372036854775807";
    MalformedJson = "MALFORMED_JSON", 400, false, "The body is no JSON object";
    UnknownField = "UNKNOWN_FIELD", 400, false, "The body has a field that is not known";
    UnknownParameter = "UNKNOWN_PARAMETER", 400, false, "The query has a parameter that is not known";
    ConflictingParameters = "CONFLICTING_PARAMETERS", 400, false, "A parameter is given more than once";
    InvalidLimit = "INVALID_LIMIT", 400, false, "limit is a whole number from 1 to 100";
    InvalidPage = "INVALID_PAGE", 400, false, "page is a whole number from 1";
    PageOutOfRange = "PAGE_OUT_OF_RANGE", 400, false, "Pages by number reach down to row 10000: beyond it go by cursor, beginning with cursor=start";
    InvalidCursor = "INVALID_CURSOR", 400, false, "This is no cursor of this service: take those of links, and begin with cursor=start";
    CursorMismatch = "CURSOR_MISMATCH", 400, false, "The cursor is of another list: filters and sort stay the same from page to page";
    InvalidSort = "INVALID_SORT", 400, false, "Invalid sort";
    InvalidFilter = "INVALID_FILTER", 400, false, "Invalid filter";
    InvalidFields = "INVALID_FIELDS", 400, false, "Invalid fields";
    InvalidInclude = "INVALID_INCLUDE", 400, false, "Invalid include";
    InvalidCount = "INVALID_COUNT", 400, false, "count is none, estimated or exact";
    InvalidIdempotencyKey = "INVALID_IDEMPOTENCY_KEY", 400, false, "Idempotency-Key is given once, with 1 to 255 visible ASCII characters";
    UserNotFound = "USER_NOT_FOUND", 404, false, "There is no user with this id";
    PostNotFound = "POST_NOT_FOUND", 404, false, "There is no post with this id";
    RouteNotFound = "ROUTE_NOT_FOUND", 404, false, "There is nothing at this path";
    MethodNotAllowed = "METHOD_NOT_ALLOWED", 405, false, "This resource does not have this method: see the header Allow";
    NotAcceptable = "NOT_ACCEPTABLE", 406, false, "Accept application/json or application/xml";
    RequestTimeout = "REQUEST_TIMEOUT", 408, true, "The request's body did not arrive in time";
    EmailTaken = "EMAIL_TAKEN", 409, false, "Another user has this e-mail address";
    Conflict = "CONFLICT", 409, true, "Another change came in between: try again";
    IdempotencyInProgress = "IDEMPOTENCY_IN_PROGRESS", 409, true, "A request with this Idempotency-Key is at work: try again later";
    PreconditionFailed = "PRECONDITION_FAILED", 412, false, "The resource is in another state than the request asks for: read it again";
    PayloadTooLarge = "PAYLOAD_TOO_LARGE", 413, false, "A body has at most 1048576 bytes";
    UriTooLong = "URI_TOO_LONG", 414, false, "A path with its query has at most 8192 bytes";
    UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE", 415, false, "Send application/json (PATCH: application/merge-patch+json)";
    AuthorNotFound = "AUTHOR_NOT_FOUND", 422, false, "There is no user with the id in author_id";
    IdempotencyKeyReused = "IDEMPOTENCY_KEY_REUSED", 422, false, "This Idempotency-Key was used with another body: take a new key for a new request";
    PreconditionRequired = "PRECONDITION_REQUIRED", 428, false, "Say in If-Match which state of the post you know: its ETag";
    Internal = "INTERNAL", 500, false, "Something went wrong here; the log knows more under this trace id";
    Overloaded = "OVERLOADED", 503, true, "Too many requests are waiting for the database: try again later";
    DatabaseUnavailable = "DATABASE_UNAVAILABLE", 503, true, "The database does not answer: try again later";
    DeadlineExceeded = "DEADLINE_EXCEEDED", 504, true, "The request took longer than it may";
    QueryTimeout = "QUERY_TIMEOUT", 504, true, "The database did not answer in time";
}

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
