//! One user or post: opened for the first time, again by a reader who knows its `ETag`, and as XML.

use super::super::paths;
use crate::client::{BrokenOff, Client};
use crate::contract::{Answer, Post, User, ensure};
use crate::request::Request;
use crate::routes::Route;
use reqwest::StatusCode;

pub(super) async fn open_user(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let id = client.visitor.user_id();
    user(client, &id).await.map(drop)
}

pub(super) async fn read_post(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let id = client.visitor.post_id();
    post(client, &id).await.map(drop)
}

pub(super) async fn come_back_to_user(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let id = client.visitor.user_id();
    let etag = user(client, &id).await?;
    let request = Request::to(paths::user(&id)).if_none_match(&etag);
    let check =
        |answer: &Answer| answer.unless_known(&etag, |whole| whole.tagged::<User>(StatusCode::OK));
    client.send(Route::GetUser, request, check).await
}

pub(super) async fn come_back_to_post(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let id = client.visitor.post_id();
    let etag = post(client, &id).await?;
    let request = Request::to(paths::post(&id)).if_none_match(&etag);
    let check =
        |answer: &Answer| answer.unless_known(&etag, |whole| whole.tagged::<Post>(StatusCode::OK));
    client.send(Route::GetPost, request, check).await
}

pub(super) async fn open_user_as_xml(client: &mut Client<'_>) -> Result<(), BrokenOff> {
    let id = client.visitor.user_id();
    let check = |answer: &Answer| {
        let shown = answer.member_in_xml("id")?;
        ensure(shown == id, "another user than asked for")
    };
    let request = Request::to(paths::user(&id)).header("accept", "application/xml");
    client.send(Route::GetUser, request, check).await
}

/// Opens a user; gives back the `ETag` of what was shown.
async fn user(client: &mut Client<'_>, id: &str) -> Result<String, BrokenOff> {
    let check = |answer: &Answer| {
        let (user, etag) = answer.tagged::<User>(StatusCode::OK)?;
        ensure(user.id == id, "another user than asked for")?;
        ensure(user.email.contains('@'), "an e-mail address without @")?;
        Ok(etag)
    };
    let request = Request::to(paths::user(id));
    client.send(Route::GetUser, request, check).await
}

/// Opens a post; gives back the `ETag` of what was shown.
async fn post(client: &mut Client<'_>, id: &str) -> Result<String, BrokenOff> {
    let check = |answer: &Answer| {
        let (post, etag) = answer.tagged::<Post>(StatusCode::OK)?;
        ensure(post.id == id, "another post than asked for")?;
        ensure(!post.title.is_empty(), "a post without a title")?;
        Ok(etag)
    };
    let request = Request::to(paths::post(id));
    client.send(Route::GetPost, request, check).await
}
