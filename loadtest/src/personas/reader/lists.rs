//! One page of a list: by its number, by filters, compressed, and again.

use super::PAGE_SIZE;
use crate::client::{BrokenOff, Client};
use crate::contract::{Answer, List, Post, User, ensure};
use crate::request::Request;
use crate::routes::Route;

const ROLES: [&str; 3] = ["admin", "editor", "member"];
/// Readers rarely go further than this.
const LAST_PAGE: usize = 20;

pub(super) async fn page_through_users(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let page = client.visitor.small_number(LAST_PAGE);
    let path = format!("/api/v1/users?page={page}&limit={PAGE_SIZE}&sort=-created_at");
    let check = |answer: &Answer| {
        let users: List<User> = answer.list()?;
        ensure(
            users.meta.limit == PAGE_SIZE,
            "another limit than asked for",
        )?;
        ensure(users.meta.page == Some(page), "another page than asked for")
    };
    client
        .send(Route::ListUsers, Request::to(path), check)
        .await
}

pub(super) async fn users_of_a_role(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let role = client.visitor.choose(&ROLES);
    let path = format!("/api/v1/users?limit={PAGE_SIZE}&role={role}");
    let check = |answer: &Answer| {
        let users: List<User> = answer.list()?;
        let all = users.data.iter().all(|user| user.role == role);
        ensure(all, "a user of another role than asked for")
    };
    client
        .send(Route::ListUsers, Request::to(path), check)
        .await
}

pub(super) async fn posts_by_a_user(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let author = client.visitor.user_id();
    let path = format!("/api/v1/posts?limit={PAGE_SIZE}&author_id={author}");
    let check = |answer: &Answer| only_by(&author, answer);
    client
        .send(Route::ListPosts, Request::to(path), check)
        .await
}

pub(super) async fn posts_of_a_user(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let author = client.visitor.user_id();
    let path = format!("/api/v1/users/{author}/posts?limit={PAGE_SIZE}");
    let check = |answer: &Answer| only_by(&author, answer);
    client
        .send(Route::ListUserPosts, Request::to(path), check)
        .await
}

pub(super) async fn published_posts(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let page = client.visitor.small_number(LAST_PAGE);
    let path = format!("/api/v1/posts?page={page}&limit={PAGE_SIZE}&status=published");
    let check = |answer: &Answer| {
        let posts: List<Post> = answer.list()?;
        let all = posts.data.iter().all(|post| post.status == "published");
        ensure(all, "a post of another status than asked for")
    };
    client
        .send(Route::ListPosts, Request::to(path), check)
        .await
}

pub(super) async fn come_back_to_published_posts(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let path = format!("/api/v1/posts?limit={PAGE_SIZE}&status=published");
    let check = |answer: &Answer| answer.tagged_list::<Post>().map(|(_, etag)| etag);
    let request = Request::to(&path);
    let etag = client.send(Route::ListPosts, request, check).await?;
    // Others may have published in the meantime.
    let check = |answer: &Answer| answer.unless_known(&etag, Answer::tagged_list::<Post>);
    let request = Request::to(&path).if_none_match(&etag);
    client.send(Route::ListPosts, request, check).await
}

pub(super) async fn zipped_posts(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let path = format!("/api/v1/posts?limit={PAGE_SIZE}");
    let check = |answer: &Answer| answer.unzipped()?.list::<Post>().map(drop);
    let request = Request::to(path).header("accept-encoding", "gzip");
    client.send(Route::ListPosts, request, check).await
}

fn only_by(author: &str, answer: &Answer) -> Result<(), String> {
    let posts: List<Post> = answer.list()?;
    let all = posts.data.iter().all(|post| post.author_id == author);
    ensure(all, "a post by another author than asked for")
}
