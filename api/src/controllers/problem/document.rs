//! The two documents of an error: the envelope of the contract, and the problem details of RFC 9457.

use bytes::Bytes;
use serde::Serialize;

use crate::{
    clock::Clock,
    controllers::{
        envelope::Shown,
        representations::{self, JSON, PROBLEM_JSON},
    },
    error::{Error, Violation},
    models::Timestamp,
    negotiation,
    telemetry::request::RequestRecord,
};

#[derive(Serialize)]
struct Envelope<'a> {
    error: Described<'a>,
    meta: &'a Meta,
}

#[derive(Serialize)]
struct Described<'a> {
    code: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Details<'a>>,
    retryable: bool,
}

/// RFC 9457, with the members of the envelope as extensions.
#[derive(Serialize)]
struct Problem<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    code: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Detail<'a>>,
    retryable: bool,
    #[serde(flatten)]
    meta: &'a Meta,
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

/// The request that an error answers.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    meta: Meta,
    accept: Option<Box<str>>,
}

impl Asked {
    /// The request of `record`.
    pub fn of(record: &RequestRecord) -> Self {
        Self {
            meta: Meta {
                timestamp: Shown(record.clock.now()),
                request_id: Some(record.request_id.as_str(&record.trace).to_owned()),
                trace_id: Some(record.trace.trace_id().to_owned()),
            },
            accept: record.accept.clone(),
        }
    }

    /// A request without a record: on the management listener, or without telemetry. It gets JSON.
    pub fn outside() -> Self {
        Self {
            meta: Meta {
                timestamp: Shown(Clock::System.now()),
                request_id: None,
                trace_id: None,
            },
            accept: None,
        }
    }
}

impl<'a> Details<'a> {
    fn of(violations: &'a [Violation]) -> Self {
        let field = match violations {
            [only] => Some(only.field.trim_start_matches('/')),
            _ => None,
        };
        let errors = violations.iter().map(Detail::from).collect();
        Self { field, errors }
    }
}

impl<'a> From<&'a Violation> for Detail<'a> {
    fn from(violation: &'a Violation) -> Self {
        Self {
            field: &violation.field,
            code: violation.code.as_str(),
            message: &violation.message,
        }
    }
}

/// The document in the form that is most welcome, with its media type. Who accepts none of them gets JSON: an error must be told.
pub(super) fn document(error: &Error, asked: &Asked) -> (&'static str, Option<Bytes>) {
    let [json, others @ ..] = representations::ALL;
    let offers = [json.media_type, PROBLEM_JSON];
    let offers: Vec<_> = offers
        .into_iter()
        .chain(others.map(|one| one.media_type))
        .collect();
    let accept = asked.accept.as_deref().unwrap_or_default();
    let chosen = negotiation::best(accept, &offers).unwrap_or_default();
    let media_type = offers.get(chosen).copied().unwrap_or(json.media_type);
    if media_type == PROBLEM_JSON {
        return (media_type, JSON.write(&problem(error, &asked.meta)));
    }
    let mut all = representations::ALL.into_iter();
    let representation = all.find(|one| one.media_type == media_type);
    let envelope = envelope(error, &asked.meta);
    (media_type, representation.unwrap_or(json).write(&envelope))
}

fn envelope<'a>(error: &'a Error, meta: &'a Meta) -> Envelope<'a> {
    let violations = error.violations();
    Envelope {
        error: Described {
            code: error.code().as_str(),
            message: error.message(),
            details: (!violations.is_empty()).then(|| Details::of(violations)),
            retryable: error.code().retryable(),
        },
        meta,
    }
}

fn problem<'a>(error: &'a Error, meta: &'a Meta) -> Problem<'a> {
    let code = error.code();
    let instance = |id: &String| format!("urn:request:{id}");
    Problem {
        kind: format!("/errors/{}", code.as_str()),
        title: code.message(),
        status: code.status(),
        detail: error.message(),
        instance: meta.request_id.as_ref().map(instance),
        code: code.as_str(),
        errors: error.violations().iter().map(Detail::from).collect(),
        retryable: code.retryable(),
        meta,
    }
}
