//! The forms that documents have on the wire. Everything is first written as JSON; a representation makes its own form of that, and a
//! content-coding makes it smaller.
//!
//! **Adding a representation**: a file with a [`Representation`], and its name in [`ALL`]. Single resources, lists, indexes and errors then have it.

mod coding;
mod json;
mod xml;

use std::{borrow::Cow, future, time::Instant};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    body::{BodySize, BoxBody, MessageBody},
    dev::Payload,
    http::header::{self, HeaderMap, HeaderName, HeaderValue},
};
use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;

pub use self::{coding::Coding, json::JSON, xml::XML};
use crate::{
    budget::Phase,
    error::{Error, ErrorCode},
    negotiation,
    services::kept::FORMS,
    telemetry::request,
};

/// One way to write a document.
#[derive(Debug)]
pub struct Representation {
    /// The media type, by which clients ask for it.
    pub media_type: &'static str,
    /// The name in an `ETag`, with an edition: it is counted up when the same row is to be shown in other bytes.
    pub name: &'static str,
    /// Makes it of the JSON, where it is not JSON itself.
    from_json: Option<FromJson>,
}

/// Makes a document of its JSON.
type FromJson = fn(&[u8]) -> Option<Vec<u8>>;

/// Every representation of data; the first is what those get who take any.
pub static ALL: [&Representation; 2] = [&JSON, &XML];

/// The media type of RFC 9457: of errors alone.
pub const PROBLEM_JSON: &str = "application/problem+json";

const _: () = assert!(
    ALL.len() * Coding::ALL.len() <= FORMS,
    "there is a place for each form in what is kept of a row"
);

impl Representation {
    /// The body that says this; the time it takes is booked.
    pub fn write(&self, document: &impl Serialize) -> Option<Bytes> {
        booked(|| {
            let mut json = Vec::with_capacity(512);
            serde_json::to_writer(&mut json, document).ok()?;
            let body = match self.from_json {
                None => json,
                Some(from_json) => from_json(&json)?,
            };
            Some(body.into())
        })
    }
}

/// A part of a document, written before the whole; the time it takes is booked.
pub fn part(part: &impl Serialize) -> Option<Box<RawValue>> {
    booked(|| serde_json::value::to_raw_value(part).ok())
}

fn booked<T>(write: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let written = write();
    request::with_current(|record| record.ledger.spend(Phase::Serialize, started.elapsed()));
    written
}

/// The form in which a client wants an answer. As a parameter of a handler it refuses, before anything is done, what cannot be had.
#[derive(Clone, Debug)]
pub struct Form {
    /// How it is written.
    pub representation: &'static Representation,
    codings: Codings,
}

/// The content-codings that a client takes.
#[derive(Clone, Debug)]
pub struct Codings(Option<HeaderValue>);

impl Codings {
    /// Those of a request with these headers.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let mut lines = headers.get_all(header::ACCEPT_ENCODING);
        let (Some(first), more) = (lines.next(), lines.next()) else {
            return Self(None);
        };
        if more.is_none() {
            return Self(Some(first.clone()));
        }
        let joined = joined(headers, &header::ACCEPT_ENCODING);
        Self(joined.and_then(|list| HeaderValue::from_str(&list).ok()))
    }

    /// How a body of this length is to be coded.
    #[must_use]
    pub fn chosen(&self, length: usize) -> Coding {
        let accepted = self.0.as_ref().and_then(|value| value.to_str().ok());
        accepted.map_or(Coding::Identity, |accepted| {
            Coding::chosen(accepted, length)
        })
    }
}

impl Form {
    /// How a body of this length is to be coded.
    #[must_use]
    pub fn coding(&self, length: usize) -> Coding {
        self.codings.chosen(length)
    }

    /// The place of this form among all.
    #[must_use]
    pub fn slot(&self, coding: Coding) -> usize {
        let is_this = |one: &&Representation| std::ptr::eq(*one, self.representation);
        let representation = ALL.iter().position(is_this).unwrap_or_default();
        representation * Coding::ALL.len() + coding as usize
    }
}

impl FromRequest for Form {
    type Error = Error;
    type Future = future::Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let headers = request.headers();
        let chosen = match accept(headers) {
            None => Some(0),
            // Who takes nothing but problem details means errors.
            Some(accept) => negotiation::best(&accept, &ALL.map(|one| one.media_type))
                .or_else(|| negotiation::best(&accept, &[PROBLEM_JSON])),
        };
        let representation = chosen.and_then(|chosen| ALL.get(chosen).copied());
        let form = representation.map(|representation| Self {
            representation,
            codings: Codings::of(headers),
        });
        future::ready(form.ok_or_else(|| ErrorCode::NotAcceptable.into()))
    }
}

/// The same answer, whose body is complete and not coded yet, coded as the client wants it.
///
/// # Errors
/// None that a client could cause.
pub async fn coded(form: &Form, response: HttpResponse) -> Result<HttpResponse, Error> {
    let BodySize::Sized(length) = response.body().size() else {
        return Ok(response);
    };
    // Errors are not chosen by coding.
    if !response.status().is_success() {
        return Ok(response);
    }
    let coding = form.coding(usize::try_from(length).unwrap_or(usize::MAX));
    let Some(name) = coding.name() else {
        return Ok(response);
    };
    let (mut response, body) = response.into_parts();
    let body = body.try_into_bytes().ok().ok_or(ErrorCode::Internal)?;
    let body = coding.encode(body).await.ok_or(ErrorCode::Internal)?;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    let tag = headers.get(header::ETAG);
    if let Some(tag) = tag.and_then(|tag| coded_tag(tag.as_bytes(), name)) {
        let tag = HeaderValue::from_maybe_shared(Bytes::from(tag));
        headers.insert(header::ETAG, tag.ok().ok_or(ErrorCode::Internal)?);
    }
    Ok(response.set_body(BoxBody::new(body)))
}

/// The strong tag of the coded form. A weak tag is that of all of them.
#[must_use]
pub fn coded_tag(tag: &[u8], coding: &str) -> Option<String> {
    let strong = std::str::from_utf8(tag).ok()?.strip_prefix('"')?;
    Some(format!("\"{}+{coding}\"", strong.strip_suffix('"')?))
}

/// What the client accepts, where that is not simply the first of all representations.
#[must_use]
pub fn accept(headers: &HeaderMap) -> Option<Cow<'_, str>> {
    let accept = joined(headers, &header::ACCEPT)?;
    (!matches!(&*accept, "*/*" | "application/json")).then_some(accept)
}

/// The list that all lines of a header make together (RFC 9110, section 5.3).
fn joined<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<Cow<'a, str>> {
    let mut lines = headers.get_all(name).map(HeaderValue::to_str);
    let first = Cow::from(lines.next()?.unwrap_or_default());
    Some(lines.fold(first, |list, line| list + "," + line.unwrap_or_default()))
}

/// The header that names a media type.
#[must_use]
pub fn content_type(media_type: &'static str) -> (HeaderName, HeaderValue) {
    (header::CONTENT_TYPE, HeaderValue::from_static(media_type))
}
