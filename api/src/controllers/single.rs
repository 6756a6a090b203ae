//! One resource by itself: its body, its validators, and whether a client needs them.

use std::time::Instant;

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
};
use bytes::Bytes;

use super::{
    caching::{Caching, VARY},
    conditions::{self, Conditions, State, Verdict},
    envelope::NO_SNIFFING,
};
use crate::{
    budget::Phase,
    error::{Error, ErrorCode},
    models::Precondition,
    services::kept::{Kept, Rendered},
    telemetry::request,
};

/// A row that is shown as a resource of its own.
pub trait Resource {
    /// What it is, in its `ETag`.
    const KIND: &'static str;

    /// Which one, in which state.
    fn state(&self) -> State;

    /// What caches may do with it.
    fn caching(&self) -> Caching;

    /// The whole body.
    fn body(&self) -> Option<Vec<u8>>;
}

/// 200 with the resource, or 304 if the client has it already.
///
/// # Errors
/// `PRECONDITION_FAILED`, if the client asked for another state.
pub fn show<R: Resource>(request: &HttpRequest, kept: &Kept<R>) -> Result<HttpResponse, Error> {
    let rendered = kept.rendered(render).ok_or(ErrorCode::Internal)?;
    let state = kept.row.state();
    let caching = kept.row.caching();
    match Conditions::of::<R>(request, state.id).of_a_read(&state) {
        Verdict::Proceed => {
            let mut response = HttpResponse::Ok();
            response.insert_header(caching.header());
            whole(&mut response, rendered)
        }
        Verdict::NotModified => not_modified(caching, rendered.etag),
        Verdict::Failed => Err(ErrorCode::PreconditionFailed.into()),
    }
}

/// What a write on the resource with this number asks of its state.
#[must_use]
pub fn precondition<R: Resource>(request: &HttpRequest, id: i64) -> Precondition {
    Conditions::of::<R>(request, id).of_a_write()
}

/// The same where a write must say which state it knows.
///
/// # Errors
/// `PRECONDITION_REQUIRED`, if there is no `If-Match`.
pub fn required_precondition<R: Resource>(
    request: &HttpRequest,
    id: i64,
) -> Result<Precondition, Error> {
    if request.headers().contains_key(header::IF_MATCH) {
        Ok(precondition::<R>(request, id))
    } else {
        Err(ErrorCode::PreconditionRequired.into())
    }
}

/// 200 with what a write made of the resource, and its new validators.
///
/// # Errors
/// None that a client could cause.
pub fn changed<R: Resource>(row: &R) -> Result<HttpResponse, Error> {
    let rendered = render(row).ok_or(ErrorCode::Internal)?;
    let mut response = HttpResponse::Ok();
    response.insert_header(Caching::Private.header());
    whole(&mut response, rendered)
}

/// 201 with the resource that was made, and where it is.
///
/// # Errors
/// None that a client could cause.
pub fn created<R: Resource>(location: String, row: &R) -> Result<HttpResponse, Error> {
    let rendered = render(row).ok_or(ErrorCode::Internal)?;
    let mut response = HttpResponse::build(StatusCode::CREATED);
    response.insert_header((header::LOCATION, location));
    response.insert_header(Caching::Private.header());
    whole(&mut response, rendered)
}

/// The time it takes is booked: an answer from the cache is made already.
fn render<R: Resource>(row: &R) -> Option<Rendered> {
    let started = Instant::now();
    let state = row.state();
    let rendered = row.body().map(|body| Rendered {
        body: body.into(),
        etag: conditions::etag::<R>(&state).into(),
        last_modified: conditions::http_date(state.updated_at).into(),
    });
    request::with_current(|record| record.ledger.spend(Phase::Serialize, started.elapsed()));
    rendered
}

fn whole(response: &mut HttpResponseBuilder, rendered: Rendered) -> Result<HttpResponse, Error> {
    response.insert_header(header::ContentType::json());
    response.insert_header(NO_SNIFFING);
    response.insert_header(VARY);
    response.insert_header((header::ETAG, value(rendered.etag)?));
    response.insert_header((header::LAST_MODIFIED, value(rendered.last_modified)?));
    Ok(response.body(rendered.body))
}

/// RFC 9110, section 15.4.5: what a cache needs to go on with what it has, and nothing else.
fn not_modified(caching: Caching, etag: Bytes) -> Result<HttpResponse, Error> {
    Ok(HttpResponse::NotModified()
        .insert_header(caching.header())
        .insert_header(VARY)
        .insert_header((header::ETAG, value(etag)?))
        .finish())
}

/// Shared, not copied.
fn value(bytes: Bytes) -> Result<HeaderValue, Error> {
    HeaderValue::from_maybe_shared(bytes)
        .ok()
        .ok_or_else(|| ErrorCode::Internal.into())
}
