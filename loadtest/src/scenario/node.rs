//! A value of any shape in a scenario file, each part of which knows its place in the text.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use toml::Spanned;

/// A value with its place.
pub(super) type Placed = Spanned<Node>;

/// A TOML value, as JSON knows them too.
#[derive(Clone, Debug)]
pub(super) enum Node {
    /// May hold placeholders.
    Text(String),
    /// A number or a truth value.
    Fixed(Value),
    List(Vec<Placed>),
    Table(BTreeMap<Spanned<String>, Placed>),
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyShape)
    }
}

struct AnyShape;

impl<'de> Visitor<'de> for AnyShape {
    type Value = Node;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value that JSON has too")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Fixed(value.into()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Fixed(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Node, E> {
        // JSON knows neither infinity nor NaN.
        let number = serde_json::Number::from_f64(value);
        let number = number.ok_or_else(|| E::custom("JSON has no such number"))?;
        Ok(Node::Fixed(number.into()))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(part) = parts.next_element()? {
            list.push(part);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let mut table = BTreeMap::new();
        while let Some(key) = entries.next_key::<Spanned<String>>()? {
            table.insert(key, entries.next_value()?);
        }
        Ok(Node::Table(table))
    }
}
