//! Values for schemas: an example, a default, or the plainest value that the schema allows. Texts are
//! written as templates, with their braces doubled.

use super::document::Document;
use serde_json::{Map, Value, json};

/// Schemas within schemas that are looked into: one that contains itself has no end.
const DEPTH: usize = 12;
/// A longer word may come out of `{unique}` than a shorter text may hold.
const ROOM_FOR_UNIQUE: u64 = 64;
/// No longer text is drafted.
const LONGEST: usize = 10_000;

/// The value of a parameter, or of a body: its own example before that of its schema.
pub(super) fn of_holder(document: &Document, holder: &Value) -> Result<Value, String> {
    let example = example(document, holder);
    let schema = holder
        .get("schema")
        .and_then(|schema| document.resolve(schema));
    match (example, schema) {
        (Some(example), _) => template_of(example),
        (None, Some(schema)) => of_schema(document, schema, DEPTH),
        (None, None) => Err("the document says nothing about its value".to_owned()),
    }
}

/// The values that a parameter may have, if they are listed.
pub(super) fn listed<'d>(document: &'d Document, holder: &'d Value) -> Option<&'d Vec<Value>> {
    let schema = document.resolve(holder.get("schema")?)?;
    schema.get("enum")?.as_array()
}

/// The example of a parameter, or of its schema.
pub(super) fn example_of<'d>(document: &'d Document, holder: &'d Value) -> Option<&'d Value> {
    let schema = holder
        .get("schema")
        .and_then(|schema| document.resolve(schema));
    example(document, holder).or_else(|| schema.and_then(|schema| given(schema)))
}

/// `example`, or the first of `examples` as parameters and bodies have them.
fn example<'d>(document: &'d Document, holder: &'d Value) -> Option<&'d Value> {
    let first = || {
        let examples = holder.get("examples")?.as_object()?;
        document.resolve(examples.values().next()?)?.get("value")
    };
    holder.get("example").or_else(first)
}

/// What a schema gives as a value itself.
fn given(schema: &Value) -> Option<&Value> {
    let first = |key: &str| schema.get(key).and_then(Value::as_array)?.first();
    let example = schema.get("example").or_else(|| first("examples"));
    let fixed = || schema.get("const").or_else(|| schema.get("default"));
    let value = example.or_else(fixed).or_else(|| first("enum"));
    value.filter(|value| !value.is_null())
}

fn of_schema(document: &Document, schema: &Value, depth: usize) -> Result<Value, String> {
    let unknown = || "a schema that has no end, or is in another document".to_owned();
    let schema = document
        .resolve(schema)
        .filter(|_| depth > 0)
        .ok_or_else(unknown)?;
    if let Some(value) = given(schema) {
        return template_of(value);
    }
    for choice in ["oneOf", "anyOf"] {
        if let Some(choices) = schema.get(choice).and_then(Value::as_array) {
            let mut values = choices
                .iter()
                .map(|choice| of_schema(document, choice, depth - 1));
            let fits =
                |value: &Result<Value, _>| value.as_ref().is_ok_and(|value| !value.is_null());
            return values.find(fits).unwrap_or_else(|| Err(unknown()));
        }
    }
    match kind(schema) {
        "object" => object(document, schema, depth),
        "array" => array(document, schema, depth),
        "string" => text(schema),
        "integer" | "number" => Ok(number(schema)),
        "boolean" => Ok(Value::Bool(true)),
        "null" => Ok(Value::Null),
        _ => Err("a schema without a type".to_owned()),
    }
}

/// The type of a schema; where several are allowed, the first one besides null.
fn kind(schema: &Value) -> &str {
    let named = match schema.get("type") {
        Some(Value::Array(several)) => {
            let names = several.iter().filter_map(Value::as_str);
            names.clone().find(|name| *name != "null").or(Some("null"))
        }
        other => other.and_then(Value::as_str),
    };
    let is_object = schema.get("properties").is_some() || schema.get("allOf").is_some();
    named.unwrap_or(if is_object { "object" } else { "" })
}

/// Only what is required.
fn object(document: &Document, schema: &Value, depth: usize) -> Result<Value, String> {
    let mut object = Map::new();
    let parts = schema.get("allOf").and_then(Value::as_array);
    for part in parts.into_iter().flatten() {
        match of_schema(document, part, depth - 1)? {
            Value::Object(fields) => object.extend(fields),
            // A single type with a description around it.
            value if object.is_empty() && schema.get("properties").is_none() => return Ok(value),
            _ => return Err("parts that do not make one object".to_owned()),
        }
    }
    let required = schema.get("required").and_then(Value::as_array);
    for name in required.into_iter().flatten().filter_map(Value::as_str) {
        let field = schema.get("properties").and_then(|fields| fields.get(name));
        let Some(field) = field else {
            continue;
        };
        let read_only = document
            .resolve(field)
            .and_then(|field| field.get("readOnly"));
        if read_only == Some(&Value::Bool(true)) {
            continue;
        }
        let value = of_schema(document, field, depth - 1);
        let value = value.map_err(|why| format!("{name:?}: {why}"))?;
        object.insert(name.to_owned(), value);
    }
    Ok(object.into())
}

