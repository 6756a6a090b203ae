//! Users over REST.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde::Serialize;

use super::{
    caching::Caching,
    conditions::State,
    envelope::{self, Shown},
    fields::Fields,
    idempotency,
    parameters::{Parameters, path_id},
    single::{self, Resource},
};
use crate::{
    app::AppState,
    error::{Error, ErrorCode},
    models::{EmailAddress, Name, Role, Timestamp, User, UserFilter, UserId},
    services::users::{self, CreateUser, UpdateUser},
};

/// A user as clients see it.
#[derive(Serialize)]
struct UserResponse<'a> {
    id: Shown<UserId>,
    name: &'a str,
    email: &'a str,
    role: &'static str,
    version: i32,
    created_at: Shown<Timestamp>,
    updated_at: Shown<Timestamp>,
}

impl<'a> From<&'a User> for UserResponse<'a> {
    fn from(user: &'a User) -> Self {
        Self {
            id: Shown(user.id),
            name: &user.name,
            email: &user.email,
            role: user.role.as_str(),
            version: user.version,
            created_at: Shown(user.created_at),
            updated_at: Shown(user.updated_at),
        }
    }
}

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
    let page_request = parameters.finish(window, &filter.sort, &state.cursors)?;
    let listed = users::list(&state.context, filter, page_request.slice()).await?;
    Ok(envelope::page::<_, UserResponse<'_>>(
        &page_request,
        &listed,
        state.context.clock.now(),
    ))
}

/// `POST /api/v1/users`
///
/// # Errors
/// What is wrong with the body or the idempotency key, `EMAIL_TAKEN`, and errors of the database.
pub async fn create_user(
    state: Data<AppState>,
    request: HttpRequest,
    mut fields: Fields,
) -> Result<HttpResponse, Error> {
    let keyed = idempotency::keyed(&request, &fields, "POST /api/v1/users")?;
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
    idempotency::create(&state.context, keyed, user, |user| {
        let user = user?;
        single::created(format!("/api/v1/users/{}", user.id), &user)
    })
    .await
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
