//! Pages for people, beside the data for programs at the same address. They have no scripts and load nothing.

use actix_web::{HttpRequest, HttpResponse, http::header};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{
    caching::{Caching, VARY_OF_UNCODED},
    envelope::NO_SNIFFING,
    representations,
};
use crate::negotiation::preferences;

/// Whether the client would rather have a page than data, as browsers do. Where nothing is said, or both are as good, it is data.
pub fn is_preferred(request: &HttpRequest) -> bool {
    let Some(accept) = representations::accept(request.headers()) else {
        return false;
    };
    let weight = |range: &str| {
        let named = preferences(&accept).filter(|entry| entry.value.eq_ignore_ascii_case(range));
        named.map(|entry| entry.weight).max().unwrap_or_default()
    };
    let page = weight("text/html");
    let data = representations::ALL.map(|one| weight(one.media_type));
    // Who names pages by themselves means them more than what `*/*` stands for.
    data.iter().all(|data| page > *data) && page >= weight("*/*")
}

/// A whole page with this title, style sheet and `<body>`.
pub fn document(title: &str, style: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(style)) }
            }
            (body)
        }
    }
}

/// 200 with a page.
pub fn ok(page: Markup, caching: Caching) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(header::ContentType::html())
        .insert_header(NO_SNIFFING)
        .insert_header(caching.header())
        .insert_header(VARY_OF_UNCODED)
        .insert_header((
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ))
        .body(page.into_string())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::is_preferred;

    fn prefers_page(accept: &str) -> bool {
        is_preferred(
            &TestRequest::get()
                .insert_header(("accept", accept))
                .to_http_request(),
        )
    }

    #[test]
    fn browsers_get_pages() {
        for accept in [
            "text/html",
            "text/html, */*",
            "TEXT/HTML;charset=utf-8",
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
            "application/json;q=0.5, text/html;q=0.6",
        ] {
            assert!(prefers_page(accept), "{accept}");
        }
    }

    #[test]
    fn programs_get_data() {
        for accept in [
            "",
            "*/*",
            "application/json",
            "application/json, text/html",
            "text/html;q=0.5, application/xml",
            "text/html;q=0.1, */*",
            "text/html;q=0",
            "text/plain, text/*",
            "nonsense",
        ] {
            assert!(!prefers_page(accept), "{accept}");
        }
        assert!(!is_preferred(&TestRequest::get().to_http_request()));
    }
}
