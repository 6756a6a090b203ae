//! A request as a persona makes it: where to, under which conditions, with which body.

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{HeaderName, HeaderValue};
use serde_json::Value;
use std::time::Duration;

/// A request that was not sent yet.
#[derive(Clone, Debug)]
pub struct Request {
    pub(crate) path: String,
    pub(crate) method: Option<Method>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) content_type: Option<&'static str>,
    pub(crate) body: Bytes,
    pub(crate) patience: Option<Duration>,
}

impl Request {
    /// A request to this path, with its query if there is one.
    #[must_use]
    pub fn to(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            method: None,
            headers: Vec::new(),
            content_type: None,
            body: Bytes::new(),
            patience: None,
        }
    }

    /// With this method, instead of its route's.
    #[must_use]
    pub fn method(mut self, method: Method) -> Self {
        self.method = Some(method);
        self
    }

    /// With this header. A name or a value that no header can have is left out: what is asked for
    /// without it gets an answer that is found wrong.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let (Ok(name), Ok(value)) = (name.parse(), value.parse()) {
            self.headers.push((name, value));
        }
        self
    }

    /// Only if the resource is in the state that this `ETag` names.
    #[must_use]
    pub fn if_match(self, etag: &str) -> Self {
        self.header("if-match", etag)
    }

    /// Only if the resource is in another state than this `ETag` names.
    #[must_use]
    pub fn if_none_match(self, etag: &str) -> Self {
        self.header("if-none-match", etag)
    }

    /// With these bytes as its body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// With this body.
    #[must_use]
    pub fn json(mut self, body: impl Into<Value>) -> Self {
        self.content_type = Some("application/json");
        self.body(body.into().to_string())
    }

    /// With these changes, by RFC 7396.
    #[must_use]
    pub fn merge_patch(mut self, changes: impl Into<Value>) -> Self {
        self.content_type = Some("application/merge-patch+json");
        self.body(changes.into().to_string())
    }

    /// To be given up after this time instead of 5 s; what is given up counts as a wrong answer.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = Some(patience);
        self
    }
}
