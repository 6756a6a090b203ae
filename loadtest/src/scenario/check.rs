//! What an answer must be, and what is taken from it. Messages name no ids: they are counted, and the
//! same fault must count as the same message.

use super::body::JsonTemplate;
use super::pointer::Pointer;
use super::template::Template;
use super::values::Values;
use crate::contract::Answer;
use crate::visitor::Visitor;
use reqwest::StatusCode;
use serde_json::Value;

/// What an answer must be.
#[derive(Clone, Debug, Default)]
pub(super) struct Check {
    /// Statuses that are right; none given are all from 200 to 299.
    pub(super) statuses: Vec<StatusCode>,
    pub(super) json: Vec<(Pointer, JsonTemplate)>,
    pub(super) headers: Vec<(String, Template)>,
    pub(super) contains: Vec<Template>,
    pub(super) max_bytes: Option<usize>,
}

/// Where a value is taken from.
#[derive(Clone, Debug)]
pub(super) enum Origin {
    Body(Pointer),
    Header(String),
}

/// A value to take, and the place where it is kept.
#[derive(Clone, Debug)]
pub(super) struct Capture {
    pub(super) kept: usize,
    pub(super) origin: Origin,
}

/// A check for one request: its placeholders are filled.
#[derive(Debug)]
pub(super) struct Expected<'s> {
    check: &'s Check,
    json: Vec<(&'s Pointer, Value)>,
    headers: Vec<(&'s str, String)>,
    contains: Vec<String>,
    captures: &'s [Capture],
    /// Which element `*` is in what is captured.
    roll: usize,
}

impl Check {
    /// The check for a request that is sent with these values.
    pub(super) fn expected<'s>(
        &'s self,
        captures: &'s [Capture],
        values: &Values<'_>,
        visitor: &mut Visitor,
    ) -> Expected<'s> {
        let json = self.json.iter();
        let json = json.map(|(pointer, wanted)| (pointer, wanted.value(values, visitor)));
        let json = json.collect();
        let headers = self.headers.iter();
        let headers = headers.map(|(name, wanted)| (name.as_str(), wanted.text(values, visitor)));
        let headers = headers.collect();
        let contains = self.contains.iter();
        let contains = contains
            .map(|wanted| wanted.text(values, visitor))
            .collect();
        let open = captures.iter().any(Capture::is_open);
        Expected {
            check: self,
            json,
            headers,
            contains,
            captures,
            roll: if open { visitor.below(usize::MAX) } else { 0 },
        }
    }
}

impl Capture {
    fn is_open(&self) -> bool {
        matches!(&self.origin, Origin::Body(pointer) if pointer.is_open())
    }
}

impl Expected<'_> {
    /// The values that the answer gives, with the places where they are kept.
    ///
    /// # Errors
    /// When the answer is not as expected, or lacks one of them.
    pub(super) fn judge(&self, answer: &Answer) -> Result<Vec<(usize, Value)>, String> {
        self.status(answer.status)?;
        self.size(answer.body.len())?;
        for (name, wanted) in &self.headers {
            let got = answer.header(name);
            let got = got.ok_or_else(|| format!("no header {name}"))?;
            if !fits(got, wanted) {
                return Err(format!("header {name} is not as expected"));
            }
        }
        for wanted in &self.contains {
            if !contains(&answer.body, wanted.as_bytes()) {
                return Err("the body lacks a text".to_owned());
            }
        }
        let body = self.body(answer)?;
        for (pointer, wanted) in &self.json {
            let got = body.as_ref().and_then(|body| pointer.find(body, 0));
            let got = got.ok_or_else(|| format!("no {} in the answer", pointer.text()))?;
            if !same(got, wanted) {
                return Err(format!("{} is not as expected", pointer.text()));
            }
        }
        let take = |capture: &Capture| {
            let value = self.take(capture, answer, body.as_ref())?;
            Ok((capture.kept, value))
        };
        self.captures.iter().map(take).collect()
    }

    fn status(&self, got: StatusCode) -> Result<(), String> {
        let wanted = &self.check.statuses;
        let right = wanted.contains(&got) || (wanted.is_empty() && got.is_success());
        if right {
            return Ok(());
        }
        let wanted: Vec<_> = wanted.iter().map(StatusCode::as_str).collect();
        let wanted = if wanted.is_empty() {
            "2xx".to_owned()
        } else {
            wanted.join(" or ")
        };
        Err(format!("status {} instead of {wanted}", got.as_u16()))
    }

    fn size(&self, got: usize) -> Result<(), String> {
        match self.check.max_bytes {
            Some(most) if got > most => Err(format!("a body of more than {most} bytes")),
            _ => Ok(()),
        }
    }

    /// The body as JSON, where something asks for it.
    fn body(&self, answer: &Answer) -> Result<Option<Value>, String> {
        let from_body = |capture: &Capture| matches!(capture.origin, Origin::Body(_));
        if self.json.is_empty() && !self.captures.iter().any(from_body) {
            return Ok(None);
        }
        let body = serde_json::from_slice(&answer.body);
        body.map(Some)
            .map_err(|_error| "the body is no JSON".to_owned())
    }

    fn take(
        &self,
        capture: &Capture,
        answer: &Answer,
        body: Option<&Value>,
    ) -> Result<Value, String> {
        match &capture.origin {
            Origin::Header(name) => {
                let got = answer.header(name).map(Value::from);
                got.ok_or_else(|| format!("no header {name} to capture"))
            }
            Origin::Body(pointer) => {
                let got = body.and_then(|body| pointer.find(body, self.roll)).cloned();
                got.ok_or_else(|| format!("no {} to capture", pointer.text()))
            }
        }
    }
}

/// Whether a header is as wanted; a `*` at the end stands for whatever follows.
fn fits(got: &str, wanted: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(begin) => got.starts_with(begin),
        None => got == wanted,
    }
}

/// Equal, where the number 7 is also the text "7": a value that came from a header or from a table is
/// a text, and the service may say the same as a number.
fn same(got: &Value, wanted: &Value) -> bool {
    match (got, wanted) {
        (Value::Number(number), Value::String(text))
        | (Value::String(text), Value::Number(number)) => number.to_string() == *text,
        _ => got == wanted,
    }
}

fn contains(body: &[u8], wanted: &[u8]) -> bool {
    wanted.is_empty() || body.windows(wanted.len()).any(|window| window == wanted)
}
