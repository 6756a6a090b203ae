//! The author: joins, writes, has second thoughts, and leaves. All the writes come from here.
//!
//! It is one task, from joining to leaving, because goose lets a user finish the task they are at:
//! so an author always takes away what they made, and the target is left as it was found. After
//! every change the author reads back what the service now shows: an answer from a stale cache is
//! a wrong answer.

use super::{Persona, Task};
use crate::client::{BrokenOff, Client};
use crate::contract::{Answer, Post, User, ensure};
use crate::routes::Route;
use reqwest::StatusCode;
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
            (Route::GetUser, 2),
            (Route::CreatePost, 2),
            (Route::GetPost, 3),
            (Route::UpdatePost, 1),
            (Route::UpdateUser, 1),
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
    let first = write_post(client, &user).await?;
    see_post(client, &first).await?;
    let second = write_post(client, &user).await?;
    let second = revise_post(client, second).await?;
    see_post(client, &second).await?;
    let user = rename(client, user).await?;
    see_user(client, &user).await?;
    see_post(client, &first).await?;
    delete_post(client, &first).await?;
    leave(client, &user).await
}

async fn join(client: &mut Client<'_>) -> Result<User, BrokenOff> {
    let word = client.visitor.unique();
    let (name, email) = (format!("Author {word}"), format!("{word}@loadtest.example"));
    let body = json!({ "name": name, "email": email, "role": "editor" });
    let check = |answer: &Answer| {
        let user: User = answer.single(StatusCode::CREATED)?;
        let as_written = user.name == name && user.email == email && user.role == "editor";
        ensure(as_written, "the new user is not as written")?;
        Ok(user)
    };
    client
        .post(Route::CreateUser, "/api/v1/users", &body, check)
        .await
}

async fn see_user(client: &mut Client<'_>, user: &User) -> Result<(), BrokenOff> {
    let check = |answer: &Answer| {
        let seen: User = answer.single(StatusCode::OK)?;
        let same = seen.id == user.id && seen.name == user.name && seen.email == user.email;
        ensure(same, "the user read back is not as written")
    };
    client.get(Route::GetUser, &user_path(user), check).await
}

async fn rename(client: &mut Client<'_>, user: User) -> Result<User, BrokenOff> {
    let name = format!("{}, renamed", user.name);
    let check = |answer: &Answer| {
        let renamed: User = answer.single(StatusCode::OK)?;
        let as_written = renamed.id == user.id && renamed.name == name;
        ensure(
            as_written && renamed.email == user.email,
            "the change is not as written",
        )?;
        Ok(renamed)
    };
    let body = json!({ "name": name });
    client
        .patch(Route::UpdateUser, (&user_path(&user), None), &body, check)
        .await
}

async fn leave(client: &mut Client<'_>, user: &User) -> Result<(), BrokenOff> {
    client
        .delete(Route::DeleteUser, (&user_path(user), None), Answer::nothing)
        .await
}

/// A post, and the `ETag` of the state that the author knows.
type Known = (Post, String);

async fn write_post(client: &mut Client<'_>, author: &User) -> Result<Known, BrokenOff> {
    let title = format!("On budgets, {}", client.visitor.unique());
    let length = client.visitor.small_number(30);
    let text = client.visitor.choose(&SENTENCES).repeat(length);
    let text = text.trim_end();
    let body = json!({ "author_id": author.id, "title": title, "body": text, "status": "draft" });
    let check = |answer: &Answer| {
        let (post, etag): Known = answer.tagged(StatusCode::CREATED)?;
        let as_written = post.author_id == author.id && post.title == title;
        let as_written = as_written && post.body == text && post.status == "draft";
        ensure(as_written, "the new post is not as written")?;
        Ok((post, etag))
    };
    client
        .post(Route::CreatePost, "/api/v1/posts", &body, check)
        .await
}

async fn see_post(client: &mut Client<'_>, (post, etag): &Known) -> Result<(), BrokenOff> {
    let check = |answer: &Answer| {
        let (seen, seen_etag): Known = answer.tagged(StatusCode::OK)?;
        ensure(seen_etag == *etag, "another state than the one written")?;
        let same = seen.id == post.id && seen.title == post.title && seen.body == post.body;
        ensure(
            same && seen.status == post.status,
            "the post read back is not as written",
        )
    };
    client.get(Route::GetPost, &post_path(post), check).await
}

async fn revise_post(client: &mut Client<'_>, (post, etag): Known) -> Result<Known, BrokenOff> {
    let title = format!("{}, revised", post.title);
    let check = |answer: &Answer| {
        let (revised, new_etag): Known = answer.tagged(StatusCode::OK)?;
        ensure(new_etag != etag, "a change with the ETag of before")?;
        let as_written = revised.id == post.id && revised.title == title;
        let as_written = as_written && revised.status == "published" && revised.body == post.body;
        ensure(as_written, "the change is not as written")?;
        Ok((revised, new_etag))
    };
    let body = json!({ "title": title, "status": "published" });
    client
        .patch(
            Route::UpdatePost,
            (&post_path(&post), Some(&etag)),
            &body,
            check,
        )
        .await
}

async fn delete_post(client: &mut Client<'_>, (post, etag): &Known) -> Result<(), BrokenOff> {
    client
        .delete(
            Route::DeletePost,
            (&post_path(post), Some(etag)),
            Answer::nothing,
        )
        .await
}

fn user_path(user: &User) -> String {
    format!("/api/v1/users/{}", user.id)
}

fn post_path(post: &Post) -> String {
    format!("/api/v1/posts/{}", post.id)
}
