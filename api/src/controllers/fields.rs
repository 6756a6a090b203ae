//! What stands in a body: the fields of a JSON object. Everything that is wrong is collected, so that a client learns it at once.

use std::borrow::Cow;

use actix_web::{
    FromRequest, HttpRequest, ResponseError,
    dev::Payload,
    error::InternalError,
    http::{
        Method,
        header::{self, HeaderName, HeaderValue},
    },
};
use futures_util::future::LocalBoxFuture;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::{
    elsewhere::ACCEPT_PATCH,
    idempotency::IDEMPOTENCY_KEY,
    incoming::Incoming,
    json::{self, DEPTH_LIMIT, Fault},
};
use crate::{
    error::{Error, ErrorCode, Violation},
    models::Fingerprint,
};

/// A JSON object from the request's body. Take the fields that are known, then [`finish`](Self::finish).
pub struct Fields {
    object: Map<String, Value>,
    known: Vec<&'static str>,
    violations: Vec<Violation>,
    fingerprint: Option<Fingerprint>,
}

impl Fields {
    fn parse(body: &[u8]) -> Result<Self, Error> {
        match json::parse(body) {
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
            Err(Fault::Syntax { line, column }) => Err(malformed(format!(
                "The body is no JSON: line {line}, column {column}"
            ))),
            Err(Fault::Depth) => Err(malformed(format!(
                "A body has at most {DEPTH_LIMIT} objects and arrays inside each other"
            ))),
            Err(Fault::Repeated(pointer)) => {
                let message = format!("{pointer} is given more than once");
                let code = ErrorCode::MalformedJson;
                Err(Error::invalid(vec![Violation::new(pointer, code, message)]))
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
            let (pointer, code) = (json::pointer_step(name), ErrorCode::UnknownField);
            self.violations.push(Violation::new(pointer, code, message));
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
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (accepted, encoded) = (accepts_json(request), is_encoded(request));
        let has_key = request.headers().contains_key(IDEMPOTENCY_KEY);
        let patches = request.method() == Method::PATCH;
        let incoming = Incoming::of(request, payload);
        Box::pin(async move {
            if !accepted {
                let error = Error::from(ErrorCode::UnsupportedMediaType);
                return Err(if patches {
                    with_header(error, ACCEPT_PATCH)
                } else {
                    error.into()
                });
            }
            if encoded {
                return Err(only_identity());
            }
            let body = incoming.read().await?;
            Ok(Self {
                fingerprint: has_key.then(|| Sha256::digest(&body).into()),
                ..Self::parse(&body)?
            })
        })
    }
}

pub(super) fn malformed(message: impl Into<Cow<'static, str>>) -> Error {
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
        || (request.method() == Method::PATCH
            && media_type.eq_ignore_ascii_case("application/merge-patch+json"))
}

/// Whether the body is said to be compressed, or coded in any other way.
fn is_encoded(request: &HttpRequest) -> bool {
    let is_plain = |value: &HeaderValue| {
        value.to_str().is_ok_and(|value| {
            let mut codings = value.split(',').map(str::trim);
            codings.all(|coding| coding.is_empty() || coding.eq_ignore_ascii_case("identity"))
        })
    };
    !request
        .headers()
        .get_all(header::CONTENT_ENCODING)
        .all(is_plain)
}

/// The refusal of a coded body. It names the codings that are read (RFC 9110, section 12.5.3), which no other refusal of a media type may do.
fn only_identity() -> actix_web::Error {
    let error = Error::invalid(vec![Violation::new(
        "Content-Encoding",
        ErrorCode::UnsupportedMediaType,
        "Send the body as it is, without a Content-Encoding",
    )]);
    let identity = HeaderValue::from_static("identity");
    with_header(error, (header::ACCEPT_ENCODING, identity))
}

fn with_header(error: Error, (name, value): (HeaderName, HeaderValue)) -> actix_web::Error {
    let mut response = error.error_response();
    response.headers_mut().insert(name, value);
    InternalError::from_response(error, response).into()
}

/// What a client sent is repeated to it up to a length.
pub(super) fn shortened(text: &str) -> String {
    text.chars().take(64).collect()
}
