//! Answers that say what went wrong: one for each status, with the codes that can come there and no others.

use serde_json::{Map, Value, json};

use super::{content, headers, reference, representations};
use crate::{controllers::representations::PROBLEM_JSON, error::ErrorCode};

/// Answers with more codes than this belong to one operation. The others are components.
const MOST_OF_A_COMPONENT: usize = 3;

/// The answers to what goes wrong, by their statuses. Those that other operations may have too are put among `components`.
pub(super) fn responses(
    codes: &[ErrorCode],
    components: &mut Map<String, Value>,
) -> Map<String, Value> {
    let mut responses = Map::new();
    let mut codes = codes.to_vec();
    codes.sort_unstable_by_key(|code| (code.status(), *code));
    codes.dedup();
    for codes in codes.chunk_by(|code, next| code.status() == next.status()) {
        let Some(first) = codes.first() else { continue };
        let mut response = response(first.status(), codes);
        if codes.len() <= MOST_OF_A_COMPONENT {
            let name = names(codes).join(".");
            let shared = reference("responses", &name);
            components.insert(name, std::mem::replace(&mut response, shared));
        }
        responses.insert(first.status().to_string(), response);
    }
    responses
}

fn names(codes: &[ErrorCode]) -> Vec<&'static str> {
    codes.iter().map(|code| code.as_str()).collect()
}

fn response(status: u16, codes: &[ErrorCode]) -> Value {
    let sentence = |code: &ErrorCode| format!("`{}`: {}.", code.as_str(), code.message());
    let sentences: Vec<_> = codes.iter().map(sentence).collect();
    let one_of = json!({ "enum": names(codes) });
    let error = json!({
        "schema": {
            "allOf": [
                reference("schemas", "Error"),
                { "type": "object", "properties": { "error": { "type": "object", "properties": { "code": one_of } } } },
            ],
        },
    });
    let problem = json!({
        "schema": {
            "allOf": [
                reference("schemas", "Problem"),
                { "type": "object", "properties": { "code": one_of, "status": { "const": status } } },
            ],
        },
    });
    let mut content = content(&representations(), &error);
    content.insert(PROBLEM_JSON.to_owned(), problem);
    json!({
        "description": sentences.join("\n\n"),
        "headers": headers::of_answer(own_headers(status)),
        "content": content,
    })
}

fn own_headers(status: u16) -> &'static [&'static str] {
    match status {
        405 => &["Cache-Control", "Vary", "X-Content-Type-Options", "Allow"],
        409 | 503 => &[
            "Cache-Control",
            "Vary",
            "X-Content-Type-Options",
            "Retry-After",
        ],
        _ => &["Cache-Control", "Vary", "X-Content-Type-Options"],
    }
}
