//! `GET /errors` and `GET /errors/{code}`: what each error means, when it happens, and what to do then. Pages for people, data for programs.

mod page;

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde::Serialize;

use super::{caching::Caching, envelope, html};
use crate::{
    app::AppState,
    error::{Error, ErrorCode},
};

/// A code as clients see it.
#[derive(Serialize)]
struct ErrorResponse {
    code: &'static str,
    status: u16,
    message: &'static str,
    cause: &'static str,
    remedy: &'static str,
    retryable: bool,
}

impl From<ErrorCode> for ErrorResponse {
    fn from(code: ErrorCode) -> Self {
        Self {
            code: code.as_str(),
            status: code.status(),
            message: code.message(),
            cause: code.cause(),
            remedy: code.remedy(),
            retryable: code.retryable(),
        }
    }
}

/// `GET /errors`: all of them. The list is closed and short, so it has no pages.
pub async fn list_errors(state: Data<AppState>, request: HttpRequest) -> HttpResponse {
    if html::is_preferred(&request) {
        return html::ok(page::index(), Caching::Documentation);
    }
    let all: Vec<ErrorResponse> = ErrorCode::ALL.iter().copied().map(Into::into).collect();
    data(&state, all)
}

/// `GET /errors/{code}`
///
/// # Errors
/// `ROUTE_NOT_FOUND`, if there is no such code.
pub async fn get_error(state: Data<AppState>, request: HttpRequest) -> Result<HttpResponse, Error> {
    let name = request.match_info().get("code").unwrap_or_default();
    let code = ErrorCode::parse(name).ok_or(ErrorCode::RouteNotFound)?;
    if html::is_preferred(&request) {
        return Ok(html::ok(page::one(code), Caching::Documentation));
    }
    Ok(data(&state, ErrorResponse::from(code)))
}

/// The usual answer, but that anybody may keep it.
fn data(state: &AppState, data: impl Serialize) -> HttpResponse {
    let mut response = envelope::ok(data, state.context.clock.now());
    for (name, value) in [Caching::Documentation.header(), html::VARY] {
        response.headers_mut().insert(name, value);
    }
    response
}
