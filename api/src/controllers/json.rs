//! The JSON of bodies, read strictly: a name that stands twice in an object has no meaning, and nothing nests deeper than anybody needs.
//!
//! Reading goes as deep as the limit and no deeper, so a body of brackets alone costs neither memory nor stack.

use std::{cell::Cell, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::fields::shortened;

/// Most objects and arrays inside each other, the outermost included.
pub const DEPTH_LIMIT: usize = 32;

/// What is wrong with a text that should be JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is none from here on; both count from 1.
    Syntax {
        /// The line.
        line: usize,
        /// The byte in the line.
        column: usize,
    },
    /// It goes deeper than [`DEPTH_LIMIT`].
    Depth,
    /// The member that this JSON Pointer names is given more than once.
    Repeated(String),
}

/// Reads the whole of `bytes`.
///
/// # Errors
/// The first fault.
pub fn parse(bytes: &[u8]) -> Result<Value, Fault> {
    let fault = Cell::new(None);
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let outermost = Place {
        outer: None,
        step: Step::Begin,
        depth: 0,
        fault: &fault,
    };
    let read = outermost.deserialize(&mut deserializer);
    read.and_then(|value| deserializer.end().map(|()| value))
        .map_err(|error| {
            fault.take().unwrap_or(Fault::Syntax {
                line: error.line(),
                column: error.column(),
            })
        })
}

/// One more step of a JSON Pointer (RFC 6901), which escapes `~` and `/`.
pub fn pointer_step(name: &str) -> String {
    format!("/{}", shortened(name).replace('~', "~0").replace('/', "~1"))
}

/// Where in the text a value is.
#[derive(Clone, Copy)]
struct Place<'a> {
    outer: Option<&'a Place<'a>>,
    step: Step<'a>,
    /// How many objects and arrays are around it.
    depth: usize,
    fault: &'a Cell<Option<Fault>>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Begin,
    Member(&'a str),
    Item(usize),
}

impl Place<'_> {
    fn inside<'a>(&'a self, step: Step<'a>) -> Place<'a> {
        Place {
            outer: Some(self),
            step,
            depth: self.depth + 1,
            fault: self.fault,
        }
    }

    fn pointer(&self) -> String {
        let before = self.outer.map(Place::pointer).unwrap_or_default();
        match self.step {
            Step::Begin => before,
            Step::Member(name) => before + &pointer_step(name),
            Step::Item(number) => format!("{before}/{number}"),
        }
    }

    /// Ends the reading.
    fn stop<E: Error>(&self, fault: Fault) -> E {
        self.fault.set(Some(fault));
        E::custom("a fault")
    }

    fn go_deeper<E: Error>(&self) -> Result<(), E> {
        if self.depth < DEPTH_LIMIT {
            Ok(())
        } else {
            Err(self.stop(Fault::Depth))
        }
    }
}

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Place<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        self.go_deeper()?;
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element_seed(self.inside(Step::Item(items.len())))? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        self.go_deeper()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let place = self.inside(Step::Member(&name));
            if object.contains_key(&name) {
                return Err(place.stop(Fault::Repeated(place.pointer())));
            }
            let value = members.next_value_seed(place)?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(levels: usize) -> String {
        "[".repeat(levels) + &"]".repeat(levels)
    }

    #[test]
    fn what_is_read_is_what_a_reader_without_rules_reads() {
        let text = r#" {"a": [null, true, -1, 18446744073709551615, 1.5e3, "\u00e9\n", {}], "b": {"a": "1"}, "": []} "#;
        let expected: Value = serde_json::from_str(text).unwrap();
        assert_eq!(parse(text.as_bytes()), Ok(expected));
    }

    #[test]
    fn thirty_two_levels_are_read_and_one_more_is_not() {
        assert!(parse(nested(32).as_bytes()).is_ok());
        for text in [nested(33), "[".repeat(1024 * 1024), "{\"a\":".repeat(33)] {
            assert_eq!(parse(text.as_bytes()), Err(Fault::Depth));
        }
    }

    #[test]
    fn a_member_that_is_given_twice_is_named() {
        for (text, pointer) in [
            (r#"{"a": 1, "b": 2, "a": 1}"#, "/a"),
            (r#"{"a": 1, "\u0061": 2}"#, "/a"),
            (r#"{"a": [0, {"b/~": 1, "b/~": 2}]}"#, "/a/1/b~1~0"),
            (r#"{"": 1, "": 2}"#, "/"),
        ] {
            assert_eq!(
                parse(text.as_bytes()),
                Err(Fault::Repeated(pointer.to_owned()))
            );
        }
        assert!(parse(br#"{"a": {"a": {"a": 1}}, "A": 2}"#).is_ok());
    }

    #[test]
    fn the_place_of_a_fault_is_told() {
        let place = |line, column| Err(Fault::Syntax { line, column });
        assert_eq!(parse(b"{\n  \"a\" 1}"), place(2, 7));
        assert_eq!(parse(b"{} {}"), place(1, 4));
    }
}
