//! One resource by itself: its body, its validators, and whether a client needs them.

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::header::{self, HeaderValue},
};
use bytes::Bytes;
use serde::Serialize;

use super::{
    caching::{Caching, VARY},
    conditions::{self, Conditions, State, Validators, Verdict},
    envelope::{self, NO_SNIFFING},
    representations::{self, Coding, Form, Representation, content_type},
};
use crate::{
    error::{Error, ErrorCode},
    models::{Precondition, Timestamp},
    services::kept::{Kept, Rendered},
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
    fn body(&self, representation: &Representation) -> Option<Bytes>;
}

/// 200 with the resource, or 304 if the client has it already.
///
/// # Errors
/// `PRECONDITION_FAILED`, if the client asked for another state.
pub async fn show<R: Resource>(
    request: &HttpRequest,
    form: &Form,
    kept: &Kept<R>,
    now: Timestamp,
) -> Result<HttpResponse, Error> {
    let rendered = in_form(form, kept).await?;
    let updated_at = Some(kept.row.state().updated_at);
    answer(request, rendered, kept.row.caching(), (updated_at, now))
}

/// The same with another view of the resource: some of its fields, or others `beside` it. It is made anew for each answer, and nothing is known of
/// when those beside it were changed.
///
/// # Errors
/// `PRECONDITION_FAILED`, if the client asked for another state.
pub async fn show_view<R: Resource>(
    request: &HttpRequest,
    form: &Form,
    row: &R,
    (view, beside): (impl Serialize, bool),
    now: Timestamp,
) -> Result<HttpResponse, Error> {
    let (state, representation) = (row.state(), form.representation);
    let body = envelope::one(representation, view, state.updated_at);
    let body = body.ok_or(ErrorCode::Internal)?;
    let tag = format!("{};{}", representation.name, conditions::digest(&[&body]));
    let etag = conditions::etag::<R>(&state, &tag).into();
    let updated_at = (!beside).then_some(state.updated_at);
    // Who may see the resource may not see all that is beside it.
    let caching = if beside {
        Caching::Private
    } else {
        row.caching()
    };
    let coding = form.coding(body.len());
    let etag = coded_tag(etag, coding)?;
    match verdict(request, &etag, updated_at) {
        Verdict::Proceed => {
            let body = coding.encode(body).await.ok_or(ErrorCode::Internal)?;
            let rendered = Rendered {
                body,
                media_type: representation.media_type,
                coding: coding.name(),
                etag,
                last_modified: updated_at.map(|time| conditions::http_date(time).into()),
            };
            shown(caching, rendered, (updated_at, now))
        }
        Verdict::NotModified => not_modified(caching, etag),
        Verdict::Failed => Err(ErrorCode::PreconditionFailed.into()),
    }
}

/// The answer to a read of what is rendered like this.
pub(super) fn answer(
    request: &HttpRequest,
    rendered: Rendered,
    caching: Caching,
    (updated_at, now): (Option<Timestamp>, Timestamp),
) -> Result<HttpResponse, Error> {
    match verdict(request, &rendered.etag, updated_at) {
        Verdict::Proceed => shown(caching, rendered, (updated_at, now)),
        Verdict::NotModified => not_modified(caching, rendered.etag),
        Verdict::Failed => Err(ErrorCode::PreconditionFailed.into()),
    }
}

fn verdict(request: &HttpRequest, etag: &[u8], updated_at: Option<Timestamp>) -> Verdict {
    let etag = std::str::from_utf8(etag).unwrap_or_default();
    let current = Validators {
        tag: etag.trim_matches('"'),
        weak: false,
        updated_at,
    };
    Conditions::of(request.headers()).of_a_read(&current)
}

/// A date knows seconds. It is told when the second is over, so that nothing that it does not tell of can happen any more.
fn shown(
    caching: Caching,
    mut rendered: Rendered,
    (updated_at, now): (Option<Timestamp>, Timestamp),
) -> Result<HttpResponse, Error> {
    if updated_at.is_some_and(|time| !conditions::is_over(time, now)) {
        rendered.last_modified = None;
    }
    let mut response = HttpResponse::Ok();
    response.insert_header(caching.header());
    whole(&mut response, rendered)
}

