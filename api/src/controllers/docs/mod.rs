//! The description of the API, and the page that shows it to people: Swagger UI, out of the binary. All of it is made once, and is the same as
//! long as the service lives.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderValue},
    web::Data,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::{caching::Caching, envelope::NO_SNIFFING, openapi};
use crate::{
    app::AppState,
    error::{Error, ErrorCode},
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

/// Bytes that stay as they are.
struct Document {
    media_type: &'static str,
    body: Bytes,
    etag: String,
}

impl Document {
    fn new(media_type: &'static str, body: Bytes) -> Self {
        let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(&body));
        Self {
            media_type,
            body,
            etag: format!("\"{digest}\""),
        }
    }

    /// 200, or 304 if the client has it already.
    fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let known = self.is_known(request);
        let mut response = if known {
            HttpResponse::NotModified()
        } else {
            HttpResponse::Ok()
        };
        response
            .insert_header(Caching::Documentation.header())
            .insert_header((header::ETAG, self.etag.as_str()));
        if known {
            return response.finish();
        }
        response
            .insert_header((header::CONTENT_TYPE, self.media_type))
            .insert_header(NO_SNIFFING)
            .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
            .body(self.body.clone())
    }

    fn is_known(&self, request: &HttpRequest) -> bool {
        let lists = request.headers().get_all(header::IF_NONE_MATCH);
        let mut tags = lists
            .filter_map(|list| HeaderValue::to_str(list).ok())
            .flat_map(|list| list.split(','))
            .map(|tag| tag.trim().trim_start_matches("W/"));
        tags.any(|tag| tag == "*" || tag == self.etag)
    }
}

/// `GET /openapi.json`
pub async fn openapi(state: Data<AppState>, request: HttpRequest) -> HttpResponse {
    state.documents.openapi.answer(&request)
}

/// `GET /docs`
pub async fn page(state: Data<AppState>, request: HttpRequest) -> HttpResponse {
    state.documents.page.answer(&request)
}

/// `GET /docs/{file}`
///
/// # Errors
/// `ROUTE_NOT_FOUND`.
pub async fn file(state: Data<AppState>, request: HttpRequest) -> Result<HttpResponse, Error> {
    let asked = request.match_info().get("file").unwrap_or_default();
    let mut files = state.documents.files.iter();
    let file = files.find(|(name, _)| *name == asked);
    let (_, document) = file.ok_or(ErrorCode::RouteNotFound)?;
    Ok(document.answer(&request))
}
