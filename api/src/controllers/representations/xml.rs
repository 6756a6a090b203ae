//! XML: the JSON document in elements. The root is `<response>`, the members of an object are elements of their names, the items of an array are
//! `<item>`, and `null` is an empty element.

use std::fmt;

use quick_xml::{
    Writer,
    escape::escape,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::Representation;

/// `application/xml`.
pub static XML: Representation = Representation {
    media_type: "application/xml",
    name: "xml1",
    from_json: Some(from_json),
};

const ROOT: &str = "response";
const ITEM: &str = "item";

type Out = Writer<Vec<u8>>;

fn from_json(json: &[u8]) -> Option<Vec<u8>> {
    let mut out = Writer::new(Vec::with_capacity(json.len() * 2));
    let declaration = BytesDecl::new("1.0", Some("UTF-8"), None);
    out.write_event(Event::Decl(declaration)).ok()?;
    let mut document = serde_json::Deserializer::from_slice(json);
    let root = Element {
        name: ROOT,
        out: &mut out,
    };
    root.deserialize(&mut document).ok()?;
    Some(out.into_inner())
}

/// Writes the next value of the document as an element of this name, without building the value.
struct Element<'a> {
    name: &'a str,
    out: &'a mut Out,
}

impl Element<'_> {
    fn write<E: de::Error>(
        mut self,
        content: impl FnOnce(&mut Out) -> Result<(), E>,
    ) -> Result<(), E> {
        self.event(Event::Start(BytesStart::new(self.name)))?;
        content(self.out)?;
        let end = Event::End(BytesEnd::new(self.name));
        self.out.write_event(end).map_err(E::custom)
    }

    fn event<E: de::Error>(&mut self, event: Event<'_>) -> Result<(), E> {
        self.out.write_event(event).map_err(E::custom)
    }

    fn text<E: de::Error>(self, text: &str) -> Result<(), E> {
        self.write(|out| {
            let escaped = escaped(text);
            let text = Event::Text(BytesText::from_escaped(escaped));
            out.write_event(text).map_err(E::custom)
        })
    }
}

impl<'de> DeserializeSeed<'de> for Element<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, document: D) -> Result<(), D::Error> {
        document.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Element<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        self.write(|out| {
            while let Some(name) = members.next_key::<String>()? {
                members.next_value_seed(Element { name: &name, out })?;
            }
            Ok(())
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        self.write(|out| {
            while items
                .next_element_seed(Element { name: ITEM, out })?
                .is_some()
            {}
            Ok(())
        })
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<(), E> {
        self.text(text)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<(), E> {
        self.text(if value { "true" } else { "false" })
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<(), E> {
        self.text(itoa::Buffer::new().format(number))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<(), E> {
        self.text(itoa::Buffer::new().format(number))
    }

    fn visit_unit<E: de::Error>(mut self) -> Result<(), E> {
        let empty = Event::Empty(BytesStart::new(self.name));
        self.event(empty)
    }
}

/// XML cannot say every character, not even as a reference: what it cannot say is shown as U+FFFD. A carriage return is written as a reference, or
/// readers would take it for the end of a line.
fn escaped(text: &str) -> String {
    let is_sayable = |character: char| match character {
        '\t' | '\n' | '\r' => true,
        '\u{FFFE}' | '\u{FFFF}' => false,
        other => other >= ' ',
    };
    let escaped = if text.chars().all(is_sayable) {
        escape(text).into_owned()
    } else {
        let replaced: String = text
            .chars()
            .map(|character| {
                if is_sayable(character) {
                    character
                } else {
                    char::REPLACEMENT_CHARACTER
                }
            })
            .collect();
        escape(&replaced).into_owned()
    };
    escaped.replace('\r', "&#13;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn xml(json: &str) -> String {
        let bytes = from_json(json.as_bytes()).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
        text.strip_prefix(declaration).unwrap().to_owned()
    }

    #[test]
    fn a_document_keeps_its_order_and_its_shape() {
        assert_eq!(
            xml(r#"{"data":[{"id":"1","n":-2},{"id":"2"}],"meta":{"more":true,"next":null}}"#),
            "<response><data><item><id>1</id><n>-2</n></item><item><id>2</id></item></data>\
             <meta><more>true</more><next/></meta></response>"
        );
        assert_eq!(xml(r#"{"data":[]}"#), "<response><data></data></response>");
    }

    #[test]
    fn texts_mean_what_they_meant() {
        assert_eq!(
            xml(r#"{"a":"<b>&amp; \"'","c":"1\r\n2\t","e":"\u0000\u0001\uFFFEé💥"}"#),
            "<response><a>&lt;b&gt;&amp;amp; &quot;&apos;</a><c>1&#13;\n2\t</c><e>\u{FFFD}\u{FFFD}\u{FFFD}é💥</e></response>"
        );
    }
}
