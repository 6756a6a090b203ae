//! A list in another shape than by default: with what belongs to its entries, with fewer members, with
//! a count.

use super::super::PAGE_SIZE;
use crate::client::{BrokenOff, Client};
use crate::contract::{Answer, List, PostWithAuthor, UserWithPosts, ensure};
use crate::request::Request;
use crate::routes::Route;
use serde_json::{Map, Value};

/// The most posts that come with a user.
const POSTS_INCLUDED: usize = 5;
/// Members in the order of their names, which is that of a parsed object.
const MEMBERS: [&str; 2] = ["id", "name"];

pub(super) async fn posts_with_authors(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let path = format!("/api/v1/posts?limit={PAGE_SIZE}&include=author&count=estimated");
    let check = |answer: &Answer| {
        let posts: List<PostWithAuthor> = answer.list()?;
        posts.all("a post with another author than its own", |post| {
            post.author.id == post.author_id
        })?;
        counted(answer)
    };
    let request = Request::to(path);
    client.send(Route::ListPosts, request, check).await
}

pub(super) async fn users_with_posts(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let path = format!("/api/v1/users?limit={PAGE_SIZE}&include=posts&count=estimated");
    let check = |answer: &Answer| {
        let users: List<UserWithPosts> = answer.list()?;
        for user in &users.data {
            let few = user.posts.len() <= POSTS_INCLUDED;
            ensure(few, "a user with more posts than are included")?;
            let own = user.posts.iter().all(|post| post.author_id == user.id);
            ensure(own, "a user with a post by another")?;
        }
        counted(answer)
    };
    let request = Request::to(path);
    client.send(Route::ListUsers, request, check).await
}

pub(super) async fn names_of_users(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let fields = MEMBERS.join(",");
    let path = format!("/api/v1/users?limit={PAGE_SIZE}&fields={fields}");
    let check = |answer: &Answer| {
        let users: List<Map<String, Value>> = answer.list()?;
        users.all("other fields than asked for", |user| {
            user.keys().eq(MEMBERS)
        })
    };
    let request = Request::to(path);
    client.send(Route::ListUsers, request, check).await
}

/// A page newest first, which says how many entries there are.
fn counted(answer: &Answer) -> Result<(), String> {
    answer.sorted("-created_at")?.counted()
}
