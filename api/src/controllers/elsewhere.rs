//! Requests that no route answers: other methods, paths that are written in another way, paths that are too long, paths that lead nowhere.

use actix_web::{
    HttpRequest, HttpResponse, ResponseError,
    guard::GuardContext,
    http::{
        Method,
        header::{self, HeaderName, HeaderValue},
    },
};

use super::envelope::NO_SNIFFING;
use crate::error::{Error, ErrorCode};

/// Most bytes of a path with its query: what RFC 9110 asks every server for, and some more.
pub(super) const URI_LIMIT: usize = 8192;

/// In which forms changes are taken; RFC 5789.
pub(super) const ACCEPT_PATCH: (HeaderName, HeaderValue) = (
    HeaderName::from_static("accept-patch"),
    HeaderValue::from_static("application/merge-patch+json, application/json"),
);

/// Whether the path and the query are within what is read.
#[must_use]
pub fn is_short_enough(context: &GuardContext<'_>) -> bool {
    length(&context.head().uri) <= URI_LIMIT
}

/// The resource exists, but does not have this method. Every resource has OPTIONS.
#[must_use]
pub fn other_method(request: &HttpRequest, allow: &'static str) -> HttpResponse {
    let mut response = if *request.method() == Method::OPTIONS {
        HttpResponse::NoContent()
            .insert_header(NO_SNIFFING)
            .finish()
    } else {
        Error::from(ErrorCode::MethodNotAllowed).error_response()
    };
    response
        .headers_mut()
        .insert(header::ALLOW, HeaderValue::from_static(allow));
    if allow.contains("PATCH") {
        let (name, value) = ACCEPT_PATCH;
        response.headers_mut().insert(name, value);
    }
    response
}

/// No route has this path. If it is only written in another way, the answer says how; the query stays.
///
/// # Errors
/// `URI_TOO_LONG`, or `ROUTE_NOT_FOUND`.
pub async fn other_path(request: HttpRequest) -> Result<HttpResponse, Error> {
    if length(request.uri()) > URI_LIMIT {
        return Err(ErrorCode::UriTooLong.into());
    }
    let path = plain(request.path()).ok_or(ErrorCode::RouteNotFound)?;
    let location = match request.uri().query() {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    Ok(HttpResponse::PermanentRedirect()
        .insert_header(NO_SNIFFING)
        .insert_header((header::LOCATION, location))
        .finish())
}

fn length(uri: &actix_web::http::Uri) -> usize {
    uri.path().len() + uri.query().map_or(0, |query| query.len() + 1)
}

/// The path without doubled and trailing slashes, if it has any. It begins with exactly one slash, so it names no other host; browsers take a
/// backslash for a slash, so a path with one is never sent back.
fn plain(path: &str) -> Option<String> {
    let parts = path.split('/').filter(|part| !part.is_empty());
    let plain = parts.fold(String::with_capacity(path.len()), |plain, part| {
        plain + "/" + part
    });
    let plain = if plain.is_empty() {
        "/".to_owned()
    } else {
        plain
    };
    let is_safe = path.starts_with('/') && !path.contains('\\');
    (is_safe && plain != path).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn doubled_and_trailing_slashes_are_taken_away() {
        for (path, expected) in [
            ("/api/v1/", "/api/v1"),
            ("//api///v1//users", "/api/v1/users"),
            ("//", "/"),
            ("//evil.example", "/evil.example"),
            ("///evil.example//", "/evil.example"),
        ] {
            assert_eq!(plain(path).as_deref(), Some(expected));
        }
    }

    #[test]
    fn a_plain_path_and_one_that_a_browser_may_misread_stay_as_they_are() {
        for path in [
            "/",
            "/api/v1",
            "",
            "*",
            "/\\evil.example/",
            "//\\evil.example",
        ] {
            assert_eq!(plain(path), None, "{path}");
        }
    }
}
