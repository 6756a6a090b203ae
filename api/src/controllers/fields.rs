//! What stands in a body: the fields of a JSON object. Everything that is wrong is collected, so that a client learns it at once.

use std::{
    borrow::Cow,
    time::{Duration, Instant},
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header, web};
use futures_util::{StreamExt, future::LocalBoxFuture};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::idempotency::IDEMPOTENCY_KEY;
use crate::{
    app::AppState,
    error::{Error, ErrorCode, Violation},
    models::Fingerprint,
    telemetry::request::{self, RequestRecord},
};

/// Most bytes of a body.
pub const BODY_LIMIT: usize = 1024 * 1024;

/// Longer than an answer takes to be sent.
const ABANDONED_FOR: Duration = Duration::from_secs(5);

/// A JSON object from the request's body. Take the fields that are known, then [`finish`](Self::finish).
pub struct Fields {
    object: Map<String, Value>,
    known: Vec<&'static str>,
    violations: Vec<Violation>,
    fingerprint: Option<Fingerprint>,
}

impl Fields {
    fn parse(body: &[u8]) -> Result<Self, Error> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(object)) => Ok(Self {
                object,
                known: Vec::new(),
                violations: Vec::new(),
                fingerprint: None,
            }),
            Ok(other) => Err(malformed(format!(
                "The body is a JSON object, not {}",
                kind(&other)
            ))),
            Err(error) => {
                let (line, column) = (error.line(), error.column());
                Err(malformed(format!(
                    "The body is no JSON: line {line}, column {column}"
                )))
            }
        }
    }

    /// Of the body as it came, where the request has an `Idempotency-Key`.
    #[must_use]
    pub fn fingerprint(&self) -> Option<Fingerprint> {
        self.fingerprint
    }

    /// A field that must be given.
    pub fn required<T>(
        &mut self,
        name: &'static str,
        code: ErrorCode,
        parse: impl FnOnce(&str) -> Result<T, &'static str>,
    ) -> Option<T> {
        if !self.object.contains_key(name) {
            self.known.push(name);
            self.violations.push(Violation::new(
                format!("/{name}"),
                code,
                format!("{name} is required"),
            ));
            return None;
        }
        self.optional(name, code, parse)
    }

    /// A field that may be left out. Every field is a text; `null` is none.
    pub fn optional<T>(
        &mut self,
        name: &'static str,
        code: ErrorCode,
        parse: impl FnOnce(&str) -> Result<T, &'static str>,
    ) -> Option<T> {
        self.known.push(name);
        let parsed = match self.object.get(name)? {
            Value::String(text) => parse(text).map_err(Cow::from),
            other => Err(Cow::from(format!(
                "{name} is a string, not {}",
                kind(other)
            ))),
        };
        parsed
            .map_err(|message| {
                self.violations
                    .push(Violation::new(format!("/{name}"), code, message));
            })
            .ok()
    }

    /// What `build` makes of the fields, if nothing was wrong.
    ///
    /// # Errors
    /// Everything that was wrong, unknown fields included.
    pub fn finish<T>(mut self, build: impl FnOnce() -> Option<T>) -> Result<T, Error> {
        for name in self
            .object
            .keys()
            .filter(|name| !self.known.contains(&name.as_str()))
        {
            let message = format!("Known fields: {}", self.known.join(", "));
            // RFC 6901 escapes ~ and / in names.
            let pointer = format!("/{}", shortened(name).replace('~', "~0").replace('/', "~1"));
            self.violations
                .push(Violation::new(pointer, ErrorCode::UnknownField, message));
        }
        if !self.violations.is_empty() {
            return Err(Error::invalid(self.violations));
        }
        build().ok_or_else(|| ErrorCode::Internal.into())
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

impl FromRequest for Fields {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let accepted = accepts_json(request);
        let has_key = request.headers().contains_key(IDEMPOTENCY_KEY);
        let too_large = content_length(request).is_some_and(|length| length > BODY_LIMIT);
        let timeout = request
            .app_data::<web::Data<AppState>>()
            .map_or(Duration::from_secs(10), |state| state.body_timeout);
        let mut payload = payload.take();
        Box::pin(async move {
            if !accepted {
                return Err(ErrorCode::UnsupportedMediaType.into());
            }
            if too_large {
                return Err(ErrorCode::PayloadTooLarge.into());
            }
            let receiving = Receiving::begin();
            let body = tokio::time::timeout(timeout, read(&mut payload)).await;
            drop(receiving);
            match body.unwrap_or_else(|_| Err(ErrorCode::RequestTimeout.into())) {
                Ok(body) => Ok(Self {
                    fingerprint: has_key.then(|| Sha256::digest(&body).into()),
                    ..Self::parse(&body)?
                }),
                Err(error) => {
                    abandon(payload);
                    Err(error)
                }
            }
        })
    }
}

/// The body is on its way: that time is the client's, however it ends.
struct Receiving(Instant);

impl Receiving {
    fn begin() -> Self {
        request::with_current(RequestRecord::body_begins);
        Self(Instant::now())
    }
}

impl Drop for Receiving {
    fn drop(&mut self) {
        request::with_current(|record| {
            record.body_ends();
            record.received(self.0.elapsed());
        });
    }
}

fn malformed(message: String) -> Error {
    Error::invalid(vec![Violation::new("", ErrorCode::MalformedJson, message)])
}

/// `application/json`, and for PATCH `application/merge-patch+json` too; parameters such as a charset are ignored.
fn accepts_json(request: &HttpRequest) -> bool {
    let content_type = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    media_type.eq_ignore_ascii_case("application/json")
        || (request.method() == actix_web::http::Method::PATCH
            && media_type.eq_ignore_ascii_case("application/merge-patch+json"))
}

fn content_length(request: &HttpRequest) -> Option<usize> {
    request
        .headers()
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

async fn read(payload: &mut Payload) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk =
            chunk.map_err(|error| malformed(format!("The body cannot be read: {error}")))?;
        if body.len() + chunk.len() > BODY_LIMIT {
            return Err(ErrorCode::PayloadTooLarge.into());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Leaves a body that was not read to its end. The server would go on to read what is left of a chunked one, however much that is; while somebody
/// holds it, the connection is closed with the answer instead.
fn abandon(payload: Payload) {
    actix_web::rt::spawn(async move {
        tokio::time::sleep(ABANDONED_FOR).await;
        drop(payload);
    });
}

/// What a client sent is repeated to it up to a length.
pub(super) fn shortened(text: &str) -> String {
    text.chars().take(64).collect()
}
