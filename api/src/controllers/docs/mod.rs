//! The description of the API, and the page that shows it to people: Swagger UI, out of the binary. All of it is made once, and is the same as
//! long as the service lives.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
    web::Data,
};
use bytes::Bytes;

use super::{caching::Caching, conditions, openapi, representations::Codings, single};
use crate::{
    app::AppState,
    error::{Error, ErrorCode},
    models::Timestamp,
    services::kept::{Kept, Rendered},
    telemetry::RouteDefinition,
};

/// The page loads what is served here, and nothing else. Its icons are in its style sheet.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const SCRIPT: &str = "text/javascript; charset=utf-8";

/// What the page loads: name, media type, content.
const FILES: [(&str, &str, &[u8]); 3] = [
    (
        "swagger-ui.css",
        "text/css; charset=utf-8",
        include_bytes!(concat!(env!("OUT_DIR"), "/swagger-ui.css")),
    ),
    (
        "swagger-ui-bundle.js",
        SCRIPT,
        include_bytes!(concat!(env!("OUT_DIR"), "/swagger-ui-bundle.js")),
    ),
    ("start.js", SCRIPT, include_bytes!("start.js")),
];

/// The names of the files that the page loads.
pub(super) fn file_names() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(name, ..)| *name)
}

/// Everything that is served here.
pub struct Documents {
    openapi: Document,
    page: Document,
    files: Vec<(&'static str, Document)>,
}

impl Documents {
    /// Describes these routes.
    #[must_use]
    pub fn new(routes: &[RouteDefinition]) -> Self {
        let page = include_bytes!("page.html");
        let files = FILES.into_iter().map(|(name, media_type, content)| {
            (name, Document::new(media_type, Bytes::from_static(content)))
        });
        Self {
            openapi: Document::new("application/json", openapi::text(routes).into()),
            page: Document::new("text/html; charset=utf-8", Bytes::from_static(page)),
            files: files.collect(),
        }
    }
}

/// Bytes that stay as they are. Each coding of them is made once.
struct Document {
    plain: Rendered,
    coded: Kept<()>,
}

impl Document {
    fn new(media_type: &'static str, body: Bytes) -> Self {
        let plain = Rendered {
            media_type,
            coding: None,
            etag: format!("\"{}\"", conditions::digest(&[&body])).into(),
            last_modified: None,
            body,
        };
        Self {
            plain,
            coded: Kept::new(()),
        }
    }

    /// 200, or 304 if the client has it already.
    async fn answer(&self, request: &HttpRequest, now: Timestamp) -> Result<HttpResponse, Error> {
        let plain = self.plain.clone();
        let coding = Codings::of(request.headers()).chosen(plain.body.len());
        let rendered = single::in_coding(plain, coding, coding as usize, &self.coded).await?;
        let mut response = single::answer(request, rendered, Caching::Documentation, (None, now))?;
        let headers = response.headers_mut();
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        if response.status() == StatusCode::OK {
            let policy = HeaderValue::from_static(POLICY);
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        Ok(response)
    }
}

/// `GET /openapi.json`
///
/// # Errors
/// `PRECONDITION_FAILED`, if the client asked for another state.
pub async fn openapi(state: Data<AppState>, request: HttpRequest) -> Result<HttpResponse, Error> {
    let now = state.context.clock.now();
    state.documents.openapi.answer(&request, now).await
}

/// `GET /docs`
///
/// # Errors
/// `PRECONDITION_FAILED`, if the client asked for another state.
pub async fn page(state: Data<AppState>, request: HttpRequest) -> Result<HttpResponse, Error> {
    let now = state.context.clock.now();
    state.documents.page.answer(&request, now).await
}

/// `GET /docs/{file}`
///
/// # Errors
/// `ROUTE_NOT_FOUND`, and `PRECONDITION_FAILED`, if the client asked for another state.
pub async fn file(state: Data<AppState>, request: HttpRequest) -> Result<HttpResponse, Error> {
    let asked = request.match_info().get("file").unwrap_or_default();
    let mut files = state.documents.files.iter();
    let file = files.find(|(name, _)| *name == asked);
    let (_, document) = file.ok_or(ErrorCode::RouteNotFound)?;
    document.answer(&request, state.context.clock.now()).await
}
