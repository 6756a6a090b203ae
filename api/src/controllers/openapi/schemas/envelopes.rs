//! What stands around data: `{ "data": …, "meta": … }`, and for lists `links`.

use serde_json::{Map, Value, json};

use super::{array, members, object, schema, users::describe, with};
use crate::models::Page;

pub(super) fn all() -> Map<String, Value> {
    let mut envelopes = links_and_meta();
    for (name, data) in [
        ("OneUser", schema("User")),
        ("OneShownUser", schema("ShownUser")),
        ("OnePost", schema("Post")),
        ("OneShownPost", schema("ShownPost")),
        ("Root", root()),
        ("Index", index()),
        ("OneErrorCode", schema("ErrorCode")),
    ] {
        let properties = json!({ "data": data, "meta": schema("Meta") });
        envelopes.insert(name.to_owned(), response(&["data", "meta"], &properties));
    }
    for (name, of) in [("Users", "ShownUser"), ("Posts", "ShownPost")] {
        let properties = json!({ "data": array(of, Page::MAX_LIMIT), "meta": schema("ListMeta"), "links": schema("ListLinks") });
        envelopes.insert(
            name.to_owned(),
            response(&["data", "meta", "links"], &properties),
        );
    }
    let properties = json!({ "data": array("ErrorCode", Page::MAX_LIMIT), "meta": schema("Meta") });
    envelopes.insert(
        "ErrorCodes".to_owned(),
        response(&["data", "meta"], &properties),
    );
    envelopes
}

/// The root of an answer, which has a name in XML.
pub(super) fn response(required: &[&str], properties: &Value) -> Value {
    let mut response = members(object(required, properties));
    response.insert("xml".to_owned(), json!({ "name": "response" }));
    response.into()
}

fn links_and_meta() -> Map<String, Value> {
    let address = json!({ "type": "string", "format": "uri-reference" });
    members(json!({
        "Meta": object(&["timestamp"], &json!({ "timestamp": schema("Timestamp") })),
        "ListMeta": object(&["timestamp", "limit", "has_more"], &json!({
            "timestamp": schema("Timestamp"),
            "limit": { "type": "integer", "minimum": 1, "maximum": Page::MAX_LIMIT, "examples": [Page::DEFAULT_LIMIT] },
            "page": { "description": "Where pages are asked for by number.", "type": "integer", "minimum": 1, "maximum": Page::MAX_ROW, "examples": [1] },
            "has_more": { "description": "Whether there is a next page.", "type": "boolean" },
            "total": { "description": "How many there are, if `count` asks for it.", "type": "integer", "minimum": 0, "examples": [10000] },
            "total_is_estimate": { "description": "Whether `total` is reckoned from a sample instead of counted.", "type": "boolean" },
        })),
        "ListLinks": object(&["self", "first"], &json!({
            "self": address,
            "first": address,
            "prev": { "description": "Not there on the first page.", "type": "string", "format": "uri-reference" },
            "next": { "description": "Not there on the last page.", "type": "string", "format": "uri-reference" },
        })),
    }))
}

/// An object of addresses, and others.
fn addresses(names: &[&str], others: Value) -> Value {
    let properties: Map<String, Value> = names
        .iter()
        .map(|name| ((*name).to_owned(), json!({ "type": "string" })))
        .collect();
    let properties = with(&properties.into(), others);
    let all: Vec<_> = properties.as_object().into_iter().flatten().collect();
    let required: Vec<_> = all.iter().map(|(name, _)| name.as_str()).collect();
    object(&required, &properties)
}

fn root() -> Value {
    addresses(&["self", "api", "openapi", "docs", "errors"], json!({}))
}

fn index() -> Value {
    let mut templates = addresses(&["user", "post", "user_posts"], json!({}));
    describe(
        &mut templates,
        "Addresses in which an id is to be filled in (RFC 6570).",
    );
    let links = ["self", "users", "posts", "openapi", "docs", "errors"];
    addresses(&links, json!({ "templates": templates }))
}
