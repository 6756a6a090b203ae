//! What addresses and headers of requests hold.

use serde_json::{Map, Value, json};

use super::{field_names, patterns, reference};
use crate::{
    controllers::{
        docs,
        filters::{MAX_IDS, MAX_PREFIX},
        pages::CURSOR_AT_START,
    },
    error::ErrorCode,
    models::{IdempotencyKey, Page, PostColumn, PostField, SortField, UserColumn, UserField},
};

/// Every parameter under the name of its component.
pub(super) fn all() -> Map<String, Value> {
    let kinds = [
        in_paths(),
        of_pages(),
        of_lists(),
        by_value(),
        by_part(),
        by_time(),
        headers(),
    ];
    kinds.into_iter().flatten().collect()
}

type Named = (String, Value);

/// A parameter that may be left out.
fn query(component: &str, name: &str, description: &str, schema: &Value) -> Named {
    let mut parameter =
        json!({ "name": name, "in": "query", "description": description, "schema": schema });
    if schema.get("type") == Some(&json!("array"))
        && let Some(parameter) = parameter.as_object_mut()
    {
        parameter.insert("style".to_owned(), json!("form"));
        parameter.insert("explode".to_owned(), json!(false));
    }
    (component.to_owned(), parameter)
}

fn path(name: &str, description: &str, schema: &Value, example: &str) -> Named {
    let parameter = json!({
        "name": name, "in": "path", "required": true, "description": description, "schema": schema, "example": example,
    });
    (name.to_owned(), parameter)
}

fn in_paths() -> Vec<Named> {
    let codes: Vec<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
    let files: Vec<_> = docs::file_names().collect();
    let id = reference("schemas", "Id");
    vec![
        path("user_id", "Which user.", &id, "1"),
        path("post_id", "Which post.", &id, "1"),
        path(
            "code",
            "Which code.",
            &json!({ "type": "string", "enum": codes }),
            ErrorCode::EmailTaken.as_str(),
        ),
        path(
            "file",
            "Which file.",
            &json!({ "type": "string", "enum": files }),
            "start.js",
        ),
    ]
}

fn of_pages() -> Vec<Named> {
    let (most, default, last) = (Page::MAX_LIMIT, Page::DEFAULT_LIMIT, Page::MAX_ROW);
    let reach = format!(
        "The number of the page, 1 where neither it nor `cursor` is given. Pages by number reach down to row {last} (`page` times `limit`); what lies beyond is reached by `cursor`."
    );
    let cursor = format!(
        "The page after or before a row, as `links` of another page has it; `{CURSOR_AT_START}` is the first. Such pages stay complete while rows come and go, and have no end. A cursor belongs to one list with its filters and its order."
    );
    vec![
        query(
            "page",
            "page",
            &reach,
            &json!({ "type": "integer", "minimum": 1, "maximum": last }),
        ),
        query(
            "limit",
            "limit",
            &format!("How many are on a page, at most: 1 to {most}."),
            &json!({ "type": "integer", "minimum": 1, "maximum": most, "default": default }),
        ),
        query(
            "cursor",
            "cursor",
            &cursor,
            &json!({ "type": "string", "pattern": format!("^({CURSOR_AT_START}|{})$", patterns::CURSOR) }),
        ),
        query(
            "count",
            "count",
            "Whether `meta.total` says how many there are in all: not, exactly up to 10 000 and from a sample beyond, or counted. To count millions takes longer than the 100 ms that a query has, and is given up like any query: 504.",
            &json!({ "type": "string", "enum": ["none", "estimated", "exact"], "default": "none" }),
        ),
    ]
}

/// What is shown of each, and in which order.
fn of_lists() -> Vec<Named> {
    let fields =
        "Which fields are shown, each once: `fields=id,created_at`. All, where nothing is said.";
    vec![
        sort::<UserField>("sort.users"),
        sort::<PostField>("sort.posts"),
        query(
            "fields.users",
            "fields",
            fields,
            &some_of(&field_names::<UserColumn>()),
        ),
        query(
            "fields.posts",
            "fields",
            fields,
            &some_of(&field_names::<PostColumn>()),
        ),
        query(
            "include.users",
            "include",
            "What is shown with each user: the newest posts.",
            &some_of(&["posts"]),
        ),
        query(
            "include.posts",
            "include",
            "What is shown with each post: its author.",
            &some_of(&["author"]),
        ),
    ]
}

