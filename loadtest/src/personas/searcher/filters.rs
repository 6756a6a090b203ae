//! Lists narrowed down: by a role, an author, a prefix, a time, by ids.
//!
//! What is looked for is taken from what is there, so that something is found in any database.

use super::super::{PAGE_SIZE, paths};
use crate::client::{BrokenOff, Client};
use crate::contract::{Answer, Entry, List, ensure};
use crate::request::Request;
use crate::routes::Route;
use chrono::{Duration, SecondsFormat};
use reqwest::StatusCode;
use std::collections::BTreeSet;

const ROLES: [&str; 3] = ["admin", "editor", "member"];
/// How many entries are picked by their ids.
const PICKED: usize = 5;

pub(super) async fn users_of_a_role(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let role = client.visitor.choose(&ROLES);
    let sort = "-created_at";
    let query = [("role", role), ("sort", sort), ("count", "exact")];
    let check = |answer: &Answer| {
        let users = answer.sorted(sort)?;
        users.counted_exactly()?;
        users.all("a user of another role than asked for", |user| {
            user.role.as_deref() == Some(role)
        })
    };
    let request = list("/api/v1/users", &query);
    client.send(Route::ListUsers, request, check).await
}

/// Posts whose title begins with the same word.
pub(super) async fn posts_by_title(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let id = client.visitor.post_id();
    let post = open(client, Route::GetPost, &paths::post(&id), &id).await?;
    let word = post.name.split(' ').next().unwrap_or_default();
    let sort = "title,-created_at";
    let query = [("title[prefix]", word), ("sort", sort), ("count", "exact")];
    let check = |answer: &Answer| {
        let posts = answer.sorted(sort)?;
        posts.counted_exactly()?;
        beginning_with(word, &posts)
    };
    let request = list("/api/v1/posts", &query);
    client.send(Route::ListPosts, request, check).await
}

/// Users whose name begins with the same three letters, in whatever order.
pub(super) async fn users_by_name(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let id = client.visitor.user_id();
    let user = open(client, Route::GetUser, &paths::user(&id), &id).await?;
    let sort = client
        .visitor
        .choose(&["name", "-name", "name,-created_at"]);
    let letters: String = user.name.chars().take(3).collect();
    let query = [("name[prefix]", letters.trim_end()), ("sort", sort)];
    let check = |answer: &Answer| beginning_with(letters.trim_end(), &answer.sorted(sort)?);
    let request = list("/api/v1/users", &query);
    client.send(Route::ListUsers, request, check).await
}

/// The user and those before them, but nobody who came more than a day earlier.
pub(super) async fn users_by_age(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let id = client.visitor.user_id();
    let user = open(client, Route::GetUser, &paths::user(&id), &id).await?;
    let (first, last) = (user.created_at - Duration::days(1), user.created_at);
    let text = |time: chrono::DateTime<_>| time.to_rfc3339_opts(SecondsFormat::Micros, true);
    let (after, until) = (text(first), text(last));
    let sort = "-created_at";
    let query = [
        ("created_at[gt]", after.as_str()),
        ("created_at[lte]", until.as_str()),
        ("sort", sort),
    ];
    let check = |answer: &Answer| {
        let users = answer.sorted(sort)?;
        users.all("a user of another time than asked for", |user| {
            user.created_at > first && user.created_at <= last
        })?;
        let newest = users.data.first().map(|user| user.created_at);
        ensure(newest == Some(last), "a range without its end")
    };
    let request = list("/api/v1/users", &query);
    client.send(Route::ListUsers, request, check).await
}

pub(super) async fn published_posts_by_a_user(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let author = client.visitor.user_id();
    let sort = "created_at";
    let query = [
        ("author_id", author.as_str()),
        ("status", "published"),
        ("sort", sort),
    ];
    let check = |answer: &Answer| {
        let posts = answer.sorted(sort)?;
        posts.all("another post than asked for", |post| {
            post.author_id.as_deref() == Some(&author)
                && post.status.as_deref() == Some("published")
        })
    };
    let request = list("/api/v1/posts", &query);
    client.send(Route::ListPosts, request, check).await
}

pub(super) async fn some_users(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let ids = (0..PICKED).map(|_| client.visitor.user_id()).collect();
    pick(client, Route::ListUsers, "/api/v1/users", ids).await
}

pub(super) async fn some_posts(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let ids = (0..PICKED).map(|_| client.visitor.post_id()).collect();
    pick(client, Route::ListPosts, "/api/v1/posts", ids).await
}

/// Exactly these, and every one of them.
async fn pick(
    client: &mut Client<'_>,
    route: Route,
    path: &str,
    ids: BTreeSet<String>,
) -> Result<(), BrokenOff> {
    let text = ids.iter().map(String::as_str).collect::<Vec<_>>().join(",");
    let sort = client.visitor.choose(&["id", "-id", "-created_at"]);
    let check = |answer: &Answer| {
        let picked = answer.sorted(sort)?.data.into_iter();
        let picked: BTreeSet<_> = picked.map(|entry| entry.id).collect();
        ensure(picked == ids, "other entries than those picked")
    };
    let request = list(path, &[("id[in]", &text), ("sort", sort)]);
    client.send(route, request, check).await
}

async fn open(
    client: &mut Client<'_>,
    route: Route,
    path: &str,
    id: &str,
) -> Result<Entry, BrokenOff> {
    let check = |answer: &Answer| {
        let entry: Entry = answer.single(StatusCode::OK)?;
        ensure(entry.id == id, "another one than asked for")?;
        Ok(entry)
    };
    client.send(route, Request::to(path), check).await
}

fn beginning_with(prefix: &str, page: &List<Entry>) -> Result<(), String> {
    ensure(!page.data.is_empty(), "nothing found that is there")?;
    page.all("an entry that begins otherwise than asked for", |entry| {
        entry.name.starts_with(prefix)
    })
}

/// A request for the first page of a list, with these parameters.
fn list(path: &str, query: &[(&str, &str)]) -> Request {
    let limit = PAGE_SIZE.to_string();
    let pairs = query.iter().copied().chain([("limit", limit.as_str())]);
    let mut query = form_urlencoded::Serializer::new(String::new());
    Request::to(format!("{path}?{}", query.extend_pairs(pairs).finish()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_found_begins_with_what_was_asked_for_and_something_is_found() {
        let page = |names: &[&str]| -> List<Entry> {
            let entry = |name: &&str| json!({ "id": "1", "name": name, "created_at": "2024-01-01T00:00:00Z" });
            let data: Vec<_> = names.iter().map(entry).collect();
            let page =
                json!({ "data": data, "meta": { "limit": 2, "has_more": false }, "links": {} });
            serde_json::from_value(page).unwrap()
        };
        let found = |names: &[&str]| beginning_with("Ad", &page(names));
        assert_eq!(found(&["Ada A", "Adam"]), Ok(()));
        assert!(found(&["Ada A", "Alan"]).is_err());
        assert!(found(&["ada"]).is_err());
        assert!(found(&[]).is_err());
    }
}
