//! TOML as a draft writes it: one line for each key, tables inline.

use serde_json::{Map, Value};

/// A text in quotes. What JSON escapes, TOML escapes in the same way, and one character more.
pub(super) fn text(text: &str) -> String {
    Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

/// A key, in quotes where it must be.
pub(super) fn key(name: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    if !name.is_empty() && name.chars().all(plain) {
        name.to_owned()
    } else {
        text(name)
    }
}

/// A value on one line.
pub(super) fn value(value: &Value) -> Result<String, String> {
    Ok(match value {
        Value::Null => return Err("null, which cannot be written".to_owned()),
        Value::String(string) => text(string),
        Value::Number(number) if number.is_u64() && number.as_i64().is_none() => {
            return Err(format!("the number {number}, which is too large"));
        }
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        Value::Array(list) => {
            let list = list
                .iter()
                .map(self::value)
                .collect::<Result<Vec<_>, _>>()?;
            format!("[{}]", list.join(", "))
        }
        Value::Object(fields) => table(fields)?,
    })
}

fn table(fields: &Map<String, Value>) -> Result<String, String> {
    let field = |(name, inner): (&String, &Value)| Ok(format!("{} = {}", key(name), value(inner)?));
    let fields = fields
        .iter()
        .map(field)
        .collect::<Result<Vec<_>, String>>()?;
    Ok(if fields.is_empty() {
        "{}".to_owned()
    } else {
        format!("{{ {} }}", fields.join(", "))
    })
}

/// A table of texts on one line.
pub(super) fn texts(fields: &[(String, String)]) -> String {
    let fields = fields.iter();
    let fields = fields.map(|(name, value)| format!("{} = {}", key(name), text(value)));
    format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
}

/// What a comment can hold: one line of it.
pub(super) fn comment(text: &str) -> String {
    text.replace(|letter: char| letter.is_control(), " ")
}
