//! The table of codes: on the wire, their status, whether trying again may help, and the message where nothing more exact is known.

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

            /// The code that is written so on the wire, letter by letter.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.as_str() == text)
            }

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