/// The answer in the form that is asked for: the one that was made before, if there is one.
async fn in_form<R: Resource>(form: &Form, kept: &Kept<R>) -> Result<Rendered, Error> {
    let plain_slot = form.slot(Coding::Identity);
    let plain = if let Some(rendered) = kept.rendered(plain_slot) {
        rendered
    } else {
        let rendered = render(&kept.row, form.representation).ok_or(ErrorCode::Internal)?;
        kept.keep(plain_slot, &rendered);
        rendered
    };
    let coding = form.coding(plain.body.len());
    in_coding(plain, coding, form.slot(coding), kept).await
}

/// The same in this coding, which has this place among those that are kept.
pub(super) async fn in_coding<R>(
    plain: Rendered,
    coding: Coding,
    slot: usize,
    kept: &Kept<R>,
) -> Result<Rendered, Error> {
    if coding == Coding::Identity {
        return Ok(plain);
    }
    if let Some(rendered) = kept.rendered(slot) {
        return Ok(rendered);
    }
    let rendered = coded(plain, coding).await?;
    kept.keep(slot, &rendered);
    Ok(rendered)
}

/// What a write on the resource with this number asks of its state.
#[must_use]
pub fn precondition<R: Resource>(request: &HttpRequest, id: i64) -> Precondition {
    Conditions::of(request.headers()).of_a_write::<R>(id)
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

/// 200 with what a write made of the resource, and its new tag.
///
/// # Errors
/// None that a client could cause.
pub async fn changed<R: Resource>(form: &Form, row: &R) -> Result<HttpResponse, Error> {
    let response = written(HttpResponse::Ok(), form, row)?;
    representations::coded(form, response).await
}

/// 201 with the resource that was made, and where it is. Not coded yet.
///
/// # Errors
/// None that a client could cause.
pub fn created<R: Resource>(form: &Form, location: String, row: &R) -> Result<HttpResponse, Error> {
    let mut response = HttpResponse::Created();
    response.insert_header((header::LOCATION, location));
    written(response, form, row)
}

fn written<R: Resource>(
    mut response: HttpResponseBuilder,
    form: &Form,
    row: &R,
) -> Result<HttpResponse, Error> {
    let mut rendered = render(row, form.representation).ok_or(ErrorCode::Internal)?;
    // The second in which it was written is not over.
    rendered.last_modified = None;
    response.insert_header(Caching::Private.header());
    whole(&mut response, rendered)
}

fn render<R: Resource>(row: &R, representation: &Representation) -> Option<Rendered> {
    let state = row.state();
    Some(Rendered {
        body: row.body(representation)?,
        media_type: representation.media_type,
        coding: None,
        etag: conditions::etag::<R>(&state, representation.name).into(),
        last_modified: Some(conditions::http_date(state.updated_at).into()),
    })
}

/// The same in this coding, which the tag then names.
async fn coded(plain: Rendered, coding: Coding) -> Result<Rendered, Error> {
    let body = coding.encode(plain.body.clone()).await;
    Ok(Rendered {
        body: body.ok_or(ErrorCode::Internal)?,
        coding: coding.name(),
        etag: coded_tag(plain.etag, coding)?,
        ..plain
    })
}

fn coded_tag(tag: Bytes, coding: Coding) -> Result<Bytes, Error> {
    let Some(name) = coding.name() else {
        return Ok(tag);
    };
    let tag = representations::coded_tag(&tag, name).map(Bytes::from);
    tag.ok_or_else(|| ErrorCode::Internal.into())
}

fn whole(response: &mut HttpResponseBuilder, rendered: Rendered) -> Result<HttpResponse, Error> {
    response.insert_header(content_type(rendered.media_type));
    response.insert_header(NO_SNIFFING);
    response.insert_header(VARY);
    response.insert_header((header::ETAG, value(rendered.etag)?));
    if let Some(last_modified) = rendered.last_modified {
        response.insert_header((header::LAST_MODIFIED, value(last_modified)?));
    }
    if let Some(coding) = rendered.coding {
        response.insert_header((header::CONTENT_ENCODING, HeaderValue::from_static(coding)));
    }
    Ok(response.body(rendered.body))
}

/// RFC 9110, section 15.4.5: what a cache needs to go on with what it has, and nothing else.
pub(super) fn not_modified(caching: Caching, etag: Bytes) -> Result<HttpResponse, Error> {
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
