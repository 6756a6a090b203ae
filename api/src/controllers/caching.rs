//! What caches may do with an answer: the one table of `Cache-Control`, and `Vary`.

use actix_web::http::header::{self, HeaderName, HeaderValue};

/// What an answer shows, as far as caches are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caching {
    /// `GET /api/v1/posts/{post_id}` of a published post. Everybody may see it.
    Published,
    /// Every other answer with data: users, lists, drafts, archived posts, and what a write made of them.
    Private,
    /// What is said about the API itself: the same for everybody until the service is replaced by a newer one.
    Documentation,
    /// Errors and probes.
    Never,
}

impl Caching {
    /// The header.
    #[must_use]
    pub const fn header(self) -> (HeaderName, HeaderValue) {
        let value = match self {
            Self::Published => "public, max-age=30, stale-while-revalidate=60",
            Self::Private => "private, no-cache",
            Self::Documentation => "public, max-age=3600",
            Self::Never => "no-store",
        };
        (header::CACHE_CONTROL, HeaderValue::from_static(value))
    }
}

/// By which headers of the request an answer with data is chosen. There is one form as yet; the names are here so that what a cache keeps today
/// is not taken for another form when there are more.
pub const VARY: (HeaderName, HeaderValue) = (
    header::VARY,
    HeaderValue::from_static("Accept, Accept-Encoding"),
);
