//! One page of a list, newest first: by its number, compressed, and again.

use super::super::{PAGE_SIZE, paths};
use crate::client::{BrokenOff, Client};
use crate::contract::{Answer, Post, ensure};
use crate::request::Request;
use crate::routes::Route;

/// Readers rarely go further than this.
const LAST_PAGE: usize = 20;
const NEWEST_FIRST: &str = "-created_at";

pub(super) async fn page_through_users(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let page = client.visitor.small_number(LAST_PAGE);
    let path = format!("/api/v1/users?page={page}&limit={PAGE_SIZE}&sort={NEWEST_FIRST}");
    let check = |answer: &Answer| {
        let users = answer.sorted(NEWEST_FIRST)?;
        let limit = users.meta.limit;
        ensure(limit == PAGE_SIZE, "another limit than asked for")?;
        ensure(users.meta.page == Some(page), "another page than asked for")
    };
    let request = Request::to(path);
    client.send(Route::ListUsers, request, check).await
}

pub(super) async fn posts_of_a_user(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let author = client.visitor.user_id();
    let path = format!("{}?limit={PAGE_SIZE}", paths::user_posts(&author));
    let check = |answer: &Answer| {
        let posts = answer.sorted(NEWEST_FIRST)?;
        posts.all("a post by another author than asked for", |post| {
            post.author_id.as_deref() == Some(&author)
        })
    };
    let request = Request::to(path);
    client.send(Route::ListUserPosts, request, check).await
}

pub(super) async fn published_posts(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let page = client.visitor.small_number(LAST_PAGE);
    let path = format!("/api/v1/posts?page={page}&limit={PAGE_SIZE}&status=published");
    let request = Request::to(path);
    client.send(Route::ListPosts, request, published).await
}

pub(super) async fn come_back_to_published_posts(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let path = format!("/api/v1/posts?limit={PAGE_SIZE}&status=published");
    let whole = |answer: &Answer| {
        published(answer)?;
        answer.tagged_list::<Post>()
    };
    let check = |answer: &Answer| whole(answer).map(|(_, etag)| etag);
    let request = Request::to(&path);
    let etag = client.send(Route::ListPosts, request, check).await?;
    // Others may have published in the meantime.
    let check = |answer: &Answer| answer.unless_known(&etag, whole);
    let request = Request::to(&path).if_none_match(&etag);
    client.send(Route::ListPosts, request, check).await
}

pub(super) async fn zipped_posts(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let path = format!("/api/v1/posts?limit={PAGE_SIZE}");
    let check = |answer: &Answer| answer.unzipped()?.sorted(NEWEST_FIRST).map(drop);
    let request = Request::to(path).header("accept-encoding", "gzip");
    client.send(Route::ListPosts, request, check).await
}

fn published(answer: &Answer) -> Result<(), String> {
    let posts = answer.sorted(NEWEST_FIRST)?;
    posts.all("a post of another status than asked for", |post| {
        post.status.as_deref() == Some("published")
    })
}
