//! A place in a JSON answer, by RFC 6901; `*` is any element of an array.

use serde_json::Value;

/// A pointer, taken apart once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pointer {
    text: String,
    tokens: Vec<Token>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Name(String),
    Any,
}

impl Pointer {
    /// Reads a pointer.
    ///
    /// # Errors
    /// When it is none.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let wrong = |why: &str| format!("{text:?} is no JSON pointer: {why}");
        if !text.is_empty() && !text.starts_with('/') {
            return Err(wrong("it begins with \"/\", as \"/data/id\""));
        }
        let token = |token: &str| {
            if token == "*" {
                return Ok(Token::Any);
            }
            let after_tilde = token.split('~').skip(1);
            for rest in after_tilde {
                if !rest.starts_with(['0', '1']) {
                    return Err(wrong("\"~\" is written \"~0\", and \"/\" in a name \"~1\""));
                }
            }
            Ok(Token::Name(token.replace("~1", "/").replace("~0", "~")))
        };
        let tokens = text.split('/').skip(1).map(token);
        Ok(Self {
            tokens: tokens.collect::<Result<_, _>>()?,
            text: text.to_owned(),
        })
    }

    /// Whether it has a `*`.
    pub(super) fn is_open(&self) -> bool {
        self.tokens.contains(&Token::Any)
    }

    /// How it is written.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// What is there. `roll` says which element `*` is.
    pub(super) fn find<'v>(&self, value: &'v Value, roll: usize) -> Option<&'v Value> {
        self.tokens
            .iter()
            .try_fold(value, |value, token| match (token, value) {
                (Token::Any, Value::Array(list)) => list.get(roll.checked_rem(list.len())?),
                (Token::Name(name), Value::Object(fields)) => fields.get(name),
                (Token::Name(place), Value::Array(list)) => list.get(index(place)?),
                _ => None,
            })
    }
}

/// A place in an array: digits, without a sign and without zeros in front.
fn index(place: &str) -> Option<usize> {
    let plain = place.bytes().all(|byte| byte.is_ascii_digit());
    let padded = place.len() > 1 && place.starts_with('0');
    (plain && !padded).then(|| place.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn found(pointer: &str, roll: usize) -> Option<Value> {
        let value = json!({ "data": [{ "id": 7 }, { "id": 8 }], "a/b": { "~": true }, "none": [] });
        Pointer::parse(pointer).unwrap().find(&value, roll).cloned()
    }

    #[test]
    fn names_and_places_lead_into_a_value() {
        assert_eq!(found("/data/1/id", 0), Some(json!(8)));
        assert_eq!(found("/a~1b/~0", 0), Some(json!(true)));
        for nowhere in ["/data/2/id", "/data/01/id", "/data/+1/id", "/data/id", "/x"] {
            assert_eq!(found(nowhere, 0), None, "{nowhere}");
        }
        assert!(found("", 0).is_some_and(|value| value.is_object()));
    }

    #[test]
    fn a_star_is_the_element_that_was_rolled() {
        assert_eq!(found("/data/*/id", 0), Some(json!(7)));
        assert_eq!(found("/data/*/id", 3), Some(json!(8)));
        assert_eq!(found("/none/*", 3), None);
    }

    #[test]
    fn what_is_no_pointer_is_refused() {
        for text in ["data", "$.data", "/a~", "/a~2b"] {
            let error = Pointer::parse(text).unwrap_err();
            assert!(error.contains("is no JSON pointer"), "{error}");
        }
    }
}
