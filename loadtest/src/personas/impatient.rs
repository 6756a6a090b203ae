//! The impatient: reload what they look at, click twice, leave lists at once, and overwrite.
//!
//! They hang up long before others would, but after a time that no healthy service needs: to hang
//! up is to call the answer wrong.

use super::writing::{
    Known, changed, created, draft, joined, leave, post_body, send_twice, somebody, unchanged,
    user_body,
};
use super::{PAGE_SIZE, Persona, Task, paths};
use crate::client::{BrokenOff, Client};
use crate::contract::{Answer, Post, User, ensure};
use crate::request::Request;
use crate::routes::Route;
use reqwest::StatusCode;
use serde_json::json;
use std::time::Duration;

/// How long they wait for an answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often they look at the same thing, one time after the other.
const RELOADS: usize = 4;

pub(super) const PERSONA: Persona = Persona {
    name: "impatient",
    about: "reloads, clicks twice, leaves lists at once, overwrites what changed in between",
    weight: 2,
    tasks: &[
        Task {
            name: "reload a user",
            weight: 2,
            requests: &[(Route::GetUser, RELOADS)],
            run: |client| Box::pin(reload_user(client)),
        },
        Task {
            name: "reload a post",
            weight: 2,
            requests: &[(Route::GetPost, RELOADS)],
            run: |client| Box::pin(reload_post(client)),
        },
        Task {
            name: "look at the users, and leave",
            weight: 1,
            requests: &[(Route::ListUsers, 1)],
            run: |client| Box::pin(look_and_leave(client, Route::ListUsers, "/api/v1/users")),
        },
        Task {
            name: "look at the posts, and leave",
            weight: 1,
            requests: &[(Route::ListPosts, 1)],
            run: |client| Box::pin(look_and_leave(client, Route::ListPosts, "/api/v1/posts")),
        },
        Task {
            name: "click twice, overwrite, leave",
            weight: 1,
            requests: &[
                (Route::CreateUser, 2),
                (Route::CreatePost, 2),
                (Route::UpdatePost, 3),
                (Route::GetPost, 1),
                (Route::DeleteUser, 1),
            ],
            run: |client| Box::pin(click_twice(client)),
        },
    ],
};

fn hasty(path: impl Into<String>) -> Request {
    Request::to(path).patience(PATIENCE)
}

async fn reload_user(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let id = client.visitor.user_id();
    let check = |answer: &Answer| {
        let (user, _): Known<User> = answer.tagged(StatusCode::OK)?;
        ensure(user.id == id, "another user than asked for")
    };
    reload(client, Route::GetUser, &paths::user(&id), check).await
}

async fn reload_post(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let id = client.visitor.post_id();
    let check = |answer: &Answer| {
        let (post, _): Known<Post> = answer.tagged(StatusCode::OK)?;
        ensure(post.id == id, "another post than asked for")
    };
    reload(client, Route::GetPost, &paths::post(&id), check).await
}

/// Asks for the same again and again; what has the same `ETag` must be the same to the last byte.
async fn reload(
    client: &mut Client<'_>,
    route: Route,
    path: &str,
    check: impl Fn(&Answer) -> Result<(), String>,
) -> Result<(), BrokenOff> {
    let mut last: Option<Answer> = None;
    for _ in 0..RELOADS {
        let check = |answer: &Answer| {
            check(answer)?;
            last.as_ref()
                .map_or(Ok(()), |last| answer.agrees_with(last))?;
            Ok(answer.clone())
        };
        last = Some(client.send(route, hasty(path), check).await?);
    }
    Ok(())
}

/// The first page is enough, though it says where the next one is.
async fn look_and_leave(
    client: &mut Client<'_>,
    route: Route,
    list: &str,
) -> Result<(), BrokenOff> {
    let request = hasty(format!("{list}?cursor=start&limit={PAGE_SIZE}"));
    let check = |answer: &Answer| answer.sorted("-created_at").map(drop);
    client.send(route, request, check).await
}

async fn click_twice(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let somebody = somebody(client);
    let request = hasty("/api/v1/users").json(user_body(&somebody));
    let check = |answer: &Answer| joined(answer, somebody);
    let user = send_twice(client, Route::CreateUser, request, check).await?;
    let draft = draft(client, &user.0);
    let request = hasty("/api/v1/posts").json(post_body(&draft));
    let check = |answer: &Answer| created(answer, draft);
    let post = send_twice(client, Route::CreatePost, request, check).await?;
    overwrite(client, post).await?;
    leave(client, &user).await
}

/// Saves, saves again as if nothing had been saved, is refused, looks, and saves what is there now.
async fn overwrite(client: &mut Client<'_>, (post, stale): Known<Post>) -> Result<(), BrokenOff> {
    let title = |words: &str| format!("{}, {words}", post.title);
    let save = |etag: &str, title: &str| {
        let request = hasty(paths::post(&post.id)).if_match(etag);
        request.merge_patch(json!({ "title": title }))
    };
    let with = |title: String| Post {
        title,
        ..post.clone()
    };
    let wanted = with(title("saved"));
    let check = |answer: &Answer| changed(answer, &stale, &wanted);
    let request = save(&stale, &wanted.title);
    let saved = client.send(Route::UpdatePost, request, check).await?;
    let check = |answer: &Answer| {
        let refused = answer.refused(StatusCode::PRECONDITION_FAILED, "PRECONDITION_FAILED");
        refused.map(drop)
    };
    let request = save(&stale, &title("overwritten"));
    client.send(Route::UpdatePost, request, check).await?;
    let check = |answer: &Answer| unchanged(answer, &saved);
    let request = hasty(paths::post(&post.id));
    client.send(Route::GetPost, request, check).await?;
    let wanted = with(title("saved again"));
    let check = |answer: &Answer| changed(answer, &saved.1, &wanted).map(drop);
    let request = save(&saved.1, &wanted.title);
    client.send(Route::UpdatePost, request, check).await
}
