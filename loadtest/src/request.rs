//! A request as a persona makes it: where to, under which conditions, with which body. Its method is
//! that of its route.

use crate::routes::Route;
use goose::goose::{GooseMethod, GooseUser, TransactionError};
use reqwest::RequestBuilder;
use serde_json::Value;

/// A request that was not sent yet.
#[derive(Clone, Debug)]
pub struct Request {
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Option<Value>,
}

impl Request {
    /// A request to this path, with its query if there is one.
    #[must_use]
    pub fn to(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            headers: Vec::new(),
            body: None,
        }
    }

    /// With this header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
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

    /// With this body.
    #[must_use]
    pub fn json(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// With these changes, by RFC 7396.
    #[must_use]
    pub fn merge_patch(self, changes: Value) -> Self {
        self.header("content-type", "application/merge-patch+json")
            .json(changes)
    }

    /// The request as it is sent.
    ///
    /// # Errors
    /// When the path is no address on the target.
    pub fn build(
        self,
        route: Route,
        user: &GooseUser,
    ) -> Result<RequestBuilder, Box<TransactionError>> {
        let mut request = user.get_request_builder(&method(route), &self.path)?;
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        // The type of a body which was named above stays.
        Ok(match self.body {
            Some(body) => request.json(&body),
            None => request,
        })
    }
}

fn method(route: Route) -> GooseMethod {
    match route.method() {
        "POST" => GooseMethod::Post,
        "PUT" => GooseMethod::Put,
        "PATCH" => GooseMethod::Patch,
        "DELETE" => GooseMethod::Delete,
        _ => GooseMethod::Get,
    }
}
