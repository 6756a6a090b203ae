//! Users over REST.

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
    responses::UserResponse,
    shape::View,
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

    fn body(&self, representation: &Representation) -> Option<Bytes> {
        envelope::one(representation, UserResponse::from(self), self.updated_at)
    }
}

/// `GET /api/v1/users`
///
/// # Errors
/// What is wrong with the parameters, and errors of the database.
pub async fn list_users(
    state: Data<AppState>,
    form: Form,
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
    envelope::page(&request, &form, &page_request, &listed, data, now).await
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
/// What is wrong with the body or the idempotency key, `EMAIL_TAKEN`, and errors of the database.
pub async fn create_user(
    state: Data<AppState>,
    form: Form,
    request: HttpRequest,
    mut fields: Fields,
) -> Result<HttpResponse, Error> {
    no_parameters(&request)?;
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
    let answer = |user: Result<User, Error>| {
        let user = user?;
        single::created(&form, format!("/api/v1/users/{}", user.id), &user)
    };
    idempotency::create(&state.context, &form, keyed, user, answer).await
}

/// `GET /api/v1/users/{user_id}`
///
/// # Errors
/// `INVALID_ID`, what is wrong with the parameters, `USER_NOT_FOUND`, `PRECONDITION_FAILED`, and errors of the database.
pub async fn get_user(
    state: Data<AppState>,
    form: Form,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let id = path_id(&request, "user_id", UserId::parse)?;
    let view = View::of(&request, "posts")?;
    let user = users::get(&state.context, id).await?;
    let now = state.context.clock.now();
    if view.is_whole() {
        return single::show(&request, &form, &user, now).await;
    }
    let mut shown = UserResponse::of(&user.row, view.fields);
    let newest = if view.include {
        posts::newest_of(&state.context, &[id]).await?
    } else {
        HashMap::new()
    };
    if view.include {
        shown = shown.with_posts(newest.get(&id).map_or(&[], Vec::as_slice));
    }
    single::show_view(&request, &form, &user.row, (shown, view.include), now).await
}

/// `PUT /api/v1/users/{user_id}`: all that can be written, at once.
///
/// # Errors
/// What is wrong with the id or the body, `PRECONDITION_FAILED`, `USER_NOT_FOUND`, `EMAIL_TAKEN`, and errors of the database.
pub async fn replace_user(
    state: Data<AppState>,
    form: Form,
    request: HttpRequest,
    mut fields: Fields,
) -> Result<HttpResponse, Error> {
    no_parameters(&request)?;
    let id = path_id(&request, "user_id", UserId::parse)?;
    let whole = UpdateUser {
        name: fields.required("name", ErrorCode::InvalidName, Name::parse),
        email: fields.required("email", ErrorCode::InvalidEmail, EmailAddress::parse),
        role: fields.required("role", ErrorCode::InvalidRole, Role::parse),
    };
    let whole = fields.finish(|| Some(whole))?;
    let precondition = single::precondition::<User>(&request, id.get());
    let user = users::update(&state.context, id, whole, &precondition).await?;
    single::changed(&form, &user).await
}

/// `PATCH /api/v1/users/{user_id}`
///
/// # Errors
/// What is wrong with the id or the body, `PRECONDITION_FAILED`, `USER_NOT_FOUND`, `EMAIL_TAKEN`, and errors of the database.
pub async fn update_user(
    state: Data<AppState>,
    form: Form,
    request: HttpRequest,
    mut fields: Fields,
) -> Result<HttpResponse, Error> {
    no_parameters(&request)?;
    let id = path_id(&request, "user_id", UserId::parse)?;
    let changes = UpdateUser {
        name: fields.optional("name", ErrorCode::InvalidName, Name::parse),
        email: fields.optional("email", ErrorCode::InvalidEmail, EmailAddress::parse),
        role: fields.optional("role", ErrorCode::InvalidRole, Role::parse),
    };
    let changes = fields.finish(|| Some(changes))?;
    let precondition = single::precondition::<User>(&request, id.get());
    let user = users::update(&state.context, id, changes, &precondition).await?;
    single::changed(&form, &user).await
}

/// `DELETE /api/v1/users/{user_id}`
///
/// # Errors
/// `INVALID_ID`, `PRECONDITION_FAILED`, `USER_NOT_FOUND`, `CONFLICT`, and errors of the database.
pub async fn delete_user(
    state: Data<AppState>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    no_parameters(&request)?;
    let id = path_id(&request, "user_id", UserId::parse)?;
    let precondition = single::precondition::<User>(&request, id.get());
    users::delete(&state.context, id, &precondition).await?;
    Ok(envelope::no_content())
}
