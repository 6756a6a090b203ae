//! How data looks on the wire: `{ "data": …, "meta": … }`, and for lists `links` and the header `Link`.

use std::{fmt::Display, time::Instant};

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
};
use serde::{Serialize, Serializer};

use super::{
    caching::{Caching, VARY},
    pages::{Links, PageRequest},
};
use crate::{
    budget::Phase,
    models::{Listed, Sortable, Timestamp},
    telemetry::request,
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
struct Many<T> {
    data: Vec<T>,
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
pub fn ok<T: Serialize>(data: T, timestamp: Timestamp) -> HttpResponse {
    json(
        StatusCode::OK,
        None,
        &One {
            data,
            meta: OneMeta {
                timestamp: Shown(timestamp),
            },
        },
    )
}

/// The body that shows one thing, at the time of its state.
pub fn one<T: Serialize>(data: T, timestamp: Timestamp) -> Option<Vec<u8>> {
    bytes(&One {
        data,
        meta: OneMeta {
            timestamp: Shown(timestamp),
        },
    })
}

/// 200 with one page of a list, whose rows are shown as `data`.
#[must_use]
pub fn page<R: Sortable, T: Serialize>(
    request: &PageRequest<R::Field>,
    listed: &Listed<R>,
    data: Vec<T>,
    now: Timestamp,
) -> HttpResponse {
    let links = request.links(listed);
    let link_header = links.header();
    let meta = ManyMeta {
        timestamp: Shown(now),
        limit: request.limit,
        page: request.number(),
        has_more: links.has_more(),
        total: listed.total.map(|total| total.rows),
        total_is_estimate: listed.total.map(|total| total.is_estimate),
    };
    json(
        StatusCode::OK,
        Some((header::LINK, link_header)),
        &Many { data, meta, links },
    )
}

/// 204.
#[must_use]
pub fn no_content() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header(NO_SNIFFING)
        .finish()
}

/// An answer with this body; the time it takes to write it is booked.
fn json(
    status: StatusCode,
    header: Option<(header::HeaderName, String)>,
    body: &impl Serialize,
) -> HttpResponse {
    let started = Instant::now();
    let Some(bytes) = bytes(body) else {
        return actix_web::ResponseError::error_response(&crate::error::Error::from(
            crate::error::ErrorCode::Internal,
        ));
    };
    let mut response = HttpResponse::build(status);
    response.insert_header(header::ContentType::json());
    response.insert_header(NO_SNIFFING);
    response.insert_header(Caching::Private.header());
    response.insert_header(VARY);
    if let Some(header) = header {
        response.insert_header(header);
    }
    let response = response.body(bytes);
    request::with_current(|record| record.ledger.spend(Phase::Serialize, started.elapsed()));
    response
}

/// The only place where answers become JSON.
fn bytes(body: &impl Serialize) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(512);
    serde_json::to_writer(&mut bytes, body).ok()?;
    Some(bytes)
}
