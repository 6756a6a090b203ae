//! The one line of a request: a fixed schema, and valid JSON whatever the client sends.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use tests::{TestApp, on_each_database};

use crate::traffic::{self, MIX};

/// The keys, in their order, each with the type of its value.
const SCHEMA: [(&str, &str); 24] = [
    ("timestamp", "time"),
    ("level", "string"),
    ("target", "string"),
    ("message", "string"),
    ("event", "string"),
    ("trace_id", "string"),
    ("span_id", "string"),
    ("request_id", "string"),
    ("http.route", "string"),
    ("http.request.method", "string"),
    ("url.path", "string"),
    ("http.response.status_code", "whole number"),
    ("http.response.body.size", "whole number"),
    ("duration_ms", "number"),
    ("db.queries", "whole number"),
    ("db.rows", "whole number"),
    ("db.ms", "number"),
    ("db.wait_ms", "number"),
    ("cache.hits", "whole number"),
    ("cache.misses", "whole number"),
    ("over_budget", "boolean"),
    ("dominant_phase", "string"),
    ("worker", "whole number"),
    ("revision", "string"),
];

/// Whether a value is of the type that the schema says.
fn is_a(kind: &str, value: &Value) -> bool {
    match kind {
        "time" => value.as_str().is_some_and(is_time),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "whole number" => value.is_u64(),
        "number" => value.as_f64().is_some_and(|number| number >= 0.0),
        _ => false,
    }
}

/// `2024-01-01T00:00:00.000Z`
fn is_time(text: &str) -> bool {
    let pattern = "dddd-dd-ddTdd:dd:dd.dddZ";
    text.len() == pattern.len()
        && text.chars().zip(pattern.chars()).all(|(character, like)| {
            if like == 'd' {
                character.is_ascii_digit()
            } else {
                character == like
            }
        })
}

#[track_caller]
fn assert_schema(line: &Map<String, Value>) {
    let found: BTreeSet<&str> = line.keys().map(String::as_str).collect();
    let expected: BTreeSet<&str> = SCHEMA.iter().map(|(key, _)| *key).collect();
    assert_eq!(found, expected);
    for (key, kind) in SCHEMA {
        let value = &line[key];
        assert!(is_a(kind, value), "{key} is {value}, and no {kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_line_has_exactly_the_keys_and_types_of_the_schema() {
    on_each_database(async |app| {
        traffic::run(&app).await;
        let lines = app.access_lines(MIX.len()).await;
        assert_eq!(lines.len(), MIX.len());
        for line in &lines {
            assert_schema(line.as_object().unwrap());
            assert_eq!(line["target"], "api::access");
            assert_eq!(line["event"], "http.request");
            let hex = |key: &str, digits| {
                line[key].as_str().is_some_and(|id| {
                    id.len() == digits && id.bytes().all(|byte| byte.is_ascii_hexdigit())
                })
            };
            assert!(hex("trace_id", 32) && hex("span_id", 16), "{line}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_says_what_was_asked_what_was_answered_and_what_it_cost() {
    on_each_database(async |app| {
        let id = app.create_user("Ada Lovelace", "ada@example.com").await;
        let first = app
            .get(&format!("/api/v1/users/{id}?"))
            .send()
            .await
            .expect(200);
        app.get(&format!("/api/v1/users/{id}")).send().await;
        let lines = app.access_lines(3).await;
        let line = |method: &str, queries: u64| {
            let found = lines.iter().find(|line| {
                line["http.request.method"] == method && line["db.queries"] == queries
            });
            found.unwrap_or_else(|| panic!("{method} with {queries} queries in {lines:?}"))
        };
        let (made, loaded, cached) = (line("POST", 1), line("GET", 1), line("GET", 0));
        assert_eq!(made["http.route"], "POST /api/v1/users");
        assert_eq!(made["http.response.status_code"], 201);
        assert_eq!(loaded["http.route"], "GET /api/v1/users/{user_id}");
        assert_eq!(loaded["url.path"], "/api/v1/users/1");
        assert_eq!(loaded["http.response.body.size"], first.text.len());
        assert_eq!(
            (
                &loaded["db.rows"],
                &loaded["cache.misses"],
                &loaded["cache.hits"]
            ),
            (&1.into(), &1.into(), &0.into())
        );
        assert_eq!(
            (
                &cached["db.rows"],
                &cached["cache.misses"],
                &cached["cache.hits"]
            ),
            (&0.into(), &0.into(), &1.into())
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_with_quotes_unicode_and_control_characters_is_still_one_valid_line() {
    on_each_database(async |app| {
        let long = format!("/{}", "%C3%A9".repeat(200));
        let paths = [
            "/\"quoted\"",
            "/\\back\\slash",
            "/%00%0a%1b[31m",
            "/{\"a\":1}",
            "/k%C3%A4se/%F0%9F%A7%80",
            "/a%E2%80%A8b",
            "/%3Cscript%3E",
            &long,
        ];
        for path in paths {
            send(&app, path).await;
        }
        // Fails where a line is no JSON.
        let lines = app.access_lines(paths.len()).await;
        assert_eq!(lines.len(), paths.len());
        for path in paths.iter().filter(|path| path.len() <= 256) {
            assert!(
                lines.iter().any(|line| line["url.path"] == *path),
                "{path:?} in {lines:?}"
            );
        }
        for line in lines {
            assert_schema(line.as_object().unwrap());
            assert_eq!(line["http.route"], "_unmatched");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parameter_never_reaches_the_log() {
    on_each_database(async |app| {
        app.get("/api/v1/users?secret=hunter2")
            .send()
            .await
            .expect_error(400, "UNKNOWN_PARAMETER");
        let lines = app.access_lines(1).await;
        assert_eq!(lines[0]["url.path"], "/api/v1/users");
        assert!(!lines[0].to_string().contains("hunter2"));
    })
    .await;
}

/// Sends the path as it is, which no client would.
async fn send(app: &TestApp, path: &str) {
    let mut client = app.connect().await;
    client
        .send(format!(
            "GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"
        ))
        .await;
    let response = client.response().await;
    assert_eq!(response.status, 404, "{path:?}");
}
