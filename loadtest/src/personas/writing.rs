//! What those have in common who write: new users and posts, changes, and what must come of them.
//!
//! Whoever writes takes away in the end what they made, and touches nothing else: the target is left
//! as it was found.

use super::paths;
use crate::client::{BrokenOff, Client};
use crate::contract::{Answer, Post, User, ensure};
use crate::request::Request;
use crate::routes::Route;
use reqwest::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const SENTENCES: [&str; 4] = [
    "A budget that nobody measures is a wish. ",
    "What is slow once in a hundred is slow for everybody once a day. ",
    "The name of a query is the shortest answer to the question where the time went. ",
    "It was fast on my machine, and it still is. ",
];

/// A user or a post, and the `ETag` of the state that its owner knows.
pub(super) type Known<T> = (T, String);

/// A user who has no id yet, and like whom there is no other.
pub(super) fn somebody(client: &mut Client<'_>) -> User {
    let word = client.visitor.unique();
    User {
        id: String::new(),
        name: format!("Author {word}"),
        email: format!("{word}@loadtest.example"),
        role: "editor".to_owned(),
    }
}

/// A post that has no id yet.
pub(super) fn draft(client: &mut Client<'_>, author: &User) -> Post {
    let length = client.visitor.small_number(30);
    let body = client.visitor.choose(&SENTENCES).repeat(length);
    Post {
        id: String::new(),
        author_id: author.id.clone(),
        title: format!("On budgets, {}", client.visitor.unique()),
        body: body.trim_end().to_owned(),
        status: "draft".to_owned(),
    }
}

/// All that can be written of a user.
pub(super) fn user_body(user: &User) -> Value {
    json!({ "name": user.name, "email": user.email, "role": user.role })
}

/// A new post, where the address does not say whose it is.
pub(super) fn post_body(post: &Post) -> Value {
    json!({ "author_id": post.author_id, "title": post.title, "body": post.body })
}

/// Sends a POST, and sends it again as if its answer had been lost: by its key it is known as the
/// same one, and nothing is made twice.
pub(super) async fn send_twice<T>(
    client: &mut Client<'_>,
    route: Route,
    request: Request,
    check: impl FnOnce(&Answer) -> Result<T, String>,
) -> Result<T, BrokenOff> {
    let request = request.header("idempotency-key", &client.visitor.unique());
    let again = request.clone();
    let check = |answer: &Answer| {
        let is_first = answer.header("idempotency-replayed").is_none();
        ensure(is_first, "a first answer that says it is the second")?;
        Ok((check(answer)?, answer.clone()))
    };
    let (made, first) = client.send(route, request, check).await?;
    let check = |answer: &Answer| answer.replays(&first);
    client.send(route, again, check).await?;
    Ok(made)
}

/// Takes away a user with their posts, in the state that is known.
pub(super) async fn leave(
    client: &mut Client<'_>,
    (user, etag): &Known<User>,
) -> Result<(), BrokenOff> {
    let request = Request::to(paths::user(&user.id)).if_match(etag);
    let route = Route::DeleteUser;
    client.send(route, request, Answer::nothing).await
}

/// Somebody, who has an id now.
pub(super) fn joined(answer: &Answer, somebody: User) -> Result<Known<User>, String> {
    let (user, etag): Known<User> = answer.tagged(StatusCode::CREATED)?;
    let id = user.id.clone();
    located(answer, &paths::user(&id))?;
    let as_written = user == User { id, ..somebody };
    ensure(as_written, "the new user is not as written")?;
    Ok((user, etag))
}

/// The draft, which has an id now.
pub(super) fn created(answer: &Answer, draft: Post) -> Result<Known<Post>, String> {
    let (post, etag): Known<Post> = answer.tagged(StatusCode::CREATED)?;
    let id = post.id.clone();
    located(answer, &paths::post(&id))?;
    let as_written = post == Post { id, ..draft };
    ensure(as_written, "the new post is not as written")?;
    Ok((post, etag))
}

fn located(answer: &Answer, path: &str) -> Result<(), String> {
    let said = answer.header("location") == Some(path);
    ensure(said, "something new without its Location")
}

/// What was asked for, in another state than before.
pub(super) fn changed<T: DeserializeOwned + PartialEq>(
    answer: &Answer,
    etag: &str,
    wanted: &T,
) -> Result<Known<T>, String> {
    let (shown, new_etag): Known<T> = answer.tagged(StatusCode::OK)?;
    ensure(new_etag != etag, "a change with the ETag of before")?;
    ensure(shown == *wanted, "the change is not as written")?;
    Ok((shown, new_etag))
}

/// What was written before, in the same state.
pub(super) fn unchanged<T: DeserializeOwned + PartialEq>(
    answer: &Answer,
    (written, etag): &Known<T>,
) -> Result<(), String> {
    let (seen, seen_etag): Known<T> = answer.tagged(StatusCode::OK)?;
    ensure(seen_etag == *etag, "another state than the one written")?;
    ensure(seen == *written, "what is read back is not as written")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn somebody() -> User {
        User {
            id: String::new(),
            name: "A".to_owned(),
            email: "a@b.c".to_owned(),
            role: "editor".to_owned(),
        }
    }

    /// An answer that shows user 7 of this name.
    fn answer(status: StatusCode, name: &str, etag: &str, location: &str) -> Answer {
        let user = json!({ "id": "7", "name": name, "email": "a@b.c", "role": "editor" });
        let body = json!({ "data": user, "meta": { "timestamp": "now" } });
        let headers = [("etag", etag), ("location", location)];
        Answer {
            status,
            headers: headers.into_iter().collect(),
            body: body.to_string().into(),
        }
    }

    #[test]
    fn a_new_user_is_as_written_and_says_where_they_are() {
        let made = |name, location| {
            let answer = answer(StatusCode::CREATED, name, "\"1\"", location);
            joined(&answer, somebody())
        };
        assert_eq!(made("A", "/api/v1/users/7").unwrap().0.id, "7");
        assert!(made("B", "/api/v1/users/7").is_err());
        assert!(made("A", "/api/v1/users/8").is_err());
    }

    #[test]
    fn what_was_changed_is_in_another_state_and_what_was_not_is_in_the_same() {
        let written = User {
            id: "7".to_owned(),
            ..somebody()
        };
        let shown = |name, etag| answer(StatusCode::OK, name, etag, "/");
        let change = |name, etag| changed(&shown(name, etag), "\"1\"", &written).is_ok();
        assert!(change("A", "\"2\""));
        assert!(!change("A", "\"1\""));
        assert!(!change("B", "\"2\""));
        let known = (written.clone(), "\"1\"".to_owned());
        let same = |name, etag| unchanged(&shown(name, etag), &known).is_ok();
        assert!(same("A", "\"1\""));
        assert!(!same("A", "\"2\""));
        assert!(!same("B", "\"1\""));
    }
}
