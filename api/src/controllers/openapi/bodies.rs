//! What requests send, with examples that work where users and posts have been seeded.

use serde_json::{Value, json};

use super::{content, reference};
use crate::controllers::incoming::BODY_LIMIT;

const JSON: &[&str] = &["application/json"];
const MERGE_PATCH: &[&str] = &["application/merge-patch+json", "application/json"];

/// A body that a request must have.
#[derive(Clone, Copy)]
pub(super) enum Body {
    NewUser,
    WholeUser,
    UserChanges,
    NewPost,
    NewPostOfUser,
    WholePost,
    PostChanges,
}

impl Body {
    const fn schema(self) -> &'static str {
        match self {
            Self::NewUser => "NewUser",
            Self::WholeUser => "WholeUser",
            Self::UserChanges => "UserChanges",
            Self::NewPost => "NewPost",
            Self::NewPostOfUser => "NewPostOfUser",
            Self::WholePost => "WholePost",
            Self::PostChanges => "PostChanges",
        }
    }

    const fn media_types(self) -> &'static [&'static str] {
        match self {
            Self::UserChanges | Self::PostChanges => MERGE_PATCH,
            Self::NewUser
            | Self::WholeUser
            | Self::NewPost
            | Self::NewPostOfUser
            | Self::WholePost => JSON,
        }
    }

    fn example(self) -> (&'static str, Value) {
        match self {
            Self::NewUser => (
                "A new editor. Without `role` it would be a member",
                json!({ "name": "Ada Lovelace", "email": "ada.lovelace@example.org", "role": "editor" }),
            ),
            Self::WholeUser => (
                "All that can be written of a user",
                json!({ "name": "Ada King", "email": "ada.king@example.org", "role": "admin" }),
            ),
            Self::UserChanges => (
                "A new name, and nothing else",
                json!({ "name": "Ada King-Noel" }),
            ),
            Self::NewPost => (
                "A post that everybody may see. Without `status` it would be a draft",
                json!({ "author_id": "1", "title": "Notes on the engine", "body": "It weaves algebraic patterns.", "status": "published" }),
            ),
            Self::NewPostOfUser => (
                "A draft by the user of the address",
                json!({ "title": "Sketch of the engine", "body": "To be continued." }),
            ),
            Self::WholePost => (
                "All that can be written of a post",
                json!({ "title": "Notes on the engine", "body": "It weaves algebraic patterns.\nJust as the loom weaves flowers.", "status": "published" }),
            ),
            Self::PostChanges => (
                "The end of a post's publication",
                json!({ "status": "archived" }),
            ),
        }
    }

    pub(super) fn describe(self) -> Value {
        let (summary, value) = self.example();
        let of_each = json!({
            "schema": reference("schemas", self.schema()),
            "examples": { "example": { "summary": summary, "value": value } },
        });
        json!({
            "description": format!("A JSON object of at most {BODY_LIMIT} bytes. A field that is not known is refused."),
            "required": true,
            "content": content(self.media_types(), &of_each),
        })
    }
}
