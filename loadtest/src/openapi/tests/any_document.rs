//! Whatever a document says: the draft is a scenario that can be meant, or an error.

use super::{checked, of};
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};

const DOCUMENTS: u64 = 500;
const NAMES: [&str; 9] = [
    "id", "user_id", "userId", "a.b", "x-y", "{", "ü \" \n", "1st", "unique",
];
const TEXTS: [&str; 6] = [
    "{\"a\": 1}",
    "a\u{7f}b\r\n",
    "a@example.com",
    "x|y",
    "{unique",
    "",
];

#[test]
fn a_draft_of_any_document_can_be_read() {
    let mut drafts = 0;
    for seed in 0..DOCUMENTS {
        let document = document(&mut ChaCha8Rng::seed_from_u64(seed));
        match of(&document) {
            Ok(draft) => {
                checked(&draft);
                drafts += 1;
            }
            Err(error) => assert!(error.contains("without knowing more"), "{error}"),
        }
    }
    assert!(drafts > DOCUMENTS / 2, "{drafts}");
}

fn document(dice: &mut ChaCha8Rng) -> Value {
    let mut paths = Map::new();
    for collection in ["/users", "/posts/", "/a b/ü", "/"] {
        let name = pick(dice, &NAMES);
        let item = format!("{}/{{{name}}}", collection.trim_end_matches('/'));
        paths.insert(collection.to_owned(), item_of(dice, &["get", "post"]));
        paths.insert(item.clone(), item_of(dice, &["get", "delete", "patch"]));
        paths.insert(format!("{item}/more"), item_of(dice, &["get", "post"]));
    }
    json!({
        "openapi": "3.1.0", "info": { "title": pick(dice, &TEXTS) }, "paths": paths,
        "servers": [{ "url": pick(dice, &["/", "/v1", "https://h.example/x{", "::"]) }],
        "security": [{ "any": [] }],
        "components": {
            "schemas": { "Loop": { "properties": { "l": { "$ref": "#/components/schemas/Loop" } }, "required": ["l"] } },
            "securitySchemes": { "any": scheme(dice) },
        },
    })
}

fn scheme(dice: &mut ChaCha8Rng) -> Value {
    let place = pick(dice, &["header", "query", "cookie"]);
    let kind = pick(dice, &["apiKey", "http", "oauth2"]);
    json!({ "type": kind, "scheme": "Basic", "in": place, "name": "X-Key" })
}

fn item_of(dice: &mut ChaCha8Rng, methods: &[&str]) -> Value {
    let mut item = Map::new();
    for method in methods {
        let parameters: Vec<_> = (0..dice.random_range(0..3))
            .map(|_| parameter(dice))
            .collect();
        let media = json!({ "schema": schema(dice, 3) });
        let kind = pick(
            dice,
            &[
                "application/json",
                "application/vnd.x+json",
                "application/x-www-form-urlencoded",
                "text/plain",
            ],
        );
        let response = json!({ "content": { "application/json": { "schema": schema(dice, 3) } }, "headers": { "location": {} } });
        let mut operation = json!({ "parameters": parameters, "responses": { pick(dice, &["200", "2XX", "default", "404"]): response } });
        if *method == "post" {
            operation["requestBody"] =
                json!({ "required": dice.random_bool(0.5), "content": { kind: media } });
        }
        item.insert((*method).to_owned(), operation);
    }
    item.into()
}

fn parameter(dice: &mut ChaCha8Rng) -> Value {
    json!({
        "name": pick(dice, &NAMES), "in": pick(dice, &["query", "header", "query", "path"]),
        "required": dice.random_bool(0.3), "schema": schema(dice, 1),
    })
}

fn schema(dice: &mut ChaCha8Rng, depth: u32) -> Value {
    let leaf = depth == 0 || dice.random_bool(0.3);
    match dice.random_range(0..if leaf { 6 } else { 9 }) {
        0 => json!({ "type": "integer", "minimum": dice.random_range(-5..5), "multipleOf": 3 }),
        1 => {
            json!({ "type": ["null", "string"], "minLength": dice.random_range(0..9), "maxLength": dice.random_range(9..99) })
        }
        2 => json!({ "type": "string", "example": pick(dice, &TEXTS) }),
        3 => json!({ "enum": [pick(dice, &TEXTS), 1, u64::MAX, null_or(dice)] }),
        4 => json!({ "type": "number", "exclusiveMaximum": 0.5 }),
        5 => {
            json!({ "$ref": pick(dice, &["#/components/schemas/Loop", "other.json", "#/nowhere"]) })
        }
        6 => {
            json!({ "type": "array", "minItems": dice.random_range(0..3), "items": schema(dice, depth - 1) })
        }
        7 => json!({ "oneOf": [schema(dice, depth - 1), schema(dice, depth - 1)] }),
        _ => {
            let name = pick(dice, &NAMES);
            let fields = json!({ name: schema(dice, depth - 1), "id": schema(dice, 0) });
            json!({ "type": "object", "properties": fields, "required": [name] })
        }
    }
}

fn null_or(dice: &mut ChaCha8Rng) -> Value {
    if dice.random_bool(0.5) {
        Value::Null
    } else {
        json!([{ "a": null }])
    }
}

fn pick<'a>(dice: &mut ChaCha8Rng, from: &[&'a str]) -> &'a str {
    from.choose(dice).unwrap()
}
