//! Posts over REST.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web::Data};

use super::{
    caching::Caching,
    conditions::State,
    envelope,
    fields::Fields,
    parameters::{Parameters, path_id},
    responses::PostResponse,
    single::{self, Resource},
};
use crate::{
    app::AppState,
    error::{Error, ErrorCode},
    models::{
        Body, FieldSet, Post, PostColumn, PostFilter, PostId, PostPart, PostStatus, Title, User,
        UserId,
    },
    services::{
        posts::{self, CreatePost, UpdatePost},
        users,
    },
};

impl Resource for Post {
    const KIND: &'static str = "post";

    fn state(&self) -> State {
        State {
            id: self.id.get(),
            version: self.version,
            updated_at: self.updated_at,
        }
    }

    fn caching(&self) -> Caching {
        if self.status == PostStatus::Published {
            Caching::Published
        } else {
            Caching::Private
        }
    }

    fn body(&self) -> Option<Vec<u8>> {
        envelope::one(PostResponse::from(self), self.updated_at)
    }
}

/// `GET /api/v1/posts`
///
/// # Errors
/// What is wrong with the parameters, and errors of the database.
pub async fn list_posts(
    state: Data<AppState>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let mut parameters = Parameters::of(&request);
    let window = parameters.window();
    let filter = filter(&mut parameters, |parameters| {
        parameters.take("author_id", ErrorCode::InvalidId, parse_author)
    });
    let (fields, include) = (parameters.fields(), parameters.include("author"));
    let read = (
        fields.with(include.then_some(PostColumn::AuthorId)),
        parameters.count(),
    );
    let page_request = parameters.finish(window, &filter.sort, &state.cursors)?;
    let listed = posts::list(&state.context, filter, read, page_request.slice()).await?;
    let authors = if include {
        let ids = listed.rows.iter().filter_map(|post| post.author_id);
        Some(users::find_many(&state.context, ids.collect()).await?)
    } else {
        None
    };
    let shown = |post| shown(post, fields, authors.as_ref());
    let data = listed.rows.iter().filter_map(shown).collect();
    let now = state.context.clock.now();
    Ok(envelope::page(&page_request, &listed, data, now))
}

/// These fields of a post, and its author if `authors` are asked for. Where the author is gone since the post was read, so is the post.
fn shown<'a>(
    post: &'a PostPart,
    fields: FieldSet<PostColumn>,
    authors: Option<&'a HashMap<UserId, User>>,
) -> Option<PostResponse<'a>> {
    let shown = PostResponse::of_part(post, fields);
    match authors {
        Some(authors) => Some(shown.with_author(authors.get(&post.author_id?)?)),
        None => Some(shown),
    }
}

/// What the parameters say of which posts a list shows, whose author `author` finds.
pub(super) fn filter<'a>(
    parameters: &mut Parameters<'a>,
    author: impl FnOnce(&mut Parameters<'a>) -> Option<UserId>,
) -> PostFilter {
    PostFilter {
        sort: parameters.sort(),
        author_id: author(parameters),
        status: parameters.take("status", ErrorCode::InvalidStatus, PostStatus::parse),
        ids: parameters.ids(PostId::parse),
        title: parameters.prefix("title[prefix]"),
        created_at: parameters.created_at(),
    }
}

/// `POST /api/v1/posts`
///
/// # Errors
/// What is wrong with the body, `AUTHOR_NOT_FOUND`, and errors of the database.
pub async fn create_post(state: Data<AppState>, fields: Fields) -> Result<HttpResponse, Error> {
    let post = new_post(fields, |fields| {
        fields.required("author_id", ErrorCode::InvalidId, parse_author)
    })?;
    created(&posts::create(&state.context, post).await?)
}

