//! What each route does, in the words of the document.

mod discovery;
mod posts;
mod users;

use serde_json::{Map, Value, json};

use super::{bodies::Body, errors, reference, success::Success, tags::Tag};
use crate::error::ErrorCode;

/// What any request may be answered. The first is the answer to the other methods of the path.
const OF_EVERY_OPERATION: [ErrorCode; 3] = [
    ErrorCode::MethodNotAllowed,
    ErrorCode::UriTooLong,
    ErrorCode::Internal,
];

/// What a request that asks the database may be answered.
const OF_THE_DATABASE: [ErrorCode; 4] = [
    ErrorCode::Overloaded,
    ErrorCode::DatabaseUnavailable,
    ErrorCode::DeadlineExceeded,
    ErrorCode::QueryTimeout,
];

/// What a request with a body may be answered.
const OF_A_BODY: [ErrorCode; 6] = [
    ErrorCode::ValidationFailed,
    ErrorCode::MalformedJson,
    ErrorCode::UnknownField,
    ErrorCode::RequestTimeout,
    ErrorCode::PayloadTooLarge,
    ErrorCode::UnsupportedMediaType,
];

/// What a request with an `Idempotency-Key` may be answered.
const OF_A_KEY: [ErrorCode; 3] = [
    ErrorCode::InvalidIdempotencyKey,
    ErrorCode::IdempotencyInProgress,
    ErrorCode::IdempotencyKeyReused,
];

/// What a list may be answered, whatever it lists.
const OF_A_LIST: [ErrorCode; 14] = [
    ErrorCode::ValidationFailed,
    ErrorCode::UnknownParameter,
    ErrorCode::ConflictingParameters,
    ErrorCode::InvalidLimit,
    ErrorCode::InvalidPage,
    ErrorCode::PageOutOfRange,
    ErrorCode::InvalidCursor,
    ErrorCode::CursorMismatch,
    ErrorCode::InvalidSort,
    ErrorCode::InvalidFilter,
    ErrorCode::InvalidFields,
    ErrorCode::InvalidInclude,
    ErrorCode::InvalidCount,
    // A page is in no state that `If-Match` could name.
    ErrorCode::PreconditionFailed,
];

/// What a request for one resource may be answered, because of its parameters.
const OF_A_SELECTION: [ErrorCode; 5] = [
    ErrorCode::ValidationFailed,
    ErrorCode::UnknownParameter,
    ErrorCode::ConflictingParameters,
    ErrorCode::InvalidFields,
    ErrorCode::InvalidInclude,
];

/// Parameters of every list.
const PAGES: &[&str] = &["page", "limit", "cursor"];
const FILTERS: &[&str] = &[
    "id.in",
    "created_at.gte",
    "created_at.gt",
    "created_at.lte",
    "created_at.lt",
];

/// Conditions of a read and of a write.
const READ_CONDITIONS: &[&str] = &[
    "If-None-Match",
    "If-Modified-Since",
    "If-Match",
    "If-Unmodified-Since",
];
const WRITE_CONDITIONS: &[&str] = &["If-Match", "If-None-Match", "If-Unmodified-Since"];

/// One operation.
pub(super) struct Operation {
    /// The name of its route.
    pub route: &'static str,
    id: &'static str,
    tag: Tag,
    summary: &'static str,
    description: &'static str,
    parameters: Vec<&'static str>,
    body: Option<Body>,
    success: Success,
    codes: Vec<ErrorCode>,
}

/// Every operation.
pub(super) fn all() -> Vec<Operation> {
    [discovery::all(), users::all(), posts::all()]
        .into_iter()
        .flatten()
        .collect()
}

impl Operation {
    fn new(route: &'static str, id: &'static str, tag: Tag, success: Success) -> Self {
        Self {
            route,
            id,
            tag,
            summary: "",
            description: "",
            parameters: Vec::new(),
            body: None,
            success,
            codes: OF_EVERY_OPERATION.to_vec(),
        }
    }

    fn described(mut self, summary: &'static str, description: &'static str) -> Self {
        (self.summary, self.description) = (summary, description);
        self
    }

    fn parameters(mut self, names: &[&'static str]) -> Self {
        self.parameters.extend(names);
        self
    }

    fn codes(mut self, codes: &[ErrorCode]) -> Self {
        self.codes.extend(codes);
        self
    }

    /// Leaves nothing that could be shown.
    fn erased(self) -> Self {
        self.codes(&OF_THE_DATABASE)
            .codes(&[ErrorCode::Conflict, ErrorCode::UnknownParameter])
            .codes(&[ErrorCode::ValidationFailed])
    }

    /// Answers in more than one representation.
    fn negotiated(self) -> Self {
        self.codes(&[ErrorCode::NotAcceptable])
    }

    /// Asks the database.
    fn stored(self) -> Self {
        self.negotiated().codes(&OF_THE_DATABASE)
    }

    /// Writes, if another write does not come in between.
    fn written(self) -> Self {
        self.stored()
            .codes(&[ErrorCode::Conflict, ErrorCode::UnknownParameter])
            .codes(&[ErrorCode::ValidationFailed])
    }

    fn body(mut self, body: Body) -> Self {
        self.body = Some(body);
        self.codes(&OF_A_BODY)
    }

    /// Makes something new, once for each key.
    fn keyed(self) -> Self {
        self.parameters(&["Idempotency-Key"]).codes(&OF_A_KEY)
    }

    /// A page of a list.
    fn listed(self, of: &[&'static str]) -> Self {
        self.stored()
            .parameters(PAGES)
            .parameters(of)
            .parameters(FILTERS)
            .parameters(&["count", "If-None-Match"])
            .codes(&OF_A_LIST)
    }

    /// The operation as the document shows it. The answers that it shares with others are put among `responses`.
    pub fn describe(&self, success: u16, responses: &mut Map<String, Value>) -> Value {
        let in_path = self
            .route
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let names = in_path.chain(self.parameters.iter().copied());
        let parameters: Vec<_> = names.map(|name| reference("parameters", name)).collect();
        let mut answers = self.success.responses(success, self.id);
        for (status, response) in errors::responses(&self.codes, responses) {
            answers.entry(status).or_insert(response);
        }
        let mut operation = json!({
            "operationId": self.id,
            "tags": [self.tag.name()],
            "summary": self.summary,
            "description": self.description,
            "responses": answers,
        });
        if let Some(operation) = operation.as_object_mut() {
            if !parameters.is_empty() {
                operation.insert("parameters".to_owned(), parameters.into());
            }
            if let Some(body) = self.body {
                operation.insert("requestBody".to_owned(), body.describe());
            }
        }
        operation
    }
}
