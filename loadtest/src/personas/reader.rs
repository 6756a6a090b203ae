//! The reader: browses users and posts, and opens what looks interesting. Most visitors are that.

use super::{Persona, Task};
use crate::client::{BrokenOff, Client};
use crate::contract::{Answer, List, Post, User, ensure};
use crate::routes::Route;
use reqwest::StatusCode;

const ROLES: [&str; 3] = ["admin", "editor", "member"];
/// Readers rarely go further than this.
const LAST_PAGE: usize = 20;
const PAGE_SIZE: usize = 20;

pub(super) const PERSONA: Persona = Persona {
    name: "reader",
    about: "browses users and posts, and opens the popular ones",
    weight: 3,
    tasks: &[
        Task {
            name: "page through the users",
            weight: 1,
            requests: &[(Route::ListUsers, 1)],
            run: |client| Box::pin(page_through_users(client)),
        },
        Task {
            name: "look for users of a role",
            weight: 1,
            requests: &[(Route::ListUsers, 1)],
            run: |client| Box::pin(users_of_a_role(client)),
        },
        Task {
            name: "open a user",
            weight: 4,
            requests: &[(Route::GetUser, 1)],
            run: |client| Box::pin(open_user(client)),
        },
        Task {
            name: "see what a user wrote",
            weight: 1,
            requests: &[(Route::ListPosts, 1)],
            run: |client| Box::pin(posts_of_a_user(client)),
        },
        Task {
            name: "see what is new",
            weight: 1,
            requests: &[(Route::ListPosts, 1)],
            run: |client| Box::pin(published_posts(client)),
        },
        Task {
            name: "read a post",
            weight: 4,
            requests: &[(Route::GetPost, 1)],
            run: |client| Box::pin(read_post(client)),
        },
    ],
};

async fn page_through_users(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let page = client.visitor.small_number(LAST_PAGE);
    let path = format!("/api/v1/users?page={page}&limit={PAGE_SIZE}&sort=-created_at");
    let check = |answer: &Answer| {
        let users: List<User> = answer.list()?;
        ensure(
            users.meta.limit == PAGE_SIZE,
            "another limit than asked for",
        )?;
        ensure(
            usize::try_from(users.meta.page) == Ok(page),
            "another page than asked for",
        )
    };
    client.get(Route::ListUsers, &path, check).await
}

async fn users_of_a_role(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let role = client.visitor.choose(&ROLES);
    let path = format!("/api/v1/users?limit={PAGE_SIZE}&role={role}");
    let check = |answer: &Answer| {
        let users: List<User> = answer.list()?;
        let all = users.data.iter().all(|user| user.role == role);
        ensure(all, "a user of another role than asked for")
    };
    client.get(Route::ListUsers, &path, check).await
}

async fn open_user(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let id = client.visitor.user_id();
    let check = |answer: &Answer| {
        let user: User = answer.single(StatusCode::OK)?;
        ensure(user.id == id, "another user than asked for")?;
        ensure(user.email.contains('@'), "an e-mail address without @")
    };
    client
        .get(Route::GetUser, &format!("/api/v1/users/{id}"), check)
        .await
}

async fn posts_of_a_user(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let author = client.visitor.user_id();
    let path = format!("/api/v1/posts?limit={PAGE_SIZE}&author_id={author}");
    let check = |answer: &Answer| {
        let posts: List<Post> = answer.list()?;
        let all = posts.data.iter().all(|post| post.author_id == author);
        ensure(all, "a post by another author than asked for")
    };
    client.get(Route::ListPosts, &path, check).await
}

async fn published_posts(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let page = client.visitor.small_number(LAST_PAGE);
    let path = format!("/api/v1/posts?page={page}&limit={PAGE_SIZE}&status=published");
    let check = |answer: &Answer| {
        let posts: List<Post> = answer.list()?;
        let all = posts.data.iter().all(|post| post.status == "published");
        ensure(all, "a post of another status than asked for")
    };
    client.get(Route::ListPosts, &path, check).await
}

async fn read_post(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let id = client.visitor.post_id();
    let check = |answer: &Answer| {
        let post: Post = answer.single(StatusCode::OK)?;
        ensure(post.id == id, "another post than asked for")?;
        ensure(!post.title.is_empty(), "a post without a title")
    };
    client
        .get(Route::GetPost, &format!("/api/v1/posts/{id}"), check)
        .await
}
