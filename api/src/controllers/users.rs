//! Users over REST.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web::Data};

use super::{
    caching::Caching,
    conditions::State,
    envelope,
    fields::Fields,
    parameters::{Parameters, path_id},
    responses::UserResponse,
    single::{self, Resource},
};
use crate::{
    app::AppState,
    error::{Error, ErrorCode},
    models::{
        EmailAddress, FieldSet, Name, Post, Role, User, UserColumn, UserFilter, UserId, UserPart,
    },
    services::{
        posts,
        users::{self, CreateUser, UpdateUser},
    },
};

impl Resource for User {
    const KIND: &'static str = "user";

    fn state(&self) -> State {
        State {
            id: self.id.get(),
            version: self.version,
            updated_at: self.updated_at,
        }
    }

    fn caching(&self) -> Caching {
        Caching::Private
    }

    fn body(&self) -> Option<Vec<u8>> {
        envelope::one(UserResponse::from(self), self.updated_at)
    }
}

/// `GET /api/v1/users`
///
/// # Errors
/// What is wrong with the parameters, and errors of the database.
pub async fn list_users(
    state: Data<AppState>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let mut parameters = Parameters::of(&request);
    let window = parameters.window();
    let filter = UserFilter {
        sort: parameters.sort(),
        role: parameters.take("role", ErrorCode::InvalidRole, Role::parse),
        ids: parameters.ids(UserId::parse),
        name: parameters.prefix("name[prefix]"),
        created_at: parameters.created_at(),
    };
    let (fields, include) = (parameters.fields(), parameters.include("posts"));
    let read = (fields, parameters.count());
    let page_request = parameters.finish(window, &filter.sort, &state.cursors)?;
    let listed = users::list(&state.context, filter, read, page_request.slice()).await?;
    let newest = if include {
        let ids: Vec<_> = listed.rows.iter().map(|user| user.id).collect();
        Some(posts::newest_of(&state.context, &ids).await?)
    } else {
        None
    };
    let shown = |user| shown(user, fields, newest.as_ref());
    let data = listed.rows.iter().map(shown).collect();
    let now = state.context.clock.now();
    Ok(envelope::page(&page_request, &listed, data, now))
}

/// These fields of a user, and the user's newest posts if `newest` has them.
fn shown<'a>(
    user: &'a UserPart,
    fields: FieldSet<UserColumn>,
    newest: Option<&'a HashMap<UserId, Vec<Post>>>,
) -> UserResponse<'a> {
    let shown = UserResponse::of_part(user, fields);
    match newest {
        Some(newest) => shown.with_posts(newest.get(&user.id).map_or(&[], Vec::as_slice)),
        None => shown,
    }
}

/// `POST /api/v1/users`
///
/// # Errors
/// What is wrong with the body, `EMAIL_TAKEN`, and errors of the database.
pub async fn create_user(state: Data<AppState>, mut fields: Fields) -> Result<HttpResponse, Error> {
    let name = fields.required("name", ErrorCode::InvalidName, Name::parse);
    let email = fields.required("email", ErrorCode::InvalidEmail, EmailAddress::parse);
    let role = fields
        .optional("role", ErrorCode::InvalidRole, Role::parse)
        .unwrap_or(Role::Member);
    let user = fields.finish(|| {
        Some(CreateUser {
            name: name?,
            email: email?,
            role,
        })
    })?;
    let user = users::create(&state.context, user).await?;
    single::created(format!("/api/v1/users/{}", user.id), &user)
}

/// `GET /api/v1/users/{user_id}`
///
/// # Errors
/// `INVALID_ID`, `USER_NOT_FOUND`, `PRECONDITION_FAILED`, and errors of the database.
pub async fn get_user(state: Data<AppState>, request: HttpRequest) -> Result<HttpResponse, Error> {
    let user = users::get(&state.context, path_id(&request, "user_id", UserId::parse)?).await?;
    single::show(&request, &user)
}

/// `PUT /api/v1/users/{user_id}`: all that can be written, at once.
///
/// # Errors
/// What is wrong with the id or the body, `PRECONDITION_FAILED`, `USER_NOT_FOUND`, `EMAIL_TAKEN`, and errors of the database.
pub async fn replace_user(
    state: Data<AppState>,
    request: HttpRequest,
    mut fields: Fields,
) -> Result<HttpResponse, Error> {
    let id = path_id(&request, "user_id", UserId::parse)?;
    let whole = UpdateUser {
        name: fields.required("name", ErrorCode::InvalidName, Name::parse),
        email: fields.required("email", ErrorCode::InvalidEmail, EmailAddress::parse),
        role: fields.required("role", ErrorCode::InvalidRole, Role::parse),
    };
    let whole = fields.finish(|| Some(whole))?;
    let precondition = single::precondition::<User>(&request, id.get());
    let user = users::update(&state.context, id, whole, &precondition).await?;
    single::changed(&user)
}

/// `PATCH /api/v1/users/{user_id}`
///
/// # Errors
/// What is wrong with the id or the body, `PRECONDITION_FAILED`, `USER_NOT_FOUND`, `EMAIL_TAKEN`, and errors of the database.
pub async fn update_user(
    state: Data<AppState>,
    request: HttpRequest,
    mut fields: Fields,
) -> Result<HttpResponse, Error> {
    let id = path_id(&request, "user_id", UserId::parse)?;
    let changes = UpdateUser {
        name: fields.optional("name", ErrorCode::InvalidName, Name::parse),
        email: fields.optional("email", ErrorCode::InvalidEmail, EmailAddress::parse),
        role: fields.optional("role", ErrorCode::InvalidRole, Role::parse),
    };
    let changes = fields.finish(|| Some(changes))?;
    let precondition = single::precondition::<User>(&request, id.get());
    let user = users::update(&state.context, id, changes, &precondition).await?;
    single::changed(&user)
}

/// `DELETE /api/v1/users/{user_id}`
///
/// # Errors
/// `INVALID_ID`, `PRECONDITION_FAILED`, `USER_NOT_FOUND`, `CONFLICT`, and errors of the database.
pub async fn delete_user(
    state: Data<AppState>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let id = path_id(&request, "user_id", UserId::parse)?;
    let precondition = single::precondition::<User>(&request, id.get());
    users::delete(&state.context, id, &precondition).await?;
    Ok(envelope::no_content())
}
