//! Answers to what went well, and 304.

use serde_json::{Map, Value, json};

use super::{content, headers, links, reference, representations};

const OF_DATA: &[&str] = &[
    "Cache-Control",
    "Vary",
    "X-Content-Type-Options",
    "Content-Encoding",
];
const OF_A_PAGE: &[&str] = &[
    "Cache-Control",
    "Vary",
    "X-Content-Type-Options",
    "Content-Encoding",
    "ETag",
    "Link",
];
const OF_A_STATE: &[&str] = &[
    "Cache-Control",
    "Vary",
    "X-Content-Type-Options",
    "Content-Encoding",
    "ETag",
    "Last-Modified",
];
const OF_A_CHANGE: &[&str] = &[
    "Cache-Control",
    "Vary",
    "X-Content-Type-Options",
    "Content-Encoding",
    "ETag",
];
const OF_WHAT_IS_NEW: &[&str] = &[
    "Cache-Control",
    "Vary",
    "X-Content-Type-Options",
    "Content-Encoding",
    "ETag",
    "Location",
    "Idempotency-Replayed",
];
const OF_DOCUMENTS: &[&str] = &[
    "Cache-Control",
    "Vary",
    "X-Content-Type-Options",
    "Content-Encoding",
    "Content-Security-Policy",
    "ETag",
];

/// What an operation answers when all is well.
#[derive(Clone, Copy)]
pub(super) enum Success {
    /// Something that is made anew for each answer.
    Data(&'static str),
    /// A page of a list.
    Page(&'static str),
    /// One resource.
    State(&'static str),
    /// What a write made of a resource.
    Changed(&'static str),
    /// A resource that is new.
    Created(&'static str),
    /// Nothing is left to be shown.
    Gone,
    /// What is the same as long as the service lives, in one of these media types.
    Static(&'static [&'static str]),
    /// Explanations, for people and programs.
    Explanation(&'static str),
    /// One word.
    Word,
}

impl Success {
    const fn description(self) -> &'static str {
        match self {
            Self::Data(_) | Self::Static(_) | Self::Explanation(_) => "Here it is.",
            Self::Page(_) => "One page of the list, and where its neighbours are.",
            Self::State(_) => {
                "The resource. `meta.timestamp` is the time of its state, so that equal states are equal bytes."
            }
            Self::Changed(_) => "What the write made of the resource.",
            Self::Created(_) => "The new resource, and in `Location` where it is.",
            Self::Gone => "It is gone.",
            Self::Word => "Yes.",
        }
    }

    const fn headers(self) -> &'static [&'static str] {
        match self {
            Self::Data(_) | Self::Explanation(_) => OF_DATA,
            Self::Page(_) => OF_A_PAGE,
            Self::State(_) => OF_A_STATE,
            Self::Changed(_) => OF_A_CHANGE,
            Self::Created(_) => OF_WHAT_IS_NEW,
            Self::Gone => &["X-Content-Type-Options"],
            Self::Static(_) => OF_DOCUMENTS,
            Self::Word => &["Cache-Control", "X-Content-Type-Options"],
        }
    }

    fn content(self) -> Option<Map<String, Value>> {
        let data = |schema| {
            content(
                &representations(),
                &json!({ "schema": reference("schemas", schema) }),
            )
        };
        let text = json!({ "schema": { "type": "string" } });
        match self {
            Self::Data(schema)
            | Self::Page(schema)
            | Self::State(schema)
            | Self::Changed(schema)
            | Self::Created(schema) => Some(data(schema)),
            Self::Gone => None,
            Self::Static(["application/json"]) => Some(content(
                &["application/json"],
                &json!({ "schema": { "type": "object" } }),
            )),
            Self::Static(media_types) => Some(content(media_types, &text)),
            Self::Explanation(schema) => {
                let mut content = data(schema);
                content.insert("text/html".to_owned(), text);
                Some(content)
            }
            Self::Word => Some(content(&["text/plain"], &text)),
        }
    }

    /// The headers of 304, if the operation can answer that a client has it already.
    const fn not_modified(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Page(_) | Self::State(_) | Self::Static(_) => {
                Some(&["ETag", "Cache-Control", "Vary"])
            }
            Self::Data(_)
            | Self::Changed(_)
            | Self::Created(_)
            | Self::Gone
            | Self::Explanation(_)
            | Self::Word => None,
        }
    }

    /// The answers of the operation `id`, by their statuses.
    pub(super) fn responses(self, status: u16, id: &str) -> Map<String, Value> {
        let mut responses = Map::new();
        let mut response = json!({
            "description": self.description(),
            "headers": headers::of_answer(self.headers()),
        });
        if let (Some(response), Some(content)) = (response.as_object_mut(), self.content()) {
            response.insert("content".to_owned(), content.into());
            let links = links::of_operation(id);
            if !links.is_empty() {
                response.insert("links".to_owned(), links.into());
            }
        }
        responses.insert(status.to_string(), response);
        if let Some(names) = self.not_modified() {
            let response = json!({
                "description": "What the client has is still so.",
                "headers": headers::of_answer(names),
            });
            responses.insert("304".to_owned(), response);
        }
        if matches!(self, Self::Word) {
            let response = json!({
                "description": "No.",
                "headers": headers::of_answer(self.headers()),
                "content": self.content(),
            });
            responses.insert("503".to_owned(), response);
        }
        responses
    }
}
