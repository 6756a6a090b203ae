//! A step of a scenario: a request to make, a check on its answer, values to keep.

use super::body::Body;
use super::check::{Capture, Check};
use super::path::Path;
use super::template::Template;
use super::values::Values;
use crate::request::Request;
use crate::traffic::RouteId;
use crate::visitor::Visitor;
use reqwest::Method;
use std::time::Duration;

/// A step, ready to be done.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) route: RouteId,
    pub(super) method: Method,
    /// Values that are made before the request, with the places where they are kept.
    pub(super) set: Vec<(usize, Template)>,
    pub(super) path: Path,
    pub(super) query: Vec<(String, Template)>,
    /// Lower-case names; the step's own come instead of those of `[target]`.
    pub(super) headers: Vec<(String, Template)>,
    pub(super) body: Body,
    pub(super) check: Check,
    pub(super) captures: Vec<Capture>,
    pub(super) repeat: u32,
    pub(super) pause: Option<Duration>,
}

/// A request whose placeholders are filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Filled {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<Vec<u8>>,
}

impl Step {
    /// The request that this step sends with these values.
    pub(super) fn fill(&self, values: &mut Values<'_>, visitor: &mut Visitor) -> Filled {
        for (place, template) in &self.set {
            let value = template.value(values, visitor);
            values.keep(*place, value);
        }
        let mut path = self.path.fill(values, visitor);
        if !self.query.is_empty() {
            path.push(if path.contains('?') { '&' } else { '?' });
            let mut query = form_urlencoded::Serializer::new(String::new());
            for (name, value) in &self.query {
                query.append_pair(name, &value.text(values, visitor));
            }
            path.push_str(&query.finish());
        }
        let headers = self.headers.iter().map(|(name, value)| {
            let value = value.text(values, visitor);
            // What an answer or a table gave may hold what no header can.
            (name.clone(), value.replace(char::is_control, " "))
        });
        Filled {
            headers: headers.collect(),
            body: self.body.bytes(values, visitor),
            method: self.method.clone(),
            path,
        }
    }
}

impl Filled {
    pub(super) fn request(self) -> Request {
        let mut request = Request::to(self.path).method(self.method);
        for (name, value) in self.headers {
            request = request.header(&name, &value);
        }
        match self.body {
            Some(body) => request.body(body),
            None => request,
        }
    }
}
