//! The shapes of what is sent and answered.

mod envelopes;
mod errors;
mod posts;
mod users;

use serde_json::{Map, Value, json};

use super::{patterns, reference};
use crate::models::{Body, EmailAddress, Name, PostStatus, Role, Title};

/// Every schema under its name.
pub(super) fn all() -> Map<String, Value> {
    let mut schemas = values();
    schemas.extend(users::all());
    schemas.extend(posts::all());
    schemas.extend(envelopes::all());
    schemas.extend(errors::all());
    schemas
}

fn schema(name: &str) -> Value {
    reference("schemas", name)
}

/// An object with these members and no others.
fn object(required: &[&str], properties: &Value) -> Value {
    json!({ "type": "object", "required": required, "properties": properties, "additionalProperties": false })
}

/// An array whose items are elements of that name in XML.
fn array(of: &str, max_items: u32) -> Value {
    let items = json!({ "allOf": [schema(of)], "xml": { "name": "item" } });
    json!({ "type": "array", "items": items, "maxItems": max_items, "xml": { "wrapped": true } })
}

fn values() -> Map<String, Value> {
    let values = json!({
        "Id": {
            "description": "A 64-bit number as text, because JavaScript would round it.",
            "type": "string", "pattern": patterns::ID, "examples": ["42"],
        },
        "Timestamp": {
            "description": "RFC 3339, in UTC.",
            "type": "string", "format": "date-time", "examples": ["2024-01-01T00:00:00Z"],
        },
        "Version": {
            "description": "1 for what is new, one more with each change.",
            "type": "integer", "format": "int32", "minimum": 1, "examples": [7],
        },
        "Name": {
            "description": "On one line, with no space at either end.",
            "type": "string", "minLength": 1, "maxLength": Name::MAX, "pattern": patterns::LINE, "examples": ["Ada Lovelace"],
        },
        "EmailAddress": {
            "description": "An address as browsers accept it, with a dot in its domain. Unique, whatever the case of letters.",
            "type": "string", "maxLength": EmailAddress::MAX, "pattern": patterns::EMAIL, "examples": ["ada@example.org"],
        },
        "Role": {
            "description": "What a user may do.",
            "type": "string", "enum": Role::ALL.iter().map(|role| role.as_str()).collect::<Vec<_>>(),
        },
        "Title": {
            "description": "On one line, with no space at either end.",
            "type": "string", "minLength": 1, "maxLength": Title::MAX, "pattern": patterns::LINE, "examples": ["Notes on the engine"],
        },
        "Body": {
            "description": "Not blank. Of the control characters only line breaks and tabs are allowed.",
            "type": "string", "minLength": 1, "maxLength": Body::MAX, "pattern": patterns::TEXT, "examples": ["It weaves algebraic patterns."],
        },
        "PostStatus": {
            "description": "Where a post stands between first draft and archive.",
            "type": "string", "enum": PostStatus::ALL.iter().map(|status| status.as_str()).collect::<Vec<_>>(),
        },
    });
    members(values)
}

/// The members of an object that was written with `json!`.
fn members(object: Value) -> Map<String, Value> {
    match object {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// The properties, and others.
fn with(properties: &Value, others: Value) -> Value {
    let mut all = members(properties.clone());
    all.extend(members(others));
    all.into()
}
