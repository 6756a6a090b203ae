//! The posts of one user over REST.

use actix_web::{HttpRequest, HttpResponse, web::Data};

use super::{
    envelope,
    fields::Fields,
    idempotency,
    parameters::{Parameters, path_id},
    posts::{self, PostResponse},
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
    let page_request = parameters.finish(window, &filter.sort, &state.cursors)?;
    services::users::get(&state.context, author).await?;
    let listed = services::posts::list(&state.context, filter, page_request.slice()).await?;
    Ok(envelope::page::<_, PostResponse<'_>>(
        &page_request,
        &listed,
        state.context.clock.now(),
    ))
}

/// `POST /api/v1/users/{user_id}/posts`
///
/// # Errors
/// What is wrong with the id, the body or the idempotency key, `USER_NOT_FOUND`, and errors of the database.
pub async fn create(
    state: Data<AppState>,
    request: HttpRequest,
    fields: Fields,
) -> Result<HttpResponse, Error> {
    let author = path_id(&request, "user_id", UserId::parse)?;
    let target = format!("POST /api/v1/users/{author}/posts");
    let keyed = idempotency::keyed(&request, &fields, &target)?;
    let post = posts::new_post(fields, |_| Some(author))?;
    idempotency::create(&state.context, keyed, post, |post| {
        // Here the author is the resource itself.
        let post = post.map_err(|error| match error.code() {
            ErrorCode::AuthorNotFound => ErrorCode::UserNotFound.into(),
            _ => error,
        })?;
        posts::created(&post)
    })
    .await
}
