//! The posts of one user over REST.

use actix_web::{HttpRequest, HttpResponse, web::Data};

use super::{
    envelope,
    fields::Fields,
    idempotency,
    parameters::{Parameters, no_parameters, path_id},
    posts,
    representations::Form,
    responses::PostResponse,
};
use crate::{
    app::AppState,
    error::{Error, ErrorCode},
    models::{Post, UserId},
    services,
};

/// `GET /api/v1/users/{user_id}/posts`
///
/// # Errors
/// What is wrong with the id or the parameters, `USER_NOT_FOUND`, and errors of the database.
pub async fn list(
    state: Data<AppState>,
    form: Form,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let author = path_id(&request, "user_id", UserId::parse)?;
    let mut parameters = Parameters::of(&request);
    let window = parameters.window();
    let filter = posts::filter(&mut parameters, |_| Some(author));
    let (fields, include) = (parameters.fields(), parameters.include("author"));
    let read = (fields, parameters.count());
    let page_request = parameters.finish(window, &filter.sort, &state.cursors)?;
    let author = services::users::get(&state.context, author).await?;
    let listed = services::posts::list(&state.context, filter, read, page_request.slice()).await?;
    let shown = |post| {
        let shown = PostResponse::of_part(post, fields);
        if include {
            shown.with_author(&author.row)
        } else {
            shown
        }
    };
    let data = listed.rows.iter().map(shown).collect();
    let now = state.context.clock.now();
    envelope::page(&request, &form, &page_request, &listed, data, now).await
}

/// `POST /api/v1/users/{user_id}/posts`
///
/// # Errors
/// What is wrong with the id, the body or the idempotency key, `USER_NOT_FOUND`, and errors of the database.
pub async fn create(
    state: Data<AppState>,
    form: Form,
    request: HttpRequest,
    fields: Fields,
) -> Result<HttpResponse, Error> {
    no_parameters(&request)?;
    let author = path_id(&request, "user_id", UserId::parse)?;
    let target = format!("POST /api/v1/users/{author}/posts");
    let keyed = idempotency::keyed(&request, &fields, &target)?;
    let post = posts::new_post(fields, |_| Some(author))?;
    let answer = |post: Result<Post, Error>| {
        // Here the author is the resource itself.
        let post = post.map_err(|error| match error.code() {
            ErrorCode::AuthorNotFound => ErrorCode::UserNotFound.into(),
            _ => error,
        })?;
        posts::created(&form, &post)
    };
    idempotency::create(&state.context, &form, keyed, post, answer).await
}
