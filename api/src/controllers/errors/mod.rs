//! `GET /errors` and `GET /errors/{code}`: what each error means, when it happens, and what to do then. Pages for people, data for programs.

mod page;

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde::Serialize;

use super::{caching::Caching, envelope, html, representations::Form};
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
///
/// # Errors
/// None but of the form that is asked for.
pub async fn list_errors(
    state: Data<AppState>,
    form: Result<Form, Error>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    if html::is_preferred(&request) {
        return Ok(html::ok(page::index(), Caching::Documentation));
    }
    let all: Vec<ErrorResponse> = ErrorCode::ALL.iter().copied().map(Into::into).collect();
    data(&state, &form?, all).await
}

/// `GET /errors/{code}`
///
/// # Errors
/// `ROUTE_NOT_FOUND`, if there is no such code.
pub async fn get_error(
    state: Data<AppState>,
    form: Result<Form, Error>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let name = request.match_info().get("code").unwrap_or_default();
    let code = ErrorCode::parse(name).ok_or(ErrorCode::RouteNotFound)?;
    if html::is_preferred(&request) {
        return Ok(html::ok(page::one(code), Caching::Documentation));
    }
    data(&state, &form?, ErrorResponse::from(code)).await
}

/// The usual answer, but that anybody may keep it.
async fn data(state: &AppState, form: &Form, data: impl Serialize) -> Result<HttpResponse, Error> {
    let mut response = envelope::ok(form, data, state.context.clock.now()).await?;
    let (name, value) = Caching::Documentation.header();
    response.headers_mut().insert(name, value);
    Ok(response)
}
