//! How a body comes: its media type, its length, its encoding.

use serde_json::json;
use tests::on_each_database;

use crate::bad_input::{assert_keeps_the_inside, assert_refused};

/// The most bytes that a body may have.
const LIMIT: usize = 1024 * 1024;

const USER: &str = r#"{"name":"Ada Lovelace","email":"ada@example.com"}"#;

fn head(extra: &str) -> String {
    format!(
        "POST /api/v1/users HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Type: application/json\r\n{extra}\r\n\r\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn only_json_is_taken() {
    on_each_database(async |app| {
        for media_type in [
            "text/plain",
            "application/xml",
            "application/x-www-form-urlencoded",
            "application/jsonx",
            "application/json-patch+json",
            "application/merge-patch+json",
            "json",
            "*/*",
            "",
        ] {
            let request = app.post("/api/v1/users").body(media_type, USER);
            assert_refused(&request.send().await, "UNSUPPORTED_MEDIA_TYPE");
        }
        let mut client = app.connect().await;
        let (head, length) = (
            "POST /api/v1/users HTTP/1.1\r\nHost: test\r\nConnection: close",
            USER.len(),
        );
        client
            .send(format!("{head}\r\nContent-Length: {length}\r\n\r\n{USER}"))
            .await;
        client
            .response()
            .await
            .expect_error(415, "UNSUPPORTED_MEDIA_TYPE");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn json_is_taken_with_parameters_and_in_any_case_of_letters() {
    on_each_database(async |app| {
        let types = [
            "application/json",
            "Application/JSON",
            "application/json; charset=utf-8",
            "application/json;x=y",
        ];
        for (number, media_type) in types.into_iter().enumerate() {
            let user = json!({ "name": "Ada", "email": format!("{number}@example.com") });
            let request = app.post("/api/v1/users").body(media_type, user.to_string());
            assert_eq!(
                request.send().await.expect(201).json()["data"]["version"],
                1
            );
        }
        let patch = app
            .patch("/api/v1/users/1")
            .body("application/merge-patch+json", r#"{"name":"Ada King"}"#);
        assert_eq!(
            patch.send().await.expect(200).json()["data"]["name"],
            "Ada King"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_exactly_one_mebibyte_is_taken() {
    on_each_database(async |app| {
        let padded = format!("{USER}{}", " ".repeat(LIMIT - USER.len()));
        let request = app.post("/api/v1/users").body("application/json", padded);
        assert_eq!(
            request.send().await.expect(201).json()["data"]["name"],
            "Ada Lovelace"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_announced_as_too_large_is_refused_before_it_is_read() {
    on_each_database(async |app| {
        for length in ["1048577", "99999999999"] {
            let mut client = app.connect().await;
            client
                .send(head(&format!("Content-Length: {length}")))
                .await;
            client
                .response()
                .await
                .expect_error(413, "PAYLOAD_TOO_LARGE");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_unknown_length_is_refused_where_it_becomes_too_large() {
    on_each_database(async |app| {
        let mut client = app.connect().await;
        client.send(head("Transfer-Encoding: chunked")).await;
        client
            .send(format!("{:x}\r\n{}\r\n", LIMIT, " ".repeat(LIMIT)))
            .await;
        // The byte that breaks the limit. No end follows: the service does not wait for the rest of the body.
        client.send("1\r\n \r\n").await;
        client
            .response()
            .await
            .expect_error(413, "PAYLOAD_TOO_LARGE");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_in_chunks_is_put_together() {
    on_each_database(async |app| {
        let mut client = app.connect().await;
        client.send(head("Transfer-Encoding: chunked")).await;
        let (first, second) = USER.split_at(10);
        client
            .send(format!("{:x}\r\n{first}\r\n", first.len()))
            .await;
        client
            .send(format!("{:x}\r\n{second}\r\n0\r\n\r\n", second.len()))
            .await;
        let response = client.response().await;
        assert_eq!(response.status, 201, "{}", response.body);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn chunks_that_are_none_are_refused() {
    on_each_database(async |app| {
        for chunk in ["zz\r\n{}\r\n", "ffffffffffffffffff\r\n{}\r\n", "-1\r\n"] {
            let mut client = app.connect().await;
            client.send(head("Transfer-Encoding: chunked")).await;
            client.send(chunk).await;
            let response = client.response().await;
            assert_eq!(response.status, 400, "{chunk:?}: {}", response.body);
            assert_keeps_the_inside(&response.body);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_without_end_is_not_read_where_the_request_is_refused_before() {
    on_each_database(async |app| {
        for (headers, status) in [
            ("Content-Type: text/plain", 415),
            ("Content-Type: application/json\r\nAccept: text/csv", 406),
            ("Content-Type: application/json\r\nContent-Encoding: gzip", 415),
        ] {
            let mut client = app.connect().await;
            let head = format!(
                "POST /api/v1/users HTTP/1.1\r\nHost: test\r\n{headers}\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{{\r\n"
            );
            client.send(head).await;
            // It is answered to its end, which only a closed connection has.
            let response = client.response().await;
            assert_eq!(response.status, status, "{headers}: {}", response.body);
        }
    })
    .await;
}
