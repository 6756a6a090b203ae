//! The author: joins, writes, has second thoughts, and leaves. All the writes come from here.
//!
//! It is one task, from joining to leaving, because goose lets a user finish the task they are at:
//! so an author always takes away what they made, and the target is left as it was found. After
//! every change the author reads back what the service now shows: an answer from a stale cache is
//! a wrong answer.

use super::{Persona, Task};
use crate::client::{BrokenOff, Client};
use crate::contract::{Answer, Post, User, ensure};
use crate::request::Request;
use crate::routes::Route;
use reqwest::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::json;

pub(super) const PERSONA: Persona = Persona {
    name: "author",
    about: "joins, writes two posts, changes their mind, reads everything back, and leaves",
    weight: 1,
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

const SENTENCES: [&str; 4] = [
    "A budget that nobody measures is a wish. ",
    "What is slow once in a hundred is slow for everybody once a day. ",
    "The name of a query is the shortest answer to the question where the time went. ",
    "It was fast on my machine, and it still is. ",
];

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

/// A user or a post, and the `ETag` of the state that the author knows.
type Known<T> = (T, String);

async fn join(client: &mut Client<'_>) -> Result<Known<User>, BrokenOff> {
    let word = client.visitor.unique();
    let (name, email) = (format!("Author {word}"), format!("{word}@loadtest.example"));
    let body = json!({ "name": name, "email": email, "role": "editor" });
    let check = |answer: &Answer| {
        let (user, etag): Known<User> = answer.tagged(StatusCode::CREATED)?;
        let as_written = user.name == name && user.email == email && user.role == "editor";
        ensure(as_written, "the new user is not as written")?;
        Ok((user, etag))
    };
    let request = Request::to("/api/v1/users").json(body);
    client.send(Route::CreateUser, request, check).await
}

async fn see_user(client: &mut Client<'_>, (user, etag): &Known<User>) -> Result<(), BrokenOff> {
    let check = |answer: &Answer| {
        let (seen, seen_etag): Known<User> = answer.tagged(StatusCode::OK)?;
        ensure(seen_etag == *etag, "another state than the one written")?;
        ensure(seen == *user, "the user read back is not as written")
    };
    let request = Request::to(user_path(user));
    client.send(Route::GetUser, request, check).await
}

/// One field changes.
async fn rename(
    client: &mut Client<'_>,
    (user, etag): Known<User>,
) -> Result<Known<User>, BrokenOff> {
    let name = format!("{}, renamed", user.name);
    let request = Request::to(user_path(&user)).merge_patch(json!({ "name": name }));
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
    let body = json!({ "name": wanted.name, "email": wanted.email, "role": wanted.role });
    let request = Request::to(user_path(&wanted)).if_match(&etag).json(body);
    let check = |answer: &Answer| changed(answer, &etag, &wanted);
    client.send(Route::ReplaceUser, request, check).await
}

async fn leave(client: &mut Client<'_>, (user, _): &Known<User>) -> Result<(), BrokenOff> {
    let request = Request::to(user_path(user));
    client
        .send(Route::DeleteUser, request, Answer::nothing)
        .await
}

/// The request is sent again, as if its answer had been lost: by its key it is known as the same one.
async fn write_post_twice(
    client: &mut Client<'_>,
    author: &User,
) -> Result<Known<Post>, BrokenOff> {
    let draft = draft(client, author);
    let body = json!({ "author_id": draft.author_id, "title": draft.title, "body": draft.body });
    let key = client.visitor.unique();
    let request = Request::to("/api/v1/posts")
        .header("idempotency-key", &key)
        .json(body);
    let check = |answer: &Answer| {
        let is_first = answer.header("idempotency-replayed").is_none();
        ensure(is_first, "a first answer that says it is the second")?;
        Ok((created(answer, draft)?, answer.clone()))
    };
    let again = request.clone();
    let (post, first) = client.send(Route::CreatePost, request, check).await?;
    let check = |answer: &Answer| answer.replays(&first);
    client.send(Route::CreatePost, again, check).await?;
    Ok(post)
}

/// A post as a resource below its author, who therefore is not in the body.
async fn write_post_below(
    client: &mut Client<'_>,
    author: &User,
) -> Result<Known<Post>, BrokenOff> {
    let draft = draft(client, author);
    let body = json!({ "title": draft.title, "body": draft.body });
    let request = Request::to(format!("{}/posts", user_path(author))).json(body);
    let check = |answer: &Answer| created(answer, draft);
    client.send(Route::CreateUserPost, request, check).await
}

async fn see_post(client: &mut Client<'_>, (post, etag): &Known<Post>) -> Result<(), BrokenOff> {
    let check = |answer: &Answer| {
        let (seen, seen_etag): Known<Post> = answer.tagged(StatusCode::OK)?;
        ensure(seen_etag == *etag, "another state than the one written")?;
        ensure(seen == *post, "the post read back is not as written")
    };
    let request = Request::to(post_path(post));
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
    let request = Request::to(post_path(&wanted))
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
    let request = Request::to(post_path(&wanted)).if_match(&etag).json(body);
    let check = |answer: &Answer| changed(answer, &etag, &wanted);
    client.send(Route::ReplacePost, request, check).await
}

async fn delete_post(client: &mut Client<'_>, (post, etag): &Known<Post>) -> Result<(), BrokenOff> {
    let request = Request::to(post_path(post)).if_match(etag);
    client
        .send(Route::DeletePost, request, Answer::nothing)
        .await
}

/// A post that has no id yet.
fn draft(client: &mut Client<'_>, author: &User) -> Post {
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

/// The draft, which has an id now.
fn created(answer: &Answer, draft: Post) -> Result<Known<Post>, String> {
    let (post, etag): Known<Post> = answer.tagged(StatusCode::CREATED)?;
    let id = post.id.clone();
    ensure(
        post == Post { id, ..draft },
        "the new post is not as written",
    )?;
    Ok((post, etag))
}

/// What was asked for, in another state than before.
fn changed<T: DeserializeOwned + PartialEq>(
    answer: &Answer,
    etag: &str,
    wanted: &T,
) -> Result<Known<T>, String> {
    let (shown, new_etag): Known<T> = answer.tagged(StatusCode::OK)?;
    ensure(new_etag != etag, "a change with the ETag of before")?;
    ensure(shown == *wanted, "the change is not as written")?;
    Ok((shown, new_etag))
}

fn user_path(user: &User) -> String {
    format!("/api/v1/users/{}", user.id)
}

fn post_path(post: &Post) -> String {
    format!("/api/v1/posts/{}", post.id)
}
