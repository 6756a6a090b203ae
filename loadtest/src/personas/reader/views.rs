//! A list in another shape than by default: with what belongs to its entries, with fewer members, with
//! a count.

use super::PAGE_SIZE;
use crate::client::{BrokenOff, Client};
use crate::contract::{Answer, List, Post, PostWithAuthor, UserWithPosts, ensure};
use crate::request::Request;
use crate::routes::Route;
use serde_json::{Map, Value};

/// The most posts that come with a user.
const POSTS_INCLUDED: usize = 5;
/// Members in the order of their names, which is that of a parsed object.
const MEMBERS: [&str; 2] = ["id", "name"];

pub(super) async fn posts_with_authors(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let path = format!("/api/v1/posts?limit={PAGE_SIZE}&include=author");
    let check = |answer: &Answer| {
        let posts: List<PostWithAuthor> = answer.list()?;
        let mut posts = posts.data.iter();
        let own = posts.all(|post| post.author.id == post.author_id);
        ensure(own, "a post with another author than its own")
    };
    client
        .send(Route::ListPosts, Request::to(path), check)
        .await
}

pub(super) async fn users_with_posts(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let path = format!("/api/v1/users?limit={PAGE_SIZE}&include=posts");
    let check = |answer: &Answer| {
        let users: List<UserWithPosts> = answer.list()?;
        for user in users.data {
            let few = user.posts.len() <= POSTS_INCLUDED;
            ensure(few, "a user with more posts than are included")?;
            let own = user.posts.iter().all(|post| post.author_id == user.id);
            ensure(own, "a user with a post by another")?;
        }
        Ok(())
    };
    client
        .send(Route::ListUsers, Request::to(path), check)
        .await
}

pub(super) async fn names_of_users(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let fields = MEMBERS.join(",");
    let path = format!("/api/v1/users?limit={PAGE_SIZE}&fields={fields}");
    let check = |answer: &Answer| {
        let users: List<Map<String, Value>> = answer.list()?;
        let exact = users.data.iter().all(|user| user.keys().eq(MEMBERS));
        ensure(exact, "other fields than asked for")
    };
    client
        .send(Route::ListUsers, Request::to(path), check)
        .await
}

pub(super) async fn count_posts(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let path = format!("/api/v1/posts?limit={PAGE_SIZE}&count=estimated");
    let check = |answer: &Answer| {
        let posts: List<Post> = answer.list()?;
        let enough = posts.meta.total >= Some(posts.data.len());
        ensure(enough, "a total below the entries of one page")?;
        let says_so = posts.meta.total_is_estimate.is_some();
        ensure(says_so, "a total that may be an estimate or not")
    };
    client
        .send(Route::ListPosts, Request::to(path), check)
        .await
}
