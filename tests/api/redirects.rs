//! Paths with slashes too many lead to the path that was meant, and never to another host.

use tests::{TestApp, on_each_database};

#[tokio::test(flavor = "multi_thread")]
async fn trailing_and_doubled_slashes_redirect_and_keep_the_query() {
    on_each_database(async |app| {
        for (path, location) in [
            ("/api/v1/users/", "/api/v1/users"),
            ("//api/v1///users/1//", "/api/v1/users/1"),
            ("/api/v1/?a=b", "/api/v1?a=b"),
            (
                "/api/v1/users/?role=admin&sort=-name",
                "/api/v1/users?role=admin&sort=-name",
            ),
            (
                "/api//v1/posts?next=//evil.example/",
                "/api/v1/posts?next=//evil.example/",
            ),
        ] {
            for method in ["GET", "POST", "PATCH"] {
                let (status, found) = answer(&app, method, path).await;
                assert_eq!((status, found.as_deref()), (308, Some(location)), "{path}");
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_redirect_leads_to_another_host() {
    on_each_database(async |app| {
        for path in [
            "//evil.example",
            "//evil.example/",
            "///evil.example//",
            "//evil.example/%2e%2e//",
            "http://evil.example//a/",
        ] {
            let (_, location) = answer(&app, "GET", path).await;
            let location = location.unwrap();
            let second = location.as_bytes().get(1);
            assert!(
                location.starts_with('/') && !matches!(second, Some(b'/' | b'\\')),
                "{path}: {location}"
            );
        }
        for path in ["/\\evil.example/", "//\\evil.example", "/\\/evil.example//"] {
            assert_eq!(answer(&app, "GET", path).await.1, None, "{path}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_that_is_too_long_is_refused_wherever_it_leads() {
    on_each_database(async |app| {
        for path in ["/", "/api/v1/users?x=", "/api/v1/users/"] {
            let long = format!("{path}{}", "a".repeat(8193 - path.len()));
            let refused = app.get(&long).send().await;
            refused.expect_error(414, "URI_TOO_LONG");
            let refused = app.post(&long).send().await;
            refused.expect_error(414, "URI_TOO_LONG");
        }
        let longest = format!("/{}", "a".repeat(8191));
        app.get(&longest)
            .send()
            .await
            .expect_error(404, "ROUTE_NOT_FOUND");
    })
    .await;
}

/// Byte by byte: clients tidy paths up before they send them.
async fn answer(app: &TestApp, method: &str, path: &str) -> (u16, Option<String>) {
    let mut client = app.connect().await;
    let head = format!("{method} {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
    client.send(head).await;
    let response = client.response().await;
    let location = response.head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("location")
            .then(|| value.to_owned())
    });
    (response.status, location)
}
