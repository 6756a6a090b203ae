//! The posts of one user over REST.

use actix_web::{HttpRequest, HttpResponse, web::Data};

use super::{
    envelope,
    fields::Fields,
    parameters::{Parameters, path_id},
    posts,
    responses::PostResponse,
};
use crate::{
    app::AppState,
    error::{Error, ErrorCode},
    models::UserId,
    services,
};

/// `GET /api/v1/users/{user_id}/posts`
///
/// # Errors
/// What is wrong with the id or the parameters, `USER_NOT_FOUND`, and errors of the database.
pub async fn list(state: Data<AppState>, request: HttpRequest) -> Result<HttpResponse, Error> {
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
    Ok(envelope::page(&page_request, &listed, data, now))
}

/// `POST /api/v1/users/{user_id}/posts`
///
/// # Errors
/// What is wrong with the id or the body, `USER_NOT_FOUND`, and errors of the database.
pub async fn create(
    state: Data<AppState>,
    request: HttpRequest,
    fields: Fields,
) -> Result<HttpResponse, Error> {
    let author = path_id(&request, "user_id", UserId::parse)?;
    let post = posts::new_post(fields, |_| Some(author))?;
    let created = services::posts::create(&state.context, post).await;
    // Here the author is the resource itself.
    let post = created.map_err(|error| match error.code() {
        ErrorCode::AuthorNotFound => ErrorCode::UserNotFound.into(),
        _ => error,
    })?;
    posts::created(&post)
}