/// What a body says of a new post whose author `author` finds.
pub(super) fn new_post(
    mut fields: Fields,
    author: impl FnOnce(&mut Fields) -> Option<UserId>,
) -> Result<CreatePost, Error> {
    let author_id = author(&mut fields);
    let title = fields.required("title", ErrorCode::InvalidTitle, Title::parse);
    let body = fields.required("body", ErrorCode::InvalidBody, Body::parse);
    let status = fields
        .optional("status", ErrorCode::InvalidStatus, PostStatus::parse)
        .unwrap_or(PostStatus::Draft);
    fields.finish(|| {
        Some(CreatePost {
            author_id: author_id?,
            title: title?,
            body: body?,
            status,
        })
    })
}

/// The answer to the making of a post.
pub(super) fn created(post: &Post) -> Result<HttpResponse, Error> {
    single::created(format!("/api/v1/posts/{}", post.id), post)
}

/// `GET /api/v1/posts/{post_id}`
///
/// # Errors
/// `INVALID_ID`, `POST_NOT_FOUND`, `PRECONDITION_FAILED`, and errors of the database.
pub async fn get_post(state: Data<AppState>, request: HttpRequest) -> Result<HttpResponse, Error> {
    let post = posts::get(&state.context, path_id(&request, "post_id", PostId::parse)?).await?;
    single::show(&request, &post)
}

/// `PUT /api/v1/posts/{post_id}`: all that can be written, at once. The author of a post never changes.
///
/// # Errors
/// What is wrong with the id or the body, `PRECONDITION_REQUIRED`, `PRECONDITION_FAILED`, `POST_NOT_FOUND`, and errors of the database.
pub async fn replace_post(
    state: Data<AppState>,
    request: HttpRequest,
    mut fields: Fields,
) -> Result<HttpResponse, Error> {
    let id = path_id(&request, "post_id", PostId::parse)?;
    let whole = UpdatePost {
        title: fields.required("title", ErrorCode::InvalidTitle, Title::parse),
        body: fields.required("body", ErrorCode::InvalidBody, Body::parse),
        status: fields.required("status", ErrorCode::InvalidStatus, PostStatus::parse),
    };
    let whole = fields.finish(|| Some(whole))?;
    let precondition = single::required_precondition::<Post>(&request, id.get())?;
    let post = posts::update(&state.context, id, whole, &precondition).await?;
    single::changed(&post)
}

/// `PATCH /api/v1/posts/{post_id}`. The author of a post never changes.
///
/// # Errors
/// What is wrong with the id or the body, `PRECONDITION_REQUIRED`, `PRECONDITION_FAILED`, `POST_NOT_FOUND`, and errors of the database.
pub async fn update_post(
    state: Data<AppState>,
    request: HttpRequest,
    mut fields: Fields,
) -> Result<HttpResponse, Error> {
    let id = path_id(&request, "post_id", PostId::parse)?;
    let changes = UpdatePost {
        title: fields.optional("title", ErrorCode::InvalidTitle, Title::parse),
        body: fields.optional("body", ErrorCode::InvalidBody, Body::parse),
        status: fields.optional("status", ErrorCode::InvalidStatus, PostStatus::parse),
    };
    let changes = fields.finish(|| Some(changes))?;
    let precondition = single::required_precondition::<Post>(&request, id.get())?;
    let post = posts::update(&state.context, id, changes, &precondition).await?;
    single::changed(&post)
}

/// `DELETE /api/v1/posts/{post_id}`
///
/// # Errors
/// `INVALID_ID`, `PRECONDITION_REQUIRED`, `PRECONDITION_FAILED`, `POST_NOT_FOUND`, and errors of the database.
pub async fn delete_post(
    state: Data<AppState>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let id = path_id(&request, "post_id", PostId::parse)?;
    let precondition = single::required_precondition::<Post>(&request, id.get())?;
    posts::delete(&state.context, id, &precondition).await?;
    Ok(envelope::no_content())
}

fn parse_author(text: &str) -> Result<UserId, &'static str> {
    UserId::parse(text).ok_or(ErrorCode::InvalidId.message())
}
