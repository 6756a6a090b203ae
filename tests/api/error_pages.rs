//! `/errors` and `/errors/{code}`: what each error means, for browsers and for programs.

use std::collections::BTreeSet;

use api::error::ErrorCode;
use tests::{TestOptions, on_each_database, on_each_database_with};

/// What Chromium sends with an address that somebody types.
const BROWSER: &str =
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";

#[tokio::test(flavor = "multi_thread")]
async fn a_code_says_when_it_happens_and_what_to_do() {
    on_each_database_with(TestOptions::at_fixed_time, async |app| {
        let response = app.get("/errors/USER_NOT_FOUND").send().await.expect(200);
        assert_eq!(
            response.header("cache-control"),
            Some("public, max-age=3600")
        );
        assert_eq!(response.header("vary"), Some("Accept, Accept-Encoding"));
        assert_eq!(response.header("etag"), None);
        assert_body!(response.json(), @r#"
        {
          "data": {
            "cause": "No user has this id. It may have been deleted.",
            "code": "USER_NOT_FOUND",
            "message": "There is no user with this id",
            "remedy": "Forget the id, or look the user up in the list.",
            "retryable": false,
            "status": 404
          },
          "meta": {
            "timestamp": "2024-01-01T00:00:00Z"
          }
        }
        "#);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_index_lists_every_code_as_its_own_page_shows_it() {
    on_each_database(async |app| {
        let response = app.get("/errors").send().await.expect(200);
        assert_eq!(
            response.header("cache-control"),
            Some("public, max-age=3600")
        );
        let list = response.json()["data"].as_array().unwrap().clone();
        assert!(list.len() <= 100, "a list has at most 100 items");
        assert_eq!(list.len(), ErrorCode::ALL.len());
        for (item, code) in list.iter().zip(ErrorCode::ALL) {
            let path = format!("/errors/{}", code.as_str());
            let page = app.get(&path).send().await.expect(200).json();
            assert_eq!(&page["data"], item);
            assert_eq!(item["code"], code.as_str());
            assert_eq!(item["status"], code.status());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_gets_pages_that_link_to_each_other() {
    on_each_database(async |app| {
        let html = async |path: &str| {
            let request = app.get(path).header("accept", BROWSER);
            let response = request.send().await.expect(200);
            let header = |name| response.header(name).unwrap_or_default();
            assert_eq!(header("content-type"), "text/html; charset=utf-8");
            assert_eq!(header("cache-control"), "public, max-age=3600");
            assert_eq!(header("vary"), "Accept");
            assert_eq!(header("x-content-type-options"), "nosniff");
            assert!(header("content-security-policy").contains("default-src 'none'"));
            assert!(!response.text.contains("<script"), "{}", response.text);
            response.text
        };
        let index = html("/errors").await;
        for code in ErrorCode::ALL {
            let path = format!("/errors/{}", code.as_str());
            assert!(index.contains(&format!("href=\"{path}\"")), "{path}");
            let page = html(&path).await;
            for sentence in [code.message(), code.cause(), code.remedy()] {
                let in_markup = sentence.replace('&', "&amp;").replace('<', "&lt;");
                let in_markup = in_markup.replace('>', "&gt;").replace('"', "&quot;");
                assert!(page.contains(&in_markup), "{path}: {sentence}");
            }
            assert!(page.contains("href=\"/errors\""));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_code_is_not_found_whatever_is_accepted() {
    on_each_database(async |app| {
        for name in [
            "TEAPOT",
            "user_not_found",
            "USER_NOT_FOUND%20",
            "%00",
            "400",
            "%2E%2E%2F",
        ] {
            for accept in ["*/*", BROWSER] {
                let request = app.get(&format!("/errors/{name}")).header("accept", accept);
                let response = request.send().await;
                assert_eq!(response.header("cache-control"), Some("no-store"), "{name}");
                let response = response.expect(404);
                assert!(response.text.contains("ROUTE_NOT_FOUND"), "{name}");
            }
        }
    })
    .await;
}

#[test]
fn every_code_has_sentences_of_its_own() {
    let mut seen = BTreeSet::new();
    for code in ErrorCode::ALL {
        assert_eq!(ErrorCode::parse(code.as_str()), Some(*code));
        for sentence in [code.cause(), code.remedy()] {
            assert!(sentence.len() > 20 && sentence.ends_with('.'), "{sentence}");
        }
        assert!(
            seen.insert(code.cause()),
            "{code:?} is explained as another one is"
        );
    }
    assert_eq!(ErrorCode::parse("TEAPOT"), None);
}
