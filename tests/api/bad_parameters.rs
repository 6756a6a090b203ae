//! Ids, parameters and paths that mean nothing.

use tests::{TestApp, on_each_database};

use crate::bad_input::{assert_keeps_the_inside, assert_refused};

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_is_no_number_or_too_large_is_refused_everywhere() {
    on_each_database(async |app| {
        let ids = [
            "0",
            "-1",
            "+1",
            "01",
            "1.0",
            "1e3",
            "0x1",
            "abc",
            "%00",
            "1%00",
            "%20",
            "%FF",
            "%F0%9F%92%A5",
            "1;drop",
            "1%2F2",
            "%D9%A1",
            "null",
            "9223372036854775808",
            "99999999999999999999999999999999999999",
        ];
        for id in ids {
            for path in [format!("/api/v1/users/{id}"), format!("/api/v1/posts/{id}")] {
                for method in ["GET", "DELETE"] {
                    assert_refused(&app.request(method, &path).send().await, "INVALID_ID");
                }
                let patch = app.patch(&path).body("application/json", "{}");
                assert_refused(&patch.send().await, "INVALID_ID");
            }
            let path = format!("/api/v1/posts?author_id={id}");
            assert_refused(&app.get(&path).send().await, "INVALID_ID");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_largest_id_is_just_not_found() {
    on_each_database(async |app| {
        let response = app.get("/api/v1/users/9223372036854775807").send().await;
        assert_refused(&response, "USER_NOT_FOUND");
        let response = app.delete("/api/v1/posts/9223372036854775807");
        let response = response.header("if-match", "*").send().await;
        assert_refused(&response, "POST_NOT_FOUND");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_of_pages_out_of_bounds_are_refused() {
    on_each_database(async |app| {
        let limits = [
            "0",
            "-1",
            "101",
            "1e2",
            "",
            "%20",
            "ten",
            "99999999999999999999",
            "%00",
            "1.5",
            "+5",
        ];
        for limit in limits {
            refuses(&app, &format!("limit={limit}"), "INVALID_LIMIT").await;
        }
        for page in ["0", "-1", "", "1.5", "first", "%00", "0x10", "%D9%A1"] {
            refuses(&app, &format!("page={page}"), "INVALID_PAGE").await;
        }
        let pages = [
            "501",
            "page=101&limit=100",
            "10001&limit=1",
            "4294967296",
            "99999999999999999999",
        ];
        for page in pages {
            let query = if page.starts_with("page") {
                page.to_owned()
            } else {
                format!("page={page}")
            };
            refuses(&app, &query, "PAGE_OUT_OF_RANGE").await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_that_are_unknown_repeated_or_wrong_are_refused() {
    on_each_database(async |app| {
        for (query, code) in [
            ("color=red", "UNKNOWN_PARAMETER"),
            ("=", "UNKNOWN_PARAMETER"),
            ("Limit=5", "UNKNOWN_PARAMETER"),
            ("limit%00=5", "UNKNOWN_PARAMETER"),
            ("created_at[ne]=2024-01-01T00:00:00Z", "UNKNOWN_PARAMETER"),
            ("%F0%9F%92%A5=1", "UNKNOWN_PARAMETER"),
            ("limit=5&limit=5", "CONFLICTING_PARAMETERS"),
            ("limit=5&%6Cimit=6", "CONFLICTING_PARAMETERS"),
            ("sort=id&sort=-id", "CONFLICTING_PARAMETERS"),
            ("sort=", "INVALID_SORT"),
            ("sort=-", "INVALID_SORT"),
            ("sort=--id", "INVALID_SORT"),
            ("sort=id,id", "INVALID_SORT"),
            ("sort=id,-id", "INVALID_SORT"),
            ("sort=id,", "INVALID_SORT"),
            ("sort=email;", "INVALID_SORT"),
            ("sort=id)%3B--", "INVALID_SORT"),
        ] {
            refuses(&app, query, code).await;
        }
        for role in ["", "Admin", "admin%20", "admin%00", "'%20OR%201=1"] {
            let path = format!("/api/v1/users?role={role}");
            assert_refused(&app.get(&path).send().await, "INVALID_ROLE");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parameter_of_any_length_is_repeated_to_the_client_only_in_part() {
    on_each_database(async |app| {
        let path = format!("/api/v1/users?{}=1", "x".repeat(8_000));
        let response = app.get(&path).send().await;
        assert_refused(&response, "UNKNOWN_PARAMETER");
        assert!(response.text.len() < 1000, "{}", response.text.len());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_that_are_nearly_right_lead_nowhere() {
    on_each_database(async |app| {
        for path in [
            "/api/v1/Users",
            "/API/v1/users",
            "/api/v1/users.json",
            "/api/v1/%00",
            "/%2e%2e/etc/passwd",
            "/api/v1/users/1/posts/1",
        ] {
            assert_refused(&app.get(path).send().await, "ROUTE_NOT_FOUND");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_http_is_refused_without_a_word_of_the_inside() {
    on_each_database(async |app| {
        for bytes in [
            &b"GET /api/v1/users\r\n\r\n"[..],
            b"GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        ] {
            let mut client = app.connect().await;
            client.send(bytes).await;
            let response = client.response().await;
            assert_eq!(response.status, 400, "{bytes:?}");
            assert_keeps_the_inside(&response.body);
        }
        let list = app.get("/api/v1/users").send().await.expect(200).json();
        assert_eq!(list["meta"]["page"], 1);
    })
    .await;
}

async fn refuses(app: &TestApp, query: &str, code: &str) {
    for list in ["/api/v1/users", "/api/v1/posts"] {
        let response = app.get(&format!("{list}?{query}")).send().await;
        assert_eq!(response.json()["error"]["code"], code, "{list}?{query}");
        assert_refused(&response, code);
    }
}
