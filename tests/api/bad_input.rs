//! What every test of bad input asks of an answer: a client's error in the usual body, and nothing of the inside.

use tests::Response;

/// Words of the inside, in lower case: SQL, names of libraries and types, how values are shown to developers, paths of source files, names of
/// constraints.
pub const INSIDE: [&str; 28] = [
    "select ",
    "insert ",
    "sqlite",
    "postgres",
    "constraint",
    "users_email_key",
    "_fkey",
    "diesel",
    "serde",
    "actix",
    "tokio",
    "hyper",
    "::",
    "error(",
    " { ",
    "some(",
    "none)",
    "ok(",
    "caused by",
    "at line",
    "os error",
    "canceling statement",
    ".rs",
    "/src/",
    "/work",
    "panick",
    "payload reached",
    "invalid chunk",
];

/// Fails unless it is a client's error that tells nothing of the inside.
#[track_caller]
pub fn assert_refused(response: &Response, code: &str) {
    let status = response.status.as_u16();
    assert!((400..500).contains(&status), "{status}: {}", response.text);
    assert_keeps_the_inside(&response.text);
    assert_eq!(response.json()["error"]["code"], code, "{}", response.text);
}

/// Fails if the body tells of the inside.
#[track_caller]
pub fn assert_keeps_the_inside(body: &str) {
    let lower = body.to_lowercase();
    for word in INSIDE {
        assert!(!lower.contains(word), "{word}: {body}");
    }
}
