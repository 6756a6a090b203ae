//! Bodies: JSON with placeholders in its texts, forms, and any other text.

use super::template::Template;
use super::values::Values;
use crate::visitor::Visitor;
use serde_json::{Map, Value};

/// What is sent in a body.
#[derive(Clone, Debug, Default)]
pub(super) enum Body {
    #[default]
    None,
    Json(JsonTemplate),
    Form(Vec<(String, Template)>),
    Text(Template),
}

/// JSON with placeholders in its texts.
#[derive(Clone, Debug)]
pub(super) enum JsonTemplate {
    Fixed(Value),
    Text(Template),
    List(Vec<Self>),
    Table(Vec<(String, Self)>),
}

impl Body {
    /// The bytes of a request; None is no body.
    pub(super) fn bytes(&self, values: &Values<'_>, visitor: &mut Visitor) -> Option<Vec<u8>> {
        Some(match self {
            Self::None => return None,
            Self::Json(json) => json.value(values, visitor).to_string().into_bytes(),
            Self::Form(fields) => {
                let mut form = form_urlencoded::Serializer::new(String::new());
                for (name, value) in fields {
                    form.append_pair(name, &value.text(values, visitor));
                }
                form.finish().into_bytes()
            }
            Self::Text(text) => text.text(values, visitor).into_bytes(),
        })
    }

    /// What it is, unless a header says otherwise.
    pub(super) fn content_type(&self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Json(_) => Some("application/json"),
            Self::Form(_) => Some("application/x-www-form-urlencoded"),
            Self::Text(_) => Some("text/plain; charset=utf-8"),
        }
    }
}

impl JsonTemplate {
    /// The value for one request.
    pub(super) fn value(&self, values: &Values<'_>, visitor: &mut Visitor) -> Value {
        match self {
            Self::Fixed(value) => value.clone(),
            Self::Text(text) => text.value(values, visitor),
            Self::List(list) => list
                .iter()
                .map(|part| part.value(values, visitor))
                .collect(),
            Self::Table(fields) => {
                let fields = fields.iter();
                let fields = fields.map(|(name, part)| (name.clone(), part.value(values, visitor)));
                Value::Object(fields.collect::<Map<_, _>>())
            }
        }
    }

    /// Whether something in it is another one each time.
    pub(super) fn is_drawn(&self) -> bool {
        match self {
            Self::Fixed(_) => false,
            Self::Text(text) => text.is_drawn(),
            Self::List(list) => list.iter().any(Self::is_drawn),
            Self::Table(fields) => fields.iter().any(|(_, part)| part.is_drawn()),
        }
    }
}
