//! How an error looks on the wire, whoever found it: the service, the framework, or a panic. Two documents say the same: the envelope of the
//! contract, in each representation, and the problem details of RFC 9457.

use actix_http::ConnectionType;
use actix_web::{
    HttpResponse, HttpResponseBuilder, ResponseError,
    http::{
        StatusCode,
        header::{self, HeaderMap},
    },
};
use bytes::Bytes;
use serde::Serialize;

use super::{
    caching::{Caching, VARY_OF_UNCODED},
    envelope::{NO_SNIFFING, Shown},
    representations::{self, JSON, PROBLEM_JSON, content_type},
};
use crate::{
    clock::Clock,
    error::{Error, ErrorCode, Violation},
    models::Timestamp,
    negotiation,
    telemetry::request::{self, RequestRecord},
};

pub use super::representations::accept;

/// How long a client should wait before it tries again, in seconds: as long as the pool waits by itself, shorter than a health check waits for the next one.
const RETRY_AFTER_SECONDS: &str = "1";

#[derive(Serialize)]
struct Envelope<'a> {
    error: Described<'a>,
    meta: &'a Meta,
}

#[derive(Serialize)]
struct Described<'a> {
    code: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Details<'a>>,
    retryable: bool,
}

/// RFC 9457, with the members of the envelope as extensions.
#[derive(Serialize)]
struct Problem<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    code: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Detail<'a>>,
    retryable: bool,
    #[serde(flatten)]
    meta: &'a Meta,
}

#[derive(Serialize)]
struct Details<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    errors: Vec<Detail<'a>>,
}

#[derive(Serialize)]
struct Detail<'a> {
    field: &'a str,
    code: &'static str,
    message: &'a str,
}

#[derive(Clone, Debug, Serialize)]
struct Meta {
    timestamp: Shown<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
}

/// The request that an error answers.
#[derive(Clone, Debug)]
struct Asked {
    meta: Meta,
    accept: Option<Box<str>>,
}

impl Asked {
    /// The request of `record`.
    fn of(record: &RequestRecord) -> Self {
        Self {
            meta: Meta {
                timestamp: Shown(record.clock.now()),
                request_id: Some(record.request_id.as_str(&record.trace).to_owned()),
                trace_id: Some(record.trace.trace_id().to_owned()),
            },
            accept: record.accept.clone(),
        }
    }

    /// A request without a record: on the management listener, or without telemetry. It gets JSON.
    fn outside() -> Self {
        Self {
            meta: Meta {
                timestamp: Shown(Clock::System.now()),
                request_id: None,
                trace_id: None,
            },
            accept: None,
        }
    }
}

impl<'a> Details<'a> {
    fn of(violations: &'a [Violation]) -> Self {
        let field = match violations {
            [only] => Some(only.field.trim_start_matches('/')),
            _ => None,
        };
        let errors = violations.iter().map(Detail::from).collect();
        Self { field, errors }
    }
}

impl<'a> From<&'a Violation> for Detail<'a> {
    fn from(violation: &'a Violation) -> Self {
        Self {
            field: &violation.field,
            code: violation.code.as_str(),
            message: &violation.message,
        }
    }
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        status(self.code())
    }

    fn error_response(&self) -> HttpResponse {
        log(self);
        let asked = request::with_current(Asked::of);
        render(self, &asked.unwrap_or_else(Asked::outside))
    }
}

/// The only place where an error becomes an answer.
fn render(error: &Error, asked: &Asked) -> HttpResponse {
    let (media_type, body) = document(error, asked);
    let mut response = HttpResponseBuilder::new(status(error.code()));
    response.insert_header(content_type(media_type));
    response.insert_header(Caching::Never.header());
    response.insert_header(VARY_OF_UNCODED);
    response.insert_header(NO_SNIFFING);
    if error.code().status() == 503 || error.code() == ErrorCode::IdempotencyInProgress {
        response.insert_header((header::RETRY_AFTER, RETRY_AFTER_SECONDS));
    }
    response.body(body.unwrap_or_default())
}