fn array(document: &Document, schema: &Value, depth: usize) -> Result<Value, String> {
    let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0);
    let Some(items) = schema.get("items").filter(|_| least > 0) else {
        return Ok(json!([]));
    };
    let item = of_schema(document, items, depth - 1)?;
    Ok((0..least.min(10)).map(|_| item.clone()).collect())
}

fn text(schema: &Value) -> Result<Value, String> {
    let format = schema.get("format").and_then(Value::as_str);
    if let Some(text) = format.and_then(of_format) {
        return Ok(text.into());
    }
    if schema.get("pattern").is_some() {
        return Err("a text by a pattern, without an example".to_owned());
    }
    let bound = |key| schema.get(key).and_then(Value::as_u64);
    let (least, most) = (bound("minLength").unwrap_or(0), bound("maxLength"));
    if least <= 6 && most.is_none_or(|most| most >= ROOM_FOR_UNIQUE) {
        return Ok("text {unique}".into());
    }
    let length = usize::try_from(least.max(4).min(most.unwrap_or(u64::MAX)));
    let length = length.ok().filter(|length| *length <= LONGEST);
    let length = length.ok_or_else(|| format!("a text of {least} characters"))?;
    Ok("text"
        .chars()
        .cycle()
        .take(length)
        .collect::<String>()
        .into())
}

/// A text of this format, another one each time where that is likely to be asked for.
fn of_format(format: &str) -> Option<&'static str> {
    Some(match format {
        "email" | "idn-email" => "{unique}@example.com",
        "uuid" => "{uuid}",
        "date-time" => "2024-01-01T00:00:00Z",
        "date" => "2024-01-01",
        "time" => "12:00:00Z",
        "duration" => "PT1H",
        "uri" | "url" | "iri" => "https://example.com/{unique}",
        "uri-reference" => "/{unique}",
        "hostname" => "example.com",
        "ipv4" => "192.0.2.1",
        "ipv6" => "2001:db8::1",
        "byte" => "dGV4dA==",
        _ => return None,
    })
}

/// The number nearest to 1 that the schema allows.
fn number(schema: &Value) -> Value {
    let bound = |key| schema.get(key).and_then(Value::as_f64);
    // Before 3.1 `exclusiveMinimum` was true or false.
    let strict = |key| schema.get(key) == Some(&Value::Bool(true));
    let step = bound("multipleOf")
        .filter(|step| *step > 0.0)
        .unwrap_or(1.0);
    let above = |least: f64, strictly| if strictly { least + step } else { least };
    let least = bound("minimum").map(|least| above(least, strict("exclusiveMinimum")));
    let least = least.or_else(|| bound("exclusiveMinimum").map(|least| least + step));
    let most = bound("maximum").or_else(|| bound("exclusiveMaximum").map(|most| most - step));
    let wanted = 1.0_f64
        .max(least.unwrap_or(1.0))
        .min(most.unwrap_or(f64::MAX));
    let value = (wanted / step).ceil() * step;
    let value = if most.is_some_and(|most| value > most) {
        wanted
    } else {
        value
    };
    if value.fract() == 0.0 && value.abs() < 1e15 {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "it is whole, and small enough"
        )]
        return json!(value as i64);
    }
    json!(value)
}

/// A value of the document as a template: braces are doubled, and an address that looks like one of
/// e-mail is another one each time, because it is likely to be taken.
fn template_of(value: &Value) -> Result<Value, String> {
    Ok(match value {
        Value::Null => return Err("an example that is null".to_owned()),
        Value::String(text) if is_address(text) => "{unique}@example.com".into(),
        Value::String(text) => literal(text).into(),
        Value::Array(list) => Value::Array(list.iter().map(template_of).collect::<Result<_, _>>()?),
        Value::Object(fields) => {
            let fields = fields.iter().filter(|(_, value)| !value.is_null());
            let fields = fields.map(|(name, value)| Ok((name.clone(), template_of(value)?)));
            Value::Object(fields.collect::<Result<_, String>>()?)
        }
        other => other.clone(),
    })
}

/// A text that stands for itself.
pub(super) fn literal(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

fn is_address(text: &str) -> bool {
    let parts = text.split_once('@');
    parts.is_some_and(|(name, host)| {
        let plain = !name.is_empty() && !text.contains(char::is_whitespace);
        plain && host.contains('.') && !host.contains('/') && !name.contains([':', '/'])
    })
}
