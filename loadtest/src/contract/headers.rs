//! The headers of an answer, as they came: one piece of bytes, and where in it names and values
//! are. An answer has a dozen headers, of which two or three are ever looked at.

use bytes::Bytes;
use reqwest::header::HeaderMap;
use std::fmt;
use std::ops::Range;

/// The headers of an answer.
#[derive(Clone, Default)]
pub struct Headers {
    bytes: Bytes,
    fields: Vec<Field>,
}

/// Where a header's name and its value are.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) name: Range<usize>,
    pub(crate) value: Range<usize>,
}

impl Headers {
    /// What is in these bytes at these places.
    pub(crate) fn of(bytes: Bytes, fields: Vec<Field>) -> Self {
        Self { bytes, fields }
    }

    /// The value of the first header of this name, in whatever case, if it is there and is text.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let of_this_name = |field: &&Field| {
            self.bytes(&field.name)
                .eq_ignore_ascii_case(name.as_bytes())
        };
        text(self.bytes(&self.fields.iter().find(of_this_name)?.value))
    }

    fn bytes(&self, place: &Range<usize>) -> &[u8] {
        self.bytes.get(place.clone()).unwrap_or_default()
    }

    fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let fields = self.fields.iter();
        fields.map(|field| (self.bytes(&field.name), self.bytes(&field.value)))
    }
}

/// A value, if it has nothing but visible ASCII, spaces and tabs in it.
fn text(value: &[u8]) -> Option<&str> {
    let plain = |byte: &u8| matches!(byte, b'\t' | b' '..=b'~');
    value
        .iter()
        .all(plain)
        .then(|| str::from_utf8(value).ok())?
}

impl<N: AsRef<[u8]>, V: AsRef<[u8]>> FromIterator<(N, V)> for Headers {
    fn from_iter<T: IntoIterator<Item = (N, V)>>(headers: T) -> Self {
        let mut bytes = Vec::new();
        let mut put = |part: &[u8]| {
            let begin = bytes.len();
            bytes.extend_from_slice(part);
            begin..bytes.len()
        };
        let field = |(name, value): (N, V)| Field {
            name: put(name.as_ref()),
            value: put(value.as_ref()),
        };
        let fields = headers.into_iter().map(field).collect();
        Self::of(bytes.into(), fields)
    }
}

impl From<&HeaderMap> for Headers {
    fn from(headers: &HeaderMap) -> Self {
        headers.iter().collect()
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.iter().map(|(name, value)| {
            let (name, value) = (name.escape_ascii(), value.escape_ascii());
            (name.to_string(), value.to_string())
        });
        formatter.debug_map().entries(shown).finish()
    }
}

#[cfg(test)]
impl Headers {
    /// Sets a header, in place of all of its name.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.remove(name);
        let own = [(name.as_bytes(), value.as_bytes())];
        *self = self.iter().chain(own).collect();
    }

    /// Takes all headers of a name away.
    pub(crate) fn remove(&mut self, name: &str) {
        let others = self
            .iter()
            .filter(|(own, _)| !own.eq_ignore_ascii_case(name.as_bytes()));
        *self = others.collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_found_by_its_name_in_whatever_case() {
        let headers: Headers = [("ETag", "\"1\""), ("x-a", "1"), ("X-A", "2")]
            .into_iter()
            .collect();
        assert_eq!(headers.get("etag"), Some("\"1\""));
        assert_eq!(headers.get("X-a"), Some("1"));
        assert_eq!(headers.get("none"), None);
    }

    #[test]
    fn what_is_no_text_is_no_value() {
        let headers: Headers = [("a", "caf\u{e9}"), ("b", "a\tb c"), ("c", "")]
            .into_iter()
            .collect();
        assert_eq!(headers.get("a"), None);
        assert_eq!(headers.get("b"), Some("a\tb c"));
        assert_eq!(headers.get("c"), Some(""));
    }
}
