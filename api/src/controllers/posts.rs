//! Posts over REST.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web::Data};
use bytes::Bytes;

use super::{
    caching::Caching,
    conditions::State,
    envelope,
    fields::Fields,
    idempotency,
    parameters::{Parameters, no_parameters, path_id},
    representations::{Form, Representation},
    responses::PostResponse,
    shape::View,
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

    fn body(&self, representation: &Representation) -> Option<Bytes> {
        envelope::one(representation, PostResponse::from(self), self.updated_at)
    }
}

/// `GET /api/v1/posts`
///
/// # Errors
/// What is wrong with the parameters, and errors of the database.
pub async fn list_posts(
    state: Data<AppState>,
    form: Form,
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
    envelope::page(&request, &form, &page_request, &listed, data, now).await
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
/// What is wrong with the body or the idempotency key, `AUTHOR_NOT_FOUND`, and errors of the database.
pub async fn create_post(
    state: Data<AppState>,
    form: Form,
    request: HttpRequest,
    fields: Fields,
) -> Result<HttpResponse, Error> {
    no_parameters(&request)?;
    let keyed = idempotency::keyed(&request, &fields, "POST /api/v1/posts")?;
    let post = new_post(fields, |fields| {
        fields.required("author_id", ErrorCode::InvalidId, parse_author)
    })?;
    let answer = |post: Result<Post, Error>| created(&form, &post?);
    idempotency::create(&state.context, &form, keyed, post, answer).await
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
pub(super) fn created(form: &Form, post: &Post) -> Result<HttpResponse, Error> {
    single::created(form, format!("/api/v1/posts/{}", post.id), post)
}

/// `GET /api/v1/posts/{post_id}`
///
/// # Errors
/// `INVALID_ID`, what is wrong with the parameters, `POST_NOT_FOUND`, `PRECONDITION_FAILED`, and errors of the database.
pub async fn get_post(
    state: Data<AppState>,
    form: Form,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let id = path_id(&request, "post_id", PostId::parse)?;
    let view = View::of(&request, "author")?;
    let post = posts::get(&state.context, id).await?;
    let now = state.context.clock.now();
    if view.is_whole() {
        return single::show(&request, &form, &post, now).await;
    }
    let shown = PostResponse::of(&post.row, view.fields);
    if !view.include {
        return single::show_view(&request, &form, &post.row, (shown, false), now).await;
    }
    let author = users::get(&state.context, post.row.author_id).await;
    // Where the author is gone since the post was read, so is the post.
    let author = author.map_err(|error| match error.code() {
        ErrorCode::UserNotFound => ErrorCode::PostNotFound.into(),
        _ => error,
    })?;
    let shown = shown.with_author(&author.row);
    single::show_view(&request, &form, &post.row, (shown, true), now).await
}

/// `PUT /api/v1/posts/{post_id}`: all that can be written, at once. The author of a post never changes.
///
/// # Errors
/// What is wrong with the id or the body, `PRECONDITION_REQUIRED`, `PRECONDITION_FAILED`, `POST_NOT_FOUND`, and errors of the database.
pub async fn replace_post(
    state: Data<AppState>,
    form: Form,
    request: HttpRequest,
    mut fields: Fields,
) -> Result<HttpResponse, Error> {
    no_parameters(&request)?;
    let id = path_id(&request, "post_id", PostId::parse)?;
    let whole = UpdatePost {
        title: fields.required("title", ErrorCode::InvalidTitle, Title::parse),
        body: fields.required("body", ErrorCode::InvalidBody, Body::parse),
        status: fields.required("status", ErrorCode::InvalidStatus, PostStatus::parse),
    };
    let whole = fields.finish(|| Some(whole))?;
    let precondition = single::required_precondition::<Post>(&request, id.get())?;
    let post = posts::update(&state.context, id, whole, &precondition).await?;
    single::changed(&form, &post).await
}

/// `PATCH /api/v1/posts/{post_id}`. The author of a post never changes.
///
/// # Errors
/// What is wrong with the id or the body, `PRECONDITION_REQUIRED`, `PRECONDITION_FAILED`, `POST_NOT_FOUND`, and errors of the database.
pub async fn update_post(
    state: Data<AppState>,
    form: Form,
    request: HttpRequest,
    mut fields: Fields,
) -> Result<HttpResponse, Error> {
    no_parameters(&request)?;
    let id = path_id(&request, "post_id", PostId::parse)?;
    let changes = UpdatePost {
        title: fields.optional("title", ErrorCode::InvalidTitle, Title::parse),
        body: fields.optional("body", ErrorCode::InvalidBody, Body::parse),
        status: fields.optional("status", ErrorCode::InvalidStatus, PostStatus::parse),
    };
    let changes = fields.finish(|| Some(changes))?;
    let precondition = single::required_precondition::<Post>(&request, id.get())?;
    let post = posts::update(&state.context, id, changes, &precondition).await?;
    single::changed(&form, &post).await
}

/// `DELETE /api/v1/posts/{post_id}`
///
/// # Errors
/// `INVALID_ID`, `PRECONDITION_REQUIRED`, `PRECONDITION_FAILED`, `POST_NOT_FOUND`, and errors of the database.
pub async fn delete_post(
    state: Data<AppState>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    no_parameters(&request)?;
    let id = path_id(&request, "post_id", PostId::parse)?;
    let precondition = single::required_precondition::<Post>(&request, id.get())?;
    posts::delete(&state.context, id, &precondition).await?;
    Ok(envelope::no_content())
}

fn parse_author(text: &str) -> Result<UserId, &'static str> {
    UserId::parse(text).ok_or(ErrorCode::InvalidId.message())
}
