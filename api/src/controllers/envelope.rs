//! How data looks on the wire: `{ "data": …, "meta": … }`, and for lists `links` and the header `Link`.

use std::fmt::Display;

use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, http::header};
use bytes::Bytes;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::{
    caching::{Caching, VARY},
    conditions::{self, Conditions, Validators, Verdict},
    pages::{Links, PageRequest},
    representations::{self, Form, Representation, content_type},
    single::not_modified,
};
use crate::{
    error::{Error, ErrorCode},
    models::{Listed, Sortable, Timestamp},
};

/// What a body is, is what its type says: no browser may guess.
pub const NO_SNIFFING: (header::HeaderName, header::HeaderValue) = (
    header::X_CONTENT_TYPE_OPTIONS,
    header::HeaderValue::from_static("nosniff"),
);

/// A value that is shown as text: ids and times.
#[derive(Clone, Copy, Debug)]
pub struct Shown<T>(pub T);

impl<T: Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

#[derive(Serialize)]
struct One<T> {
    data: T,
    meta: OneMeta,
}

#[derive(Serialize)]
struct OneMeta {
    timestamp: Shown<Timestamp>,
}

#[derive(Serialize)]
struct Many<'a> {
    data: &'a RawValue,
    meta: ManyMeta,
    links: Links,
}

#[derive(Serialize)]
struct ManyMeta {
    timestamp: Shown<Timestamp>,
    limit: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<u32>,
    has_more: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_is_estimate: Option<bool>,
}

/// 200 with something that is made anew for each answer.
///
/// # Errors
/// None that a client could cause.
pub async fn ok<T: Serialize>(
    form: &Form,
    data: T,
    timestamp: Timestamp,
) -> Result<HttpResponse, Error> {
    let body = one(form.representation, data, timestamp).ok_or(ErrorCode::Internal)?;
    written(HttpResponse::Ok(), form, body).await
}

/// The body that shows one thing, at the time of its state.
pub fn one<T: Serialize>(
    representation: &Representation,
    data: T,
    timestamp: Timestamp,
) -> Option<Bytes> {
    representation.write(&One {
        data,
        meta: OneMeta {
            timestamp: Shown(timestamp),
        },
    })
}

/// 200 with one page of a list, or 304 if the client has it already.
///
/// # Errors
/// `PRECONDITION_FAILED`, if the client asked for a state: pages have no strong tags.
pub async fn page<R: Sortable, T: Serialize>(
    request: &HttpRequest,
    form: &Form,
    page: &PageRequest<R::Field>,
    listed: &Listed<R>,
    data: Vec<T>,
    now: Timestamp,
) -> Result<HttpResponse, Error> {
    let links = page.links(listed);
    let link_header = links.header();
    let addresses = link_header.as_deref().unwrap_or_default();
    let data = representations::part(&data).ok_or(ErrorCode::Internal)?;
    // When it is shown is no part of what is shown, so the tag is a weak one.
    let total = format!("{:?}", listed.total);
    let shown = [form.representation.name, addresses, &total, data.get()];
    let tag = conditions::digest(&shown.map(str::as_bytes));
    let current = Validators {
        tag: &tag,
        weak: true,
        updated_at: None,
    };
    let etag = format!("W/\"{tag}\"");
    match Conditions::of(request.headers()).of_a_read(&current) {
        Verdict::Proceed => {}
        Verdict::NotModified => return not_modified(Caching::Private, etag.into()),
        Verdict::Failed => return Err(ErrorCode::PreconditionFailed.into()),
    }
    let meta = ManyMeta {
        timestamp: Shown(now),
        limit: page.limit,
        page: page.number(),
        has_more: links.has_more(),
        total: listed.total.map(|total| total.rows),
        total_is_estimate: listed.total.map(|total| total.is_estimate),
    };
    let data = &*data;
    let body = form.representation.write(&Many { data, meta, links });
    let mut response = HttpResponse::Ok();
    if let Some(link_header) = link_header {
        response.insert_header((header::LINK, link_header));
    }
    response.insert_header((header::ETAG, etag));
    written(response, form, body.ok_or(ErrorCode::Internal)?).await
}

/// 204.
#[must_use]
pub fn no_content() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header(NO_SNIFFING)
        .finish()
}

/// An answer with this body, coded as the client wants it.
async fn written(
    mut response: HttpResponseBuilder,
    form: &Form,
    body: Bytes,
) -> Result<HttpResponse, Error> {
    response.insert_header(content_type(form.representation.media_type));
    response.insert_header(NO_SNIFFING);
    response.insert_header(Caching::Private.header());
    response.insert_header(VARY);
    representations::coded(form, response.body(body)).await
}
