//! Users, and what is written of them.

use serde_json::{Map, Value, json};

use super::{array, members, object, schema, with};
use crate::{controllers::openapi::field_names, models::UserColumn, services::posts::NEWEST};

pub(super) fn all() -> Map<String, Value> {
    let user = json!({
        "id": schema("Id"),
        "name": schema("Name"),
        "email": schema("EmailAddress"),
        "role": schema("Role"),
        "version": schema("Version"),
        "created_at": schema("Timestamp"),
        "updated_at": schema("Timestamp"),
    });
    let posts = json!({ "posts": array("Post", NEWEST) });
    let written =
        json!({ "name": schema("Name"), "email": schema("EmailAddress"), "role": schema("Role") });
    let new = with(
        &written,
        json!({ "role": { "allOf": [schema("Role")], "default": "member" } }),
    );
    let mut shown = object(&[], &with(&user, posts));
    describe(
        &mut shown,
        "The fields that `fields` names, or all of them; and the newest posts, newest first, with `include=posts`.",
    );
    let mut changes = object(&[], &written);
    describe(
        &mut changes,
        "A field that is left out stays as it is. No field can be taken away, so `null` is refused.",
    );
    members(json!({
        "User": object(&field_names::<UserColumn>(), &user),
        "ShownUser": shown,
        "NewUser": object(&["name", "email"], &new),
        "WholeUser": object(&["name", "email", "role"], &written),
        "UserChanges": changes,
    }))
}

pub(super) fn describe(schema: &mut Value, description: &str) {
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("description".to_owned(), description.into());
    }
}