/// The document in the form that is most welcome, with its media type. Who accepts none of them gets JSON: an error must be told.
fn document(error: &Error, asked: &Asked) -> (&'static str, Option<Bytes>) {
    let [json, others @ ..] = representations::ALL;
    let offers = [json.media_type, PROBLEM_JSON];
    let offers: Vec<_> = offers
        .into_iter()
        .chain(others.map(|one| one.media_type))
        .collect();
    let accept = asked.accept.as_deref().unwrap_or_default();
    let chosen = negotiation::best(accept, &offers).unwrap_or_default();
    let media_type = offers.get(chosen).copied().unwrap_or(json.media_type);
    if media_type == PROBLEM_JSON {
        return (media_type, JSON.write(&problem(error, &asked.meta)));
    }
    let mut all = representations::ALL.into_iter();
    let representation = all.find(|one| one.media_type == media_type);
    let envelope = envelope(error, &asked.meta);
    (media_type, representation.unwrap_or(json).write(&envelope))
}

fn envelope<'a>(error: &'a Error, meta: &'a Meta) -> Envelope<'a> {
    let violations = error.violations();
    Envelope {
        error: Described {
            code: error.code().as_str(),
            message: error.message(),
            details: (!violations.is_empty()).then(|| Details::of(violations)),
            retryable: error.code().retryable(),
        },
        meta,
    }
}

fn problem<'a>(error: &'a Error, meta: &'a Meta) -> Problem<'a> {
    let code = error.code();
    let instance = |id: &String| format!("urn:request:{id}");
    Problem {
        kind: format!("/errors/{}", code.as_str()),
        title: code.message(),
        status: code.status(),
        detail: error.message(),
        instance: meta.request_id.as_ref().map(instance),
        code: code.as_str(),
        errors: error.violations().iter().map(Detail::from).collect(),
        retryable: code.retryable(),
        meta,
    }
}

fn status(code: ErrorCode) -> StatusCode {
    StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Here and nowhere else an error is logged. What the client did wrong stands in the access line.
pub fn log(error: &Error) {
    if error.code().status() < 500 {
        return;
    }
    let source = std::error::Error::source(error).map(ToString::to_string);
    let trace_id = request::with_current(|record| record.trace.trace_id().to_owned());
    let code = error.code().as_str();
    if error.code().retryable() {
        tracing::warn!(
            event = "http.error",
            code,
            source,
            trace_id,
            "a request failed"
        );
    } else {
        tracing::error!(
            event = "http.error",
            code,
            source,
            trace_id,
            "a request failed"
        );
    }
}

/// A request that ends without its handler, which panicked or was given up. By now the request is gone from the framework's hands, so the answer
/// is complete here, headers included.
#[derive(Debug)]
pub struct Unhandled {
    code: ErrorCode,
    headers: HeaderMap,
    asked: Asked,
    closes: bool,
}

impl Unhandled {
    /// The answer with `code` and these headers to the request of `record`; the last one on its connection, if it `closes`.
    #[must_use]
    pub fn new(code: ErrorCode, record: &RequestRecord, headers: HeaderMap, closes: bool) -> Self {
        Self {
            code,
            headers,
            asked: Asked::of(record),
            closes,
        }
    }
}

impl std::fmt::Display for Unhandled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code.as_str())
    }
}

impl ResponseError for Unhandled {
    fn status_code(&self) -> StatusCode {
        status(self.code)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = render(&self.code.into(), &self.asked);
        for (name, value) in &self.headers {
            response.headers_mut().insert(name.clone(), value.clone());
        }
        if self.closes {
            response
                .head_mut()
                .set_connection_type(ConnectionType::Close);
        }
        response
    }
}

/// No route has this path.
///
/// # Errors
/// Always `ROUTE_NOT_FOUND`.
pub async fn not_found() -> Result<HttpResponse, Error> {
    Err(ErrorCode::RouteNotFound.into())
}
