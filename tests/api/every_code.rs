//! Every code of the contract happens, with its own status.

use std::{collections::BTreeSet, time::Duration};

use api::error::ErrorCode;
use serde_json::Value;
use tests::{Request, TestApp, TestOptions, on_each_database_with};

/// Codes that need a database that is broken, busy or contended: `tests/resilience` makes them happen.
const NEED_A_FAILING_DATABASE: [ErrorCode; 6] = [
    ErrorCode::Overloaded,
    ErrorCode::DatabaseUnavailable,
    ErrorCode::QueryTimeout,
    ErrorCode::DeadlineExceeded,
    ErrorCode::Internal,
    ErrorCode::Conflict,
];

/// A code, and a request that is answered with it where there is one user, 1, with the address `ada@example.com`.
type Case = (ErrorCode, &'static str, &'static str, Option<&'static str>);

const CASES: &[Case] = &[
    (
        ErrorCode::ValidationFailed,
        "POST",
        "/api/v1/users",
        Some("{}"),
    ),
    (
        ErrorCode::InvalidEmail,
        "PATCH",
        "/api/v1/users/1",
        Some(r#"{"email":"ada"}"#),
    ),
    (
        ErrorCode::InvalidName,
        "PATCH",
        "/api/v1/users/1",
        Some(r#"{"name":""}"#),
    ),
    (
        ErrorCode::InvalidRole,
        "GET",
        "/api/v1/users?role=king",
        None,
    ),
    (
        ErrorCode::InvalidTitle,
        "PATCH",
        "/api/v1/posts/1",
        Some(r#"{"title":" "}"#),
    ),
    (
        ErrorCode::InvalidBody,
        "PATCH",
        "/api/v1/posts/1",
        Some(r#"{"body":""}"#),
    ),
    (
        ErrorCode::InvalidStatus,
        "GET",
        "/api/v1/posts?status=lost",
        None,
    ),
    (ErrorCode::InvalidId, "GET", "/api/v1/users/one", None),
    (ErrorCode::MalformedJson, "POST", "/api/v1/users", Some("{")),
    (
        ErrorCode::UnknownField,
        "PATCH",
        "/api/v1/users/1",
        Some(r#"{"age":36}"#),
    ),
    (
        ErrorCode::UnknownParameter,
        "GET",
        "/api/v1/users?age=36",
        None,
    ),
    (
        ErrorCode::ConflictingParameters,
        "GET",
        "/api/v1/users?page=1&page=2",
        None,
    ),
    (
        ErrorCode::InvalidLimit,
        "GET",
        "/api/v1/users?limit=101",
        None,
    ),
    (ErrorCode::InvalidPage, "GET", "/api/v1/users?page=0", None),
    (
        ErrorCode::PageOutOfRange,
        "GET",
        "/api/v1/users?page=101&limit=100",
        None,
    ),
    (
        ErrorCode::InvalidSort,
        "GET",
        "/api/v1/users?sort=email",
        None,
    ),
    (
        ErrorCode::InvalidCursor,
        "GET",
        "/api/v1/users?cursor=forged",
        None,
    ),
    (
        ErrorCode::InvalidFilter,
        "GET",
        "/api/v1/users?id[in]=one",
        None,
    ),
    (
        ErrorCode::InvalidFields,
        "GET",
        "/api/v1/users?fields=id,age",
        None,
    ),
    (
        ErrorCode::InvalidInclude,
        "GET",
        "/api/v1/users?include=author",
        None,
    ),
    (
        ErrorCode::InvalidCount,
        "GET",
        "/api/v1/users?count=all",
        None,
    ),
    (ErrorCode::UserNotFound, "GET", "/api/v1/users/2", None),
    (ErrorCode::PostNotFound, "GET", "/api/v1/posts/1", None),
    (
        ErrorCode::PreconditionRequired,
        "DELETE",
        "/api/v1/posts/1",
        None,
    ),
    (ErrorCode::RouteNotFound, "GET", "/api/v2/users", None),
    (
        ErrorCode::MethodNotAllowed,
        "POST",
        "/api/v1/users/1",
        Some("{}"),
    ),
    (
        ErrorCode::EmailTaken,
        "POST",
        "/api/v1/users",
        Some(r#"{"name":"A","email":"Ada@example.com"}"#),
    ),
    (
        ErrorCode::AuthorNotFound,
        "POST",
        "/api/v1/posts",
        Some(r#"{"author_id":"2","title":"T","body":"B"}"#),
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_code_happens_with_its_status() {
    let options = || TestOptions {
        body_timeout: Duration::from_millis(100),
        ..TestOptions::default()
    };
    on_each_database_with(options, async |app| {
        app.create_user("Ada Lovelace", "ada@example.com").await;
        let mut seen = BTreeSet::from(NEED_A_FAILING_DATABASE);
        for &(code, method, path, body) in CASES {
            let request = app.request(method, path);
            happens(
                code,
                body.map_or(app.request(method, path), |body| {
                    request.body("application/json", body)
                }),
            )
            .await;
            seen.insert(code);
        }
        seen.insert(a_wrong_media_type(&app).await);
        seen.insert(another_state(&app).await);
        seen.insert(a_path_that_is_too_long(&app).await);
        seen.insert(a_body_that_is_too_large(&app).await);
        seen.insert(a_body_that_does_not_come(&app).await);
        seen.insert(a_cursor_of_another_list(&app).await);
        let all: BTreeSet<_> = ErrorCode::ALL.iter().copied().collect();
        assert_eq!(seen, all);
    })
    .await;
}

#[test]
fn the_codes_left_to_other_tests_are_in_no_case_here() {
    for (code, ..) in CASES {
        assert!(!NEED_A_FAILING_DATABASE.contains(code), "{code:?}");
    }
}

/// Whether it can be tried again is part of the contract, and so is a message.
async fn happens(code: ErrorCode, request: Request) {
    let body = request
        .send()
        .await
        .expect_error(code.status(), code.as_str());
    assert_eq!(body["error"]["retryable"], code.retryable(), "{body}");
    let message = body["error"]["message"].as_str();
    assert!(message.is_some_and(|message| !message.is_empty()), "{body}");
    assert_ne!(body["meta"]["request_id"], Value::Null, "{body}");
}

async fn a_cursor_of_another_list(app: &TestApp) -> ErrorCode {
    let code = ErrorCode::CursorMismatch;
    app.create_user("Grace Hopper", "grace@example.com").await;
    let path = "/api/v1/users?cursor=start&limit=1";
    let list = app.get(path).send().await.expect(200).json();
    let next = list["links"]["next"].as_str().unwrap();
    happens(code, app.get(&format!("{next}&role=admin"))).await;
    code
}

async fn a_wrong_media_type(app: &TestApp) -> ErrorCode {
    let code = ErrorCode::UnsupportedMediaType;
    happens(code, app.post("/api/v1/users").body("text/plain", "{}")).await;
    code
}

async fn another_state(app: &TestApp) -> ErrorCode {
    let code = ErrorCode::PreconditionFailed;
    let request = app.get("/api/v1/users/1");
    happens(code, request.header("if-match", "\"user-1-9-json1\"")).await;
    code
}

async fn a_path_that_is_too_long(app: &TestApp) -> ErrorCode {
    let code = ErrorCode::UriTooLong;
    happens(code, app.get(&format!("/{}", "a".repeat(8192)))).await;
    code
}

async fn a_body_that_is_too_large(app: &TestApp) -> ErrorCode {
    let code = ErrorCode::PayloadTooLarge;
    let mut client = app.connect().await;
    client.send(post_head("Content-Length: 1048577")).await;
    client
        .response()
        .await
        .expect_error(code.status(), code.as_str());
    code
}

async fn a_body_that_does_not_come(app: &TestApp) -> ErrorCode {
    let code = ErrorCode::RequestTimeout;
    let mut client = app.connect().await;
    client.send(post_head("Content-Length: 100")).await;
    client.send(r#"{"name":"Ada"#).await;
    client
        .response()
        .await
        .expect_error(code.status(), code.as_str());
    code
}

fn post_head(length: &str) -> String {
    format!(
        "POST /api/v1/users HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Type: application/json\r\n{length}\r\n\r\n"
    )
}
