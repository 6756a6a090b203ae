//! A step of a draft, and how it is written.

use super::writing::{comment, text, texts, value};
use serde_json::Value;
use std::fmt::Write as _;

/// A step.
#[derive(Clone, Debug, Default)]
pub(super) struct Drafted {
    pub(super) route: String,
    /// The path, where it is not that of the route.
    pub(super) path: Option<String>,
    pub(super) params: Vec<(String, String)>,
    pub(super) query: Vec<(String, Value)>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) json: Option<Value>,
    pub(super) form: Option<Value>,
    pub(super) capture: Vec<(String, String)>,
    pub(super) statuses: Vec<u16>,
    /// A place in the answer, and what must be there.
    pub(super) holds: Option<(String, String)>,
    /// Fields of the query that it may have.
    pub(super) optional: Vec<String>,
    /// Steps that must come before, by their places among the reads.
    pub(super) needs: Vec<usize>,
}

impl Drafted {
    /// The step as it is written.
    ///
    /// # Errors
    /// When it holds something that TOML cannot hold.
    pub(super) fn written(&self) -> Result<String, String> {
        let mut written = format!("[[scenario.step]]\nroute = {}\n", text(&self.route));
        let mut line = |key: &str, value: &str| {
            // A text takes everything.
            let _ = writeln!(written, "{key} = {value}");
        };
        if let Some(path) = &self.path {
            line("path", &text(path));
        }
        if !self.params.is_empty() {
            line("params", &texts(&self.params));
        }
        if !self.query.is_empty() {
            let query = self.query.iter().cloned().collect();
            line("query", &value(&Value::Object(query))?);
        }
        if !self.headers.is_empty() {
            line("headers", &texts(&self.headers));
        }
        if let Some(json) = &self.json {
            line("json", &value(json)?);
        }
        if let Some(form) = &self.form {
            line("form", &value(form)?);
        }
        if !self.capture.is_empty() {
            line("capture", &texts(&self.capture));
        }
        if let Some(check) = self.check() {
            line("check", &check);
        }
        if !self.optional.is_empty() {
            let optional = self.optional.join(", ");
            let _ = writeln!(written, "# its query may also have: {}", comment(&optional));
        }
        Ok(written)
    }

    fn check(&self) -> Option<String> {
        let mut parts = Vec::new();
        match self.statuses.as_slice() {
            [] => {}
            [one] => parts.push(format!("status = {one}")),
            several => parts.push(format!("status = {several:?}")),
        }
        if let Some(holds) = &self.holds {
            parts.push(format!("json = {}", texts(std::slice::from_ref(holds))));
        }
        (!parts.is_empty()).then(|| format!("{{ {} }}", parts.join(", ")))
    }
}
