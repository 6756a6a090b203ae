//! Mistakes: each must be refused by the code that names it, and its page must say what to do.

use super::super::paths;
use crate::client::{BrokenOff, Client};
use crate::contract::{Answer, ensure};
use crate::request::Request;
use crate::routes::Route;
use reqwest::StatusCode;
use serde_json::{Value, json};

/// A mistake that can be made in an address or in a body.
#[derive(Clone, Copy, Default)]
struct Mistake {
    /// The query, or the body.
    text: &'static str,
    code: &'static str,
    /// What is blamed for it.
    fields: &'static [&'static str],
}

const fn mistake(
    text: &'static str,
    code: &'static str,
    fields: &'static [&'static str],
) -> Mistake {
    Mistake { text, code, fields }
}

/// More than is likely to exist, and not always the same: nobody asks for one id only.
const BEYOND: usize = 9_000_000_000_000_000_000;
const IDS_BEYOND: usize = 1_000;

const LISTS_OF_USERS: [Mistake; 8] = [
    mistake("limit=1000", "INVALID_LIMIT", &["limit"]),
    mistake("page=0", "INVALID_PAGE", &["page"]),
    mistake("page=101&limit=100", "PAGE_OUT_OF_RANGE", &["page"]),
    mistake("role=king", "INVALID_ROLE", &["role"]),
    mistake("sort=age", "INVALID_SORT", &["sort"]),
    mistake("include=friends", "INVALID_INCLUDE", &["include"]),
    mistake("colour=blue", "UNKNOWN_PARAMETER", &["colour"]),
    mistake("role=king&sort=age", "VALIDATION_FAILED", &["sort", "role"]),
];

const LISTS_OF_POSTS: [Mistake; 8] = [
    mistake("cursor=here", "INVALID_CURSOR", &["cursor"]),
    mistake("page=2&cursor=start", "CONFLICTING_PARAMETERS", &["cursor"]),
    mistake("status=lost", "INVALID_STATUS", &["status"]),
    mistake("author_id=me", "INVALID_ID", &["author_id"]),
    mistake("fields=colour", "INVALID_FIELDS", &["fields"]),
    mistake("count=all", "INVALID_COUNT", &["count"]),
    mistake(
        "created_at[gte]=yesterday",
        "INVALID_FILTER",
        &["created_at[gte]"],
    ),
    mistake(
        "limit=0&count=all",
        "VALIDATION_FAILED",
        &["limit", "count"],
    ),
];

const BODIES: [Mistake; 5] = [
    mistake(r#""me""#, "MALFORMED_JSON", &[""]),
    mistake(
        r#"{"name": "Newcomer", "email": "nowhere"}"#,
        "INVALID_EMAIL",
        &["/email"],
    ),
    mistake(
        r#"{"name": "", "email": "newcomer@loadtest.example"}"#,
        "INVALID_NAME",
        &["/name"],
    ),
    mistake(
        r#"{"name": "Newcomer", "email": "newcomer@loadtest.example", "age": "7"}"#,
        "UNKNOWN_FIELD",
        &["/age"],
    ),
    mistake(
        r#"{"role": "king"}"#,
        "VALIDATION_FAILED",
        &["/name", "/email", "/role"],
    ),
];

pub(super) async fn unknown_user(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let request = Request::to(paths::user(&unknown_id(client)));
    let wrong = (StatusCode::NOT_FOUND, "USER_NOT_FOUND");
    refused(client, Route::GetUser, request, wrong, &[]).await
}

pub(super) async fn unknown_post(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let request = Request::to(paths::post(&unknown_id(client)));
    let wrong = (StatusCode::NOT_FOUND, "POST_NOT_FOUND");
    refused(client, Route::GetPost, request, wrong, &[]).await
}

/// Nothing is made, although the key is taken.
pub(super) async fn unknown_author(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let author = unknown_id(client);
    let body = json!({ "author_id": author, "title": "Hello", "body": "Is anybody there?" });
    let request = Request::to("/api/v1/posts")
        .header("idempotency-key", &client.visitor.unique())
        .json(body);
    let wrong = (StatusCode::UNPROCESSABLE_ENTITY, "AUTHOR_NOT_FOUND");
    refused(client, Route::CreatePost, request, wrong, &[]).await
}

pub(super) async fn wrong_list_of_users(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let mistake = client.visitor.choose(&LISTS_OF_USERS);
    let request = Request::to(format!("/api/v1/users?{}", mistake.text));
    let wrong = (StatusCode::BAD_REQUEST, mistake.code);
    refused(client, Route::ListUsers, request, wrong, mistake.fields).await
}

pub(super) async fn wrong_list_of_posts(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let mistake = client.visitor.choose(&LISTS_OF_POSTS);
    let request = Request::to(format!("/api/v1/posts?{}", mistake.text));
    let wrong = (StatusCode::BAD_REQUEST, mistake.code);
    refused(client, Route::ListPosts, request, wrong, mistake.fields).await
}

pub(super) async fn wrong_body(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let mistake = client.visitor.choose(&BODIES);
    let body: Value = serde_json::from_str(mistake.text).unwrap_or_default();
    let request = Request::to("/api/v1/users").json(body);
    let wrong = (StatusCode::BAD_REQUEST, mistake.code);
    refused(client, Route::CreateUser, request, wrong, mistake.fields).await
}

/// Whoever does not say which state of a post they know does not change it.
pub(super) async fn blind_write(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let id = client.visitor.post_id();
    let changes = json!({ "title": "I was here" });
    let request = Request::to(paths::post(&id)).merge_patch(changes);
    let wrong = (StatusCode::PRECONDITION_REQUIRED, "PRECONDITION_REQUIRED");
    refused(client, Route::UpdatePost, request, wrong, &[]).await
}

fn unknown_id(client: &mut Client<'_>) -> String {
    client
        .visitor
        .number_between(BEYOND, BEYOND + IDS_BEYOND)
        .to_string()
}

/// Makes a mistake, sees that it is refused for the right reason, and reads what that means.
async fn refused(
    client: &mut Client<'_>,
    route: Route,
    request: Request,
    (status, code): (StatusCode, &str),
    fields: &[&str],
) -> Result<(), BrokenOff> {
    let check = |answer: &Answer| blames(&answer.refused(status, code)?, fields);
    client.send(route, request, check).await?;
    let request = Request::to(format!("/errors/{code}")).header("accept", "application/json");
    let check = |answer: &Answer| answer.explains(status, code);
    client.send(Route::ExplainError, request, check).await
}

/// Whether exactly these are blamed, in any order.
fn blames(found: &[String], fields: &[&str]) -> Result<(), String> {
    let all = fields
        .iter()
        .all(|field| found.iter().any(|found| found == field));
    ensure(
        all && found.len() == fields.len(),
        "other fields are blamed than those that are wrong",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_fields_are_blamed_that_are_wrong_and_no_others() {
        let found = ["sort", "role"].map(str::to_owned);
        assert_eq!(blames(&found, &["role", "sort"]), Ok(()));
        assert!(blames(&found, &["role"]).is_err());
        assert!(blames(&found, &["role", "page"]).is_err());
        assert!(blames(&found[..1], &["role", "sort"]).is_err());
    }

    #[test]
    fn every_wrong_body_can_be_sent() {
        for mistake in BODIES {
            let body: Result<Value, _> = serde_json::from_str(mistake.text);
            assert!(body.is_ok(), "{}", mistake.text);
        }
    }
}
