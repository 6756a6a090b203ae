//! Posts, and what is written of them.

use serde_json::{Map, Value, json};

use super::{members, object, schema, users::describe, with};
use crate::{controllers::openapi::field_names, models::PostColumn};

pub(super) fn all() -> Map<String, Value> {
    let post = json!({
        "id": schema("Id"),
        "author_id": schema("Id"),
        "title": schema("Title"),
        "body": schema("Body"),
        "status": schema("PostStatus"),
        "version": schema("Version"),
        "created_at": schema("Timestamp"),
        "updated_at": schema("Timestamp"),
    });
    let written =
        json!({ "title": schema("Title"), "body": schema("Body"), "status": schema("PostStatus") });
    let of_user = with(
        &written,
        json!({ "status": { "allOf": [schema("PostStatus")], "default": "draft" } }),
    );
    let new = with(&of_user, json!({ "author_id": schema("Id") }));
    let mut shown = object(&[], &with(&post, json!({ "author": schema("User") })));
    describe(
        &mut shown,
        "The fields that `fields` names, or all of them; and the author, with `include=author`.",
    );
    let mut changes = object(&[], &written);
    describe(
        &mut changes,
        "A field that is left out stays as it is. No field can be taken away, so `null` is refused.",
    );
    members(json!({
        "Post": object(&field_names::<PostColumn>(), &post),
        "ShownPost": shown,
        "NewPost": object(&["author_id", "title", "body"], &new),
        "NewPostOfUser": object(&["title", "body"], &of_user),
        "WholePost": object(&["title", "body", "status"], &written),
        "PostChanges": changes,
    }))
}
