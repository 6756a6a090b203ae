//! How an error looks on the wire, whoever found it: the service, the framework, or a panic. Two documents say the same: the envelope of the
//! contract, in each representation, and the problem details of RFC 9457.

mod document;

use self::document::{Asked, document};
use super::{
    caching::{Caching, VARY_OF_UNCODED},
    envelope::NO_SNIFFING,
    representations::content_type,
};
use crate::{
    error::{Error, ErrorCode},
    telemetry::request::{self, RequestRecord},
};
use actix_http::ConnectionType;
use actix_web::{
    HttpResponse, HttpResponseBuilder, ResponseError,
    http::{
        StatusCode,
        header::{self, HeaderMap},
    },
};

pub use super::representations::accept;

/// How long a client should wait before it tries again, in seconds: as long as the pool waits by itself, shorter than a health check waits for the next one.
pub(super) const RETRY_AFTER_SECONDS: &str = "1";

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
