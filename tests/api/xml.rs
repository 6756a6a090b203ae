//! XML answers, read so that they can be held against the JSON of the same document.

use quick_xml::{Reader, events::Event};
use serde_json::{Map, Value};

/// The document: elements with `<item>`s are arrays, other elements with elements are objects, everything else is a text.
pub fn parse(text: &str) -> Value {
    assert!(text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"));
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    let mut open = vec![Element::default()];
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => open.push(Element::named(start.name().as_ref())),
            Event::Empty(start) => {
                let element = Element::named(start.name().as_ref());
                open.last_mut().unwrap().children.push(element);
            }
            Event::Text(content) => {
                open.last_mut().unwrap().text += content.as_ref();
            }
            Event::GeneralRef(reference) => {
                let name: &str = reference.as_ref();
                let text = match (reference.resolve_char_ref().unwrap(), name) {
                    (Some(character), _) => character.to_string(),
                    (None, name) => quick_xml::escape::resolve_predefined_entity(name)
                        .unwrap()
                        .to_owned(),
                };
                open.last_mut().unwrap().text += &text;
            }
            Event::End(_) => {
                let element = open.pop().unwrap();
                open.last_mut().unwrap().children.push(element);
            }
            Event::Eof => break,
            _ => {}
        }
    }
    let mut root = open.pop().unwrap();
    assert!(open.is_empty() && root.children.len() == 1, "{text}");
    let response = root.children.remove(0);
    assert_eq!(response.name, "response");
    response.value()
}

/// The JSON as XML can say it: without types, and nothing where nothing is in it.
pub fn as_said_in_xml(json: &Value) -> Value {
    match json {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), as_said_in_xml(value)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) if !items.is_empty() => {
            items.iter().map(as_said_in_xml).collect::<Vec<_>>().into()
        }
        Value::Array(_) | Value::Null => "".into(),
        Value::String(text) => text.clone().into(),
        other => other.to_string().into(),
    }
}

#[derive(Default)]
struct Element {
    name: String,
    text: String,
    children: Vec<Self>,
}

impl Element {
    fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    fn value(self) -> Value {
        if self.children.is_empty() {
            return self.text.into();
        }
        if self.children.iter().all(|child| child.name == "item") {
            let items = self.children.into_iter().map(Self::value);
            return items.collect::<Vec<_>>().into();
        }
        let members = self.children.into_iter();
        let members = members.map(|child| (child.name.clone(), child.value()));
        members.collect::<Map<_, _>>().into()
    }
}
