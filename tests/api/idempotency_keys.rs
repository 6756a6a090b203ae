//! How a key is written, and where it is looked at.

use serde_json::json;
use tests::{Response, TestApp, on_each_database};

use crate::bad_input::assert_keeps_the_inside;

const USER: &str = r#"{"name":"Ada Lovelace","email":"ada@example.com"}"#;

async fn with_key(app: &TestApp, key: &str) -> Response {
    let request = app.post("/api/v1/users").header("idempotency-key", key);
    request.body("application/json", USER).send().await
}

/// Byte by byte: no well-behaved client sends such headers.
async fn with_lines(app: &TestApp, lines: &[u8]) -> (u16, String) {
    let mut client = app.connect().await;
    let head = b"POST /api/v1/users HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Type: application/json\r\n";
    let rest = format!("Content-Length: {}\r\n\r\n{USER}", USER.len());
    // At once: what comes after the parser has refused the rest resets the connection, and the answer with it.
    let request = [head, lines, rest.as_bytes()].concat();
    client.send(request).await;
    let response = client.response().await;
    (response.status, response.body)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_key_is_refused_and_nothing_is_made() {
    on_each_database(async |app| {
        let long = "k".repeat(256);
        let quoted_long = format!("\"{long}\"");
        for key in [
            "",
            " ",
            "two words",
            "a\tb",
            "\"\"",
            "\"",
            "\"open",
            "\"a\\b\"",
            "\"a\"b",
            "\"two words\"",
            "\"k\";p=1",
            "\u{e9}",
            &long,
            &quoted_long,
        ] {
            let line = format!("Idempotency-Key: {key}\r\n");
            refused(&app, line.as_bytes()).await;
        }
        refused(&app, b"Idempotency-Key: \xff\r\n").await;
        refused(&app, b"Idempotency-Key: a\r\nidempotency-key: a\r\n").await;
        refused(&app, b"Idempotency-Key: a\r\nIdempotency-Key:\r\n").await;
        // These are no headers at all.
        for line in [
            b"Idempotency-Key: a\0b\r\n".as_slice(),
            b"Idempotency-Key: a\x7fb\r\n",
        ] {
            let (status, body) = with_lines(&app, line).await;
            assert_eq!(status, 400, "{body}");
            assert_keeps_the_inside(&body);
        }
        drop(with_key(&app, "k").await.expect(201));
    })
    .await;
}

async fn refused(app: &TestApp, lines: &[u8]) {
    let (status, body) = with_lines(app, lines).await;
    assert_eq!(status, 400, "{lines:?}: {body}");
    assert_keeps_the_inside(&body);
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["error"]["code"], "INVALID_IDEMPOTENCY_KEY");
    assert_eq!(body["error"]["details"]["field"], "Idempotency-Key");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_visible_character_is_taken_and_a_quoted_key_is_the_bare_one() {
    on_each_database(async |app| {
        let longest = "k".repeat(255);
        let visible: String = ('!'..='~').filter(|character| *character != '"').collect();
        for (number, (bare, quoted)) in [
            ("k", "\"k\"".to_owned()),
            (&longest, format!("\"{longest}\"")),
            (&visible, format!("\"{}\"", visible.replace('\\', "\\\\"))),
            ("a\"b", "\"a\\\"b\"".to_owned()),
            (
                "8e03978e-40d5-43dd-bc93-6894a57f9324",
                "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"".to_owned(),
            ),
        ]
        .into_iter()
        .enumerate()
        {
            let user = json!({ "name": "Ada", "email": format!("{number}@example.com") });
            let send = |key: &str| {
                let request = app.post("/api/v1/users").header("idempotency-key", key);
                request.json(&user).send()
            };
            let made = send(bare).await.expect(201);
            send(&quoted).await.assert_replays(&made);
            send(bare).await.assert_replays(&made);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_methods_do_not_look_at_the_key() {
    on_each_database(async |app| {
        let made = with_key(&app, "k").await.expect(201);
        let path = made.header("location").unwrap();
        for (method, status) in [("GET", 200), ("PUT", 200), ("PATCH", 200), ("DELETE", 204)] {
            let request = app
                .request(method, path)
                .header("idempotency-key", "no key");
            let request = match method {
                "PUT" => request.json(
                    &json!({ "name": "Ada King", "email": "ada@example.com", "role": "member" }),
                ),
                "PATCH" => request.json(&json!({ "name": "Ada King" })),
                _ => request,
            };
            let response = request.send().await.expect(status);
            assert_eq!(response.header("idempotency-replayed"), None);
        }
    })
    .await;
}
