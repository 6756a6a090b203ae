//! Errors in both their forms, and what explains them.

use serde_json::{Map, Value, json};

use super::{array, envelopes, members, object, schema};
use crate::error::{Error, ErrorCode};

pub(super) fn all() -> Map<String, Value> {
    let sentence = json!({ "type": "string", "minLength": 1 });
    let error = object(
        &["code", "message", "retryable"],
        &json!({
            "code": schema("Code"),
            "message": sentence,
            "details": details(),
            "retryable": { "description": "Whether the same request may succeed if it is sent again.", "type": "boolean" },
        }),
    );
    let meta = object(
        &["timestamp"],
        &json!({
            "timestamp": schema("Timestamp"),
            "request_id": { "description": "That of `X-Request-Id`.", "type": "string" },
            "trace_id": { "description": "That of `traceresponse`. The log knows the request by it.", "type": "string" },
        }),
    );
    let codes: Vec<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
    members(json!({
        "Code": { "description": "A closed list. `/errors/{code}` says more about each.", "type": "string", "enum": codes },
        "Error": envelopes::response(&["error", "meta"], &json!({ "error": error, "meta": meta })),
        "Violation": object(&["field", "code", "message"], &json!({
            "field": { "description": "Where: a JSON Pointer into the body, or the name of a parameter.", "type": "string" },
            "code": schema("Code"),
            "message": { "description": "What is wrong there, and what is allowed.", "type": "string" },
        })),
        "Problem": problem(),
        "ErrorCode": explanation(),
    }))
}

fn details() -> Value {
    let most = u32::try_from(Error::MAX_VIOLATIONS).unwrap_or(u32::MAX);
    object(
        &["errors"],
        &json!({
            "field": { "description": "The only thing that is wrong, if it is one.", "type": "string" },
            "errors": array("Violation", most),
        }),
    )
}

/// RFC 9457, with members of our own.
fn problem() -> Value {
    let most = Error::MAX_VIOLATIONS;
    json!({
        "description": "The same error by RFC 9457.",
        "type": "object",
        "required": ["type", "title", "status", "code"],
        "properties": {
            "type": { "description": "Where the code is explained.", "type": "string", "format": "uri-reference" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "detail": { "type": "string" },
            "instance": { "type": "string", "format": "uri-reference" },
            "code": schema("Code"),
            "errors": { "type": "array", "items": schema("Violation"), "maxItems": most },
            "retryable": { "type": "boolean" },
            "timestamp": schema("Timestamp"),
            "request_id": { "type": "string" },
            "trace_id": { "type": "string" },
        },
    })
}

/// What `/errors/{code}` says.
fn explanation() -> Value {
    let sentence = json!({ "type": "string", "minLength": 1 });
    object(
        &["code", "status", "message", "cause", "remedy", "retryable"],
        &json!({
            "code": schema("Code"),
            "status": { "type": "integer", "minimum": 400, "maximum": 599, "examples": [409] },
            "message": sentence,
            "cause": sentence,
            "remedy": sentence,
            "retryable": { "type": "boolean" },
        }),
    )
}
