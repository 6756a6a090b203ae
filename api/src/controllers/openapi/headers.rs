//! The headers of answers.

use serde_json::{Map, Value, json};

use super::reference;

/// On every answer, whatever it says.
const OF_EVERY_ANSWER: [&str; 3] = ["X-Request-Id", "traceresponse", "Server-Timing"];

/// Name, whether it is always there, what it says, an example.
type Header = (&'static str, bool, &'static str, &'static str);

const HEADERS: [Header; 15] = [
    (
        "ETag",
        true,
        "Names this state of this resource in this representation. Send it back in `If-None-Match` or `If-Match`.",
        "\"user-42-7-json1\"",
    ),
    (
        "Last-Modified",
        false,
        "When the resource came into this state, to the second. Not before that second is over, and not where `include` shows others, which change by themselves.",
        "Mon, 01 Jan 2024 00:00:00 GMT",
    ),
    (
        "Location",
        true,
        "The address of what was made.",
        "/api/v1/users/42",
    ),
    (
        "Link",
        false,
        "The links of the body (RFC 8288), as many as fit into 2 KiB.",
        "</api/v1/users?page=2&limit=20>; rel=\"next\"",
    ),
    (
        "Cache-Control",
        true,
        "What caches may do with the answer.",
        "private, no-cache",
    ),
    (
        "Vary",
        true,
        "By which headers of the request the representation was chosen.",
        "Accept, Accept-Encoding",
    ),
    (
        "X-Content-Type-Options",
        true,
        "What the body is, is what `Content-Type` says.",
        "nosniff",
    ),
    (
        "Content-Security-Policy",
        true,
        "What a page may load: what is served here.",
        "default-src 'none'; script-src 'self'",
    ),
    (
        "Retry-After",
        false,
        "After how many seconds to try again.",
        "1",
    ),
    (
        "Allow",
        true,
        "The methods that the resource has.",
        "GET, HEAD, POST, OPTIONS",
    ),
    (
        "Idempotency-Replayed",
        false,
        "`true` if the answer was given before, to a request with the same `Idempotency-Key`.",
        "true",
    ),
    (
        "X-Request-Id",
        true,
        "The one of the request if it has 1 to 128 letters, digits, `.`, `_` or `-`; a new one if not.",
        "4bf92f3577b34da6a3ce929d0e0e4736",
    ),
    (
        "traceresponse",
        true,
        "The trace that the request is part of (W3C Trace Context, level 2).",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    ),
    (
        "Server-Timing",
        false,
        "Where the time went: waiting for a connection, the database, the cache, the service. Can be turned off.",
        "pool;dur=0.020, db;dur=0.310;desc=\"1 query\", cache;desc=miss, app;dur=0.120",
    ),
    (
        "Content-Encoding",
        false,
        "How the body is compressed, if it is.",
        "gzip",
    ),
];

pub(super) fn all() -> Map<String, Value> {
    let describe = |&(name, required, description, example): &Header| {
        let header = json!({
            "description": description,
            "required": required,
            "schema": { "type": "string", "examples": [example] },
        });
        (name.to_owned(), header)
    };
    HEADERS.iter().map(describe).collect()
}

/// These headers, and those of every answer.
pub(super) fn of_answer(names: &[&str]) -> Map<String, Value> {
    let names = OF_EVERY_ANSWER.iter().chain(names);
    names
        .map(|name| ((*name).to_owned(), reference("headers", name)))
        .collect()
}
