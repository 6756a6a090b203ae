//! The author: joins, writes, has second thoughts, and leaves. Nearly all the writes come from here.
//!
//! It is one task, from joining to leaving, because goose lets a user finish the task they are at:
//! so an author always takes away what they made. After every change the author reads back what the
//! service now shows: an answer from a stale cache is a wrong answer.

use super::writing::{
    Known, changed, created, draft, joined, leave, post_body, send_twice, somebody, unchanged,
    user_body,
};
use super::{Persona, Task, paths};
use crate::client::{BrokenOff, Client};
use crate::contract::{Answer, Post, User};
use crate::request::Request;
use crate::routes::Route;
use serde_json::json;

pub(super) const PERSONA: Persona = Persona {
    name: "author",
    about: "joins, writes two posts, changes their mind, reads everything back, and leaves",
    weight: 7,
    tasks: &[Task {
        name: "join, write, leave",
        weight: 1,
        requests: &[
            (Route::CreateUser, 1),
            (Route::GetUser, 3),
            (Route::CreatePost, 2),
            (Route::CreateUserPost, 1),
            (Route::GetPost, 4),
            (Route::UpdatePost, 1),
            (Route::ReplacePost, 1),
            (Route::UpdateUser, 1),
            (Route::ReplaceUser, 1),
            (Route::DeletePost, 1),
            (Route::DeleteUser, 1),
        ],
        run: |client| Box::pin(join_write_leave(client)),
    }],
};

async fn join_write_leave(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let user = join(client).await?;
    see_user(client, &user).await?;
    let first = write_post_twice(client, &user.0).await?;
    see_post(client, &first).await?;
    let second = write_post_below(client, &user.0).await?;
    let second = revise_post(client, second).await?;
    see_post(client, &second).await?;
    let second = rewrite_post(client, second).await?;
    see_post(client, &second).await?;
    let user = rename(client, user).await?;
    see_user(client, &user).await?;
    let user = start_over(client, user).await?;
    see_user(client, &user).await?;
    see_post(client, &first).await?;
    delete_post(client, &first).await?;
    leave(client, &user).await
}

async fn join(client: &mut Client<'_>) -> Result<Known<User>, BrokenOff> {
    let somebody = somebody(client);
    let request = Request::to("/api/v1/users").json(user_body(&somebody));
    let check = |answer: &Answer| joined(answer, somebody);
    client.send(Route::CreateUser, request, check).await
}

async fn see_user(client: &mut Client<'_>, user: &Known<User>) -> Result<(), BrokenOff> {
    let request = Request::to(paths::user(&user.0.id));
    let check = |answer: &Answer| unchanged(answer, user);
    client.send(Route::GetUser, request, check).await
}

/// One field changes, whatever the state.
async fn rename(
    client: &mut Client<'_>,
    (user, etag): Known<User>,
) -> Result<Known<User>, BrokenOff> {
    let name = format!("{}, renamed", user.name);
    let request = Request::to(paths::user(&user.id)).merge_patch(json!({ "name": name }));
    let wanted = User { name, ..user };
    let check = |answer: &Answer| changed(answer, &etag, &wanted);
    client.send(Route::UpdateUser, request, check).await
}

/// Every field is written anew.
async fn start_over(
    client: &mut Client<'_>,
    (user, etag): Known<User>,
) -> Result<Known<User>, BrokenOff> {
    let wanted = User {
        name: format!("{}, again", user.name),
        email: format!("again-{}", user.email),
        role: "member".to_owned(),
        ..user
    };
    let request = Request::to(paths::user(&wanted.id))
        .if_match(&etag)
        .json(user_body(&wanted));
    let check = |answer: &Answer| changed(answer, &etag, &wanted);
    client.send(Route::ReplaceUser, request, check).await
}

async fn write_post_twice(
    client: &mut Client<'_>,
    author: &User,
) -> Result<Known<Post>, BrokenOff> {
    let draft = draft(client, author);
    let request = Request::to("/api/v1/posts").json(post_body(&draft));
    let check = |answer: &Answer| created(answer, draft);
    send_twice(client, Route::CreatePost, request, check).await
}

/// A post as a resource below its author, who therefore is not in the body.
async fn write_post_below(
    client: &mut Client<'_>,
    author: &User,
) -> Result<Known<Post>, BrokenOff> {
    let draft = draft(client, author);
    let body = json!({ "title": draft.title, "body": draft.body });
    let request = Request::to(paths::user_posts(&author.id)).json(body);
    let check = |answer: &Answer| created(answer, draft);
    client.send(Route::CreateUserPost, request, check).await
}

async fn see_post(client: &mut Client<'_>, post: &Known<Post>) -> Result<(), BrokenOff> {
    let request = Request::to(paths::post(&post.0.id));
    let check = |answer: &Answer| unchanged(answer, post);
    client.send(Route::GetPost, request, check).await
}

/// Two fields change.
async fn revise_post(
    client: &mut Client<'_>,
    (post, etag): Known<Post>,
) -> Result<Known<Post>, BrokenOff> {
    let wanted = Post {
        title: format!("{}, revised", post.title),
        status: "published".to_owned(),
        ..post
    };
    let changes = json!({ "title": wanted.title, "status": wanted.status });
    let request = Request::to(paths::post(&wanted.id))
        .if_match(&etag)
        .merge_patch(changes);
    let check = |answer: &Answer| changed(answer, &etag, &wanted);
    client.send(Route::UpdatePost, request, check).await
}

/// Every field is written anew.
async fn rewrite_post(
    client: &mut Client<'_>,
    (post, etag): Known<Post>,
) -> Result<Known<Post>, BrokenOff> {
    let wanted = Post {
        title: format!("{}, rewritten", post.title),
        body: format!("{} I know better now.", post.body),
        status: "archived".to_owned(),
        ..post
    };
    let body = json!({ "title": wanted.title, "body": wanted.body, "status": wanted.status });
    let request = Request::to(paths::post(&wanted.id))
        .if_match(&etag)
        .json(body);
    let check = |answer: &Answer| changed(answer, &etag, &wanted);
    client.send(Route::ReplacePost, request, check).await
}

async fn delete_post(client: &mut Client<'_>, (post, etag): &Known<Post>) -> Result<(), BrokenOff> {
    let request = Request::to(paths::post(&post.id)).if_match(etag);
    let route = Route::DeletePost;
    client.send(route, request, Answer::nothing).await
}
