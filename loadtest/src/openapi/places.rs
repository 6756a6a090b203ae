//! Where an answer tells the ids of what is in it.

use super::document::Document;
use serde_json::Value;

/// Objects within objects that are looked into.
const DEPTH: usize = 3;
/// Names that lists and single resources have in envelopes, the likeliest first.
const ENVELOPES: [&str; 5] = ["data", "items", "results", "records", "value"];
/// Names that ids have, besides that of the parameter which asks for them.
const IDS: [&str; 5] = ["id", "uuid", "_id", "slug", "key"];

/// Where the ids of a list are, as `/data/*/id`.
pub(super) fn in_list(document: &Document, schema: &Value, parameter: &str) -> Option<String> {
    (0..=DEPTH).find_map(|depth| list_at(document, schema, parameter, depth))
}

/// Where the id of a resource is, as `/data/id`.
pub(super) fn in_resource(document: &Document, schema: &Value, parameter: &str) -> Option<String> {
    (0..DEPTH).find_map(|depth| resource_at(document, schema, parameter, depth))
}

/// The same at this depth, and no other.
fn list_at(document: &Document, schema: &Value, parameter: &str, depth: usize) -> Option<String> {
    let schema = document.resolve(schema)?;
    if depth == 0 {
        let items = schema.get("items")?;
        let id = id_of(document, items, parameter)?;
        return Some(format!("/*/{id}"));
    }
    within(document, schema, |inner| {
        list_at(document, inner, parameter, depth - 1)
    })
}

fn resource_at(
    document: &Document,
    schema: &Value,
    parameter: &str,
    depth: usize,
) -> Option<String> {
    let schema = document.resolve(schema)?;
    if depth == 0 {
        return id_of(document, schema, parameter).map(|id| format!("/{id}"));
    }
    within(document, schema, |inner| {
        resource_at(document, inner, parameter, depth - 1)
    })
}

/// What `find` finds in one of the fields, with the field in front.
fn within(
    document: &Document,
    schema: &Value,
    find: impl Fn(&Value) -> Option<String>,
) -> Option<String> {
    let fields = fields(document, schema, DEPTH);
    let likely = ENVELOPES.iter();
    let likely = likely.filter_map(|name| fields.iter().find(|(field, _)| field == name));
    let mut all = likely.chain(fields.iter());
    all.find_map(|(name, inner)| Some(format!("/{}{}", escaped(name), find(inner)?)))
}

/// The name of the field that is the id.
fn id_of(document: &Document, schema: &Value, parameter: &str) -> Option<String> {
    let schema = document.resolve(schema)?;
    let fields = fields(document, schema, DEPTH);
    let own = fields.iter().find(|(name, _)| same(name, parameter));
    let usual = || {
        let mut names = IDS.iter();
        names.find_map(|id| fields.iter().find(|(name, _)| name == id))
    };
    let (name, _) = own.or_else(usual)?;
    Some(escaped(name))
}

/// The fields of an object, with those of the parts that it is made of.
fn fields<'d>(
    document: &'d Document,
    schema: &'d Value,
    depth: usize,
) -> Vec<(&'d str, &'d Value)> {
    let Some(schema) = document.resolve(schema) else {
        return Vec::new();
    };
    let own = schema.get("properties").and_then(Value::as_object);
    let own = own.into_iter().flatten();
    let mut found: Vec<_> = own.map(|(name, field)| (name.as_str(), field)).collect();
    if depth > 0 {
        for parts in ["allOf", "oneOf", "anyOf"] {
            let parts = schema.get(parts).and_then(Value::as_array);
            for part in parts.into_iter().flatten() {
                found.extend(fields(document, part, depth - 1));
            }
        }
    }
    found
}

/// The same name, however its words are joined: `userId` and `user_id`.
pub(super) fn same(left: &str, right: &str) -> bool {
    let plain = |name: &str| -> String {
        let letters = name.chars().filter(char::is_ascii_alphanumeric);
        letters.map(|letter| letter.to_ascii_lowercase()).collect()
    };
    plain(left) == plain(right)
}

/// As a JSON pointer writes it.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
