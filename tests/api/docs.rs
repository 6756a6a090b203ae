//! The description of the API, and the page that shows it.

use api::{controllers::openapi, routes::ROUTES};
use tests::on_each_database;

const DOCUMENTS: [(&str, &str); 5] = [
    ("/openapi.json", "application/json"),
    ("/docs", "text/html; charset=utf-8"),
    ("/docs/start.js", "text/javascript; charset=utf-8"),
    ("/docs/swagger-ui.css", "text/css; charset=utf-8"),
    (
        "/docs/swagger-ui-bundle.js",
        "text/javascript; charset=utf-8",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_kept_by_caches_and_not_sent_again() {
    on_each_database(async |app| {
        for (path, media_type) in DOCUMENTS {
            let whole = app.get(path).send().await.expect(200);
            assert_eq!(whole.header("content-type"), Some(media_type));
            assert_eq!(whole.header("cache-control"), Some("public, max-age=3600"));
            assert_eq!(whole.header("x-content-type-options"), Some("nosniff"));
            let etag = whole.header("etag").unwrap();
            for known in [etag, &format!("\"other\", W/{etag}"), "*"] {
                let again = app.get(path).header("if-none-match", known).send().await;
                let again = again.expect(304);
                assert_eq!(
                    (again.header("etag"), again.text.as_str()),
                    (Some(etag), "")
                );
            }
            let other = app
                .get(path)
                .header("if-none-match", "\"other\"")
                .send()
                .await;
            assert_eq!(other.expect(200).text.len(), whole.text.len());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_is_that_of_the_code() {
    on_each_database(async |app| {
        let served = app.get("/openapi.json").send().await.expect(200);
        assert_eq!(served.text, openapi::text(ROUTES));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_loads_only_what_is_served_beside_it() {
    on_each_database(async |app| {
        let page = app.get("/docs").send().await.expect(200);
        let policy = page.header("content-security-policy").unwrap();
        let sources = policy
            .split(';')
            .flat_map(|rule| rule.split_whitespace().skip(1));
        for source in sources {
            assert!(["'none'", "'self'", "data:"].contains(&source), "{source}");
        }
        let loaded: Vec<_> = page
            .text
            .split("\"/docs/")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap())
            .collect();
        assert_eq!(
            loaded,
            ["swagger-ui.css", "swagger-ui-bundle.js", "start.js"]
        );
        assert!(!page.text.contains("//"), "{}", page.text);
        for name in loaded {
            drop(app.get(&format!("/docs/{name}")).send().await.expect(200));
        }
        for name in ["swagger-ui", "%ff", "page.html"] {
            let unknown = app.get(&format!("/docs/{name}")).send().await;
            unknown.expect_error(404, "ROUTE_NOT_FOUND");
        }
    })
    .await;
}
