//! An OpenAPI document 3.0 or 3.1, as JSON or YAML.

use super::operation::Operation;
use anyhow::{Context, Result, bail};
use reqwest::Url;
use serde_json::Value;

/// References that are followed one after the other, at most.
const MOST_REFERENCES: usize = 32;
/// Methods of operations that a draft may hold, in the order in which they are looked at.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// A document.
#[derive(Clone, Debug)]
pub struct Document {
    root: Value,
}

impl Document {
    /// Reads the text of a document; `name` is what errors call it.
    ///
    /// # Errors
    /// When it is neither JSON nor YAML, or no OpenAPI 3 document.
    pub fn parse(name: &str, text: &str) -> Result<Self> {
        let root: Value = if text.trim_start().starts_with('{') {
            serde_json::from_str(text).with_context(|| format!("{name} is no JSON"))?
        } else {
            serde_saphyr::from_str(text).with_context(|| format!("{name} is no YAML"))?
        };
        let version = root.get("openapi").and_then(Value::as_str);
        match version {
            Some(version) if version.starts_with("3.") => Ok(Self { root }),
            Some(version) => bail!("{name} is OpenAPI {version}: only 3.0 and 3.1 are understood"),
            None if root.get("swagger").is_some() => {
                bail!("{name} is Swagger 2: convert it to OpenAPI 3 first")
            }
            None => bail!("{name} is no OpenAPI document: it has no key `openapi`"),
        }
    }

    /// What the service is called.
    pub(super) fn title(&self) -> &str {
        let title = self.root.pointer("/info/title").and_then(Value::as_str);
        title
            .and_then(|title| title.lines().next())
            .unwrap_or("the service")
    }

    /// The host of the first server, if it names one.
    pub(super) fn host(&self) -> Option<String> {
        let url = Url::parse(&self.server()).ok()?;
        url.host_str().map(str::to_owned)
    }

    /// What all paths begin with.
    pub(super) fn base_path(&self) -> String {
        let server = self.server();
        let path = Url::parse(&server).map_or_else(|_| server.clone(), |url| url.path().to_owned());
        let path = path.trim_end_matches('/');
        if path.is_empty() || path.starts_with('/') {
            path.to_owned()
        } else {
            format!("/{path}")
        }
    }

    /// The first server's address, with the defaults of its variables.
    fn server(&self) -> String {
        let server = self.root.pointer("/servers/0");
        let url = server
            .and_then(|server| server.get("url"))
            .and_then(Value::as_str);
        let mut url = url.unwrap_or_default().to_owned();
        let variables = server.and_then(|server| server.get("variables"));
        for (name, variable) in variables.and_then(Value::as_object).into_iter().flatten() {
            let default = variable.get("default").and_then(Value::as_str);
            url = url.replace(&format!("{{{name}}}"), default.unwrap_or_default());
        }
        url
    }

    /// Every operation: those with fewer path parameters first, so that lists come before what is in
    /// them.
    pub(super) fn operations(&self) -> Vec<Operation<'_>> {
        let base = self.base_path();
        let paths = self.root.get("paths").and_then(Value::as_object);
        let mut operations = Vec::new();
        for (path, item) in paths.into_iter().flatten() {
            let Some(item) = self.resolve(item) else {
                continue;
            };
            for method in METHODS {
                if let Some(operation) = item.get(method) {
                    let path = format!("{base}{path}");
                    operations.push(Operation::new(self, method, path, item, operation));
                }
            }
        }
        operations.sort_by_key(|operation| operation.path.matches('{').count());
        operations
    }

    /// What is meant: references within the document are followed.
    pub(super) fn resolve<'d>(&'d self, mut value: &'d Value) -> Option<&'d Value> {
        for _ in 0..MOST_REFERENCES {
            let Some(reference) = value.get("$ref").and_then(Value::as_str) else {
                return Some(value);
            };
            let pointer = reference.strip_prefix('#')?;
            let pointer = percent_encoding::percent_decode_str(pointer)
                .decode_utf8()
                .ok()?;
            value = self.root.pointer(&pointer)?;
        }
        None
    }

    /// A part of the document, by its key at the top.
    pub(super) fn part(&self, key: &str) -> Option<&Value> {
        self.root.get(key)
    }

    /// A security scheme.
    pub(super) fn security_scheme(&self, name: &str) -> Option<&Value> {
        let schemes = self.root.pointer("/components/securitySchemes")?;
        self.resolve(schemes.get(name)?)
    }
}