fn sort<F: SortField>(component: &str) -> Named {
    let columns = F::ALL.iter().map(|field| field.column());
    let keys: Vec<String> = columns
        .flat_map(|column| [column.to_owned(), format!("-{column}")])
        .collect();
    let mut schema = some_of(&keys);
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("maxItems".to_owned(), F::ALL.len().into());
        schema.insert("default".to_owned(), json!(["-created_at"]));
    }
    let description = "The order: fields, each once, `-` in front for descending. Where they are equal, the id decides.";
    query(component, "sort", description, &schema)
}

/// One or more of these, separated by commas.
fn some_of(names: &[impl AsRef<str>]) -> Value {
    let names: Vec<_> = names.iter().map(AsRef::as_ref).collect();
    json!({ "type": "array", "items": { "type": "string", "enum": names }, "minItems": 1, "maxItems": names.len(), "uniqueItems": true })
}

fn by_value() -> Vec<Named> {
    let ids = json!({ "type": "array", "items": reference("schemas", "Id"), "minItems": 1, "maxItems": MAX_IDS, "examples": [["1", "2"]] });
    vec![
        query(
            "role",
            "role",
            "Only users with this role.",
            &reference("schemas", "Role"),
        ),
        query(
            "status",
            "status",
            "Only posts with this status.",
            &reference("schemas", "PostStatus"),
        ),
        query(
            "author_id",
            "author_id",
            "Only posts by this user.",
            &reference("schemas", "Id"),
        ),
        query(
            "id.in",
            "id[in]",
            "Only those with one of these ids: `id[in]=1,2`.",
            &ids,
        ),
    ]
}

fn by_part() -> Vec<Named> {
    let prefix = json!({ "type": "string", "minLength": 1, "maxLength": MAX_PREFIX, "pattern": patterns::PREFIX, "examples": ["A"] });
    vec![
        query(
            "name.prefix",
            "name[prefix]",
            "Only users whose name begins so, in this case of letters: `name[prefix]=A`.",
            &prefix,
        ),
        query(
            "title.prefix",
            "title[prefix]",
            "Only posts whose title begins so, in this case of letters: `title[prefix]=A`.",
            &prefix,
        ),
    ]
}

fn by_time() -> Vec<Named> {
    let operators = [
        ("gte", "then or later"),
        ("gt", "later"),
        ("lte", "then or earlier"),
        ("lt", "earlier"),
    ];
    let describe = |(operator, when): (&str, &str)| {
        let name = format!("created_at[{operator}]");
        let description = format!(
            "Only those made {when}: `{name}=2024-01-01T00:00:00Z`, with 6 decimals at most."
        );
        let component = format!("created_at.{operator}");
        let time = reference("schemas", "Timestamp");
        query(&component, &name, &description, &time)
    };
    operators.map(describe).into()
}

/// A header that may be left out.
fn header(name: &str, description: &str, schema: &Value) -> Named {
    let parameter =
        json!({ "name": name, "in": "header", "description": description, "schema": schema });
    (name.to_owned(), parameter)
}

fn headers() -> Vec<Named> {
    let tag = json!({ "type": "string", "examples": ["\"user-1-1-json1\""] });
    let date = json!({ "type": "string", "examples": ["Mon, 01 Jan 2024 00:00:00 GMT"] });
    let key = json!({ "type": "string", "minLength": 1, "maxLength": IdempotencyKey::MAX, "pattern": patterns::KEY, "examples": ["8e03978e-40d5-43dd-bc93-6894a57f9324"] });
    vec![
        required_match(),
        header(
            "If-Match",
            "The `ETag` of the state that you know, or `*`. If it is in another state by now: 412.",
            &tag,
        ),
        header(
            "If-None-Match",
            "The `ETag` of what you have. If it is still so: 304 to a read, 412 to a write.",
            &tag,
        ),
        header(
            "If-Modified-Since",
            "The `Last-Modified` of what you have. If nothing has changed since: 304. `If-None-Match` goes before it.",
            &date,
        ),
        header(
            "If-Unmodified-Since",
            "If it has changed since: 412. `If-Match` goes before it.",
            &date,
        ),
        header(
            "Idempotency-Key",
            "A name for this request that no other request has, such as a UUID. The same request with the same key is done once, and answered again as it was the first time.",
            &key,
        ),
    ]
}

/// The condition without which a post is not written. Its first example is what a form is filled in with.
fn required_match() -> Named {
    let description = "The `ETag` of the state that you know, or `*` for any. If the post is in another state by now, nothing is written: 412.";
    let parameter = json!({
        "name": "If-Match", "in": "header", "required": true, "description": description, "schema": { "type": "string" },
        "examples": {
            "any": { "summary": "Whatever its state", "value": "*" },
            "known": { "summary": "Only if it is as it was made", "value": "\"post-1-1-json1\"" },
        },
    });
    ("If-Match.required".to_owned(), parameter)
}
