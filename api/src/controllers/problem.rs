//! How an error looks on the wire, whoever found it: the service, the framework, or a panic.

use actix_http::ConnectionType;
use actix_web::{
    HttpResponse, HttpResponseBuilder, ResponseError,
    http::{
        StatusCode,
        header::{self, HeaderMap},
    },
};
use serde::Serialize;

use super::{
    caching::Caching,
    envelope::{NO_SNIFFING, Shown},
};
use crate::{
    clock::Clock,
    error::{Error, ErrorCode, Violation},
    models::Timestamp,
    telemetry::request::{self, RequestRecord},
};

/// How long a client should wait before it tries again, in seconds: as long as the pool waits by itself, shorter than a health check waits for the next one.
const RETRY_AFTER_SECONDS: &str = "1";

#[derive(Serialize)]
struct Body<'a> {
    error: Problem<'a>,
    meta: Meta,
}

#[derive(Serialize)]
struct Problem<'a> {
    code: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Details<'a>>,
    retryable: bool,
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

impl Meta {
    /// Of an answer to the request of `record`.
    fn of(record: &RequestRecord) -> Self {
        Self {
            timestamp: Shown(record.clock.now()),
            request_id: Some(record.request_id.as_str(&record.trace).to_owned()),
            trace_id: Some(record.trace.trace_id().to_owned()),
        }
    }

    /// Of an answer outside any record: on the management listener, or without telemetry.
    fn outside() -> Self {
        Self {
            timestamp: Shown(Clock::System.now()),
            request_id: None,
            trace_id: None,
        }
    }
}

impl<'a> From<&'a [Violation]> for Details<'a> {
    fn from(violations: &'a [Violation]) -> Self {
        let field = match violations {
            [only] => Some(only.field.trim_start_matches('/')),
            _ => None,
        };
        let detail = |violation: &'a Violation| Detail {
            field: &violation.field,
            code: violation.code.as_str(),
            message: &violation.message,
        };
        Self {
            field,
            errors: violations.iter().map(detail).collect(),
        }
    }
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        status(self.code())
    }

    fn error_response(&self) -> HttpResponse {
        log(self);
        render(
            self,
            request::with_current(Meta::of).unwrap_or_else(Meta::outside),
        )
    }
}

/// The only place where an error becomes an answer.
fn render(error: &Error, meta: Meta) -> HttpResponse {
    let violations = error.violations();
    let body = Body {
        error: Problem {
            code: error.code().as_str(),
            message: error.message(),
            details: (!violations.is_empty()).then(|| violations.into()),
            retryable: error.code().retryable(),
        },
        meta,
    };
    let mut response = HttpResponseBuilder::new(status(error.code()));
    response.insert_header(Caching::Never.header());
    response.insert_header(NO_SNIFFING);
    if error.code().status() == 503 || error.code() == ErrorCode::IdempotencyInProgress {
        response.insert_header((header::RETRY_AFTER, RETRY_AFTER_SECONDS));
    }
    response.json(body)
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
    meta: Meta,
    closes: bool,
}

impl Unhandled {
    /// The answer with `code` and these headers to the request of `record`; the last one on its connection, if it `closes`.
    #[must_use]
    pub fn new(code: ErrorCode, record: &RequestRecord, headers: HeaderMap, closes: bool) -> Self {
        Self {
            code,
            headers,
            meta: Meta::of(record),
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
        let mut response = render(&self.code.into(), self.meta.clone());
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
