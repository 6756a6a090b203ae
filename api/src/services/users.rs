//! The rules about users.

use std::{collections::HashMap, sync::Arc};

use super::{Context, count::total, kept::Kept};
use crate::{
    database::{Conn, DatabaseError, ErrorKind},
    error::{Error, ErrorCode},
    models::{
        Count, EmailAddress, FieldSet, Listed, Name, NewUser, Precondition, Role, Slice, User,
        UserChanges, UserColumn, UserFilter, UserId, UserPart,
    },
    repositories::{posts, users},
};

/// What a new user is made of.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are those of User")]
pub struct CreateUser {
    pub name: Name,
    pub email: EmailAddress,
    pub role: Role,
}

/// What changes in a user; `None` stays as it is.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the fields are those of User")]
pub struct UpdateUser {
    pub name: Option<Name>,
    pub email: Option<EmailAddress>,
    pub role: Option<Role>,
}

/// One page of users, of which no more than `fields` and what the list needs may be read.
///
/// # Errors
/// [`Error`]s of the database.
pub async fn list(
    context: &Context,
    filter: UserFilter,
    (fields, count): (FieldSet<UserColumn>, Count),
    slice: Slice,
) -> Result<Listed<UserPart>, Error> {
    let mut conn = context.database.read().await?;
    let rows = users::list(&mut conn, filter.clone(), fields, &slice).await?;
    let listed = slice.cut(rows);
    let proven = slice.proven_total(&listed);
    let total = total(&mut conn, filter, count, proven).await?;
    Ok(Listed { total, ..listed })
}

/// The user with this id, from the cache if it is there.
///
/// # Errors
/// `USER_NOT_FOUND`, and [`Error`]s of the database.
pub async fn get(context: &Context, id: UserId) -> Result<Arc<Kept<User>>, Error> {
    let load = || async {
        let found = users::find_by_id(&mut context.database.read().await?, id).await;
        found.map(|row| row.map(Kept::new))
    };
    context
        .users
        .get(id.get(), load)
        .await?
        .ok_or_else(|| ErrorCode::UserNotFound.into())
}

/// Those of the users with these ids who are there, 100 at most.
///
/// # Errors
/// [`Error`]s of the database.
pub async fn find_many(
    context: &Context,
    mut ids: Vec<UserId>,
) -> Result<HashMap<UserId, User>, Error> {
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let mut conn = context.database.read().await?;
    let found = users::find_by_ids(&mut conn, ids).await?;
    Ok(found.into_iter().map(|user| (user.id, user)).collect())
}

/// Makes a user.
///
/// # Errors
/// `EMAIL_TAKEN`, and [`Error`]s of the database.
pub async fn create(context: &Context, user: CreateUser) -> Result<User, Error> {
    let now = context.clock.now();
    let row = NewUser {
        name: user.name.into_string(),
        email: user.email.into_string(),
        role: user.role,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let mut conn = context.database.write().await?;
    let created = users::insert(&mut conn, row).await.map_err(email_taken)?;
    // The id may be known as absent.
    let writing = context.users.writing([created.id.get()]);
    writing.settle(Ok(created), |_| false).await
}

/// Changes a user. Without any change the user stays as it is, version included.
///
/// # Errors
/// `USER_NOT_FOUND`, `PRECONDITION_FAILED`, `EMAIL_TAKEN`, and [`Error`]s of the database.
pub async fn update(
    context: &Context,
    id: UserId,
    changes: UpdateUser,
    precondition: &Precondition,
) -> Result<User, Error> {
    let changes = UserChanges {
        name: changes.name.map(Name::into_string),
        email: changes.email.map(EmailAddress::into_string),
        role: changes.role,
    };
    if changes.is_empty() {
        return unchanged(context, id, precondition).await;
    }
    let mut conn = context.database.write().await?;
    let writing = context.users.writing([id.get()]);
    let result = users::update(
        &mut conn,
        (id, precondition.clone()),
        changes,
        context.clock.now(),
    )
    .await;
    let updated = writing
        .settle(result, DatabaseError::outcome_is_unknown)
        .await
        .map_err(email_taken)?;
    match updated {
        Some(user) => Ok(user),
        None => Err(missed(&mut conn, id, precondition).await),
    }
}

/// The user as it is, if that is the state that is asked for. What the cache holds may be older, so it is not asked then.
async fn unchanged(
    context: &Context,
    id: UserId,
    precondition: &Precondition,
) -> Result<User, Error> {
    if precondition.is_empty() {
        return get(context, id).await.map(|kept| kept.row.clone());
    }
    let found = users::find_by_id(&mut context.database.read().await?, id).await?;
    let user = found.ok_or(ErrorCode::UserNotFound)?;
    if precondition.holds(user.version, user.updated_at) {
        Ok(user)
    } else {
        Err(ErrorCode::PreconditionFailed.into())
    }
}

/// Why a write touched no row. Where nothing was asked of the state, there is no row.
async fn missed(conn: &mut Conn, id: UserId, precondition: &Precondition) -> Error {
    if precondition.is_empty() {
        return ErrorCode::UserNotFound.into();
    }
    match users::find_by_id(conn, id).await {
        Ok(Some(_)) => ErrorCode::PreconditionFailed.into(),
        Ok(None) => ErrorCode::UserNotFound.into(),
        Err(error) => error.into(),
    }
}

/// Deletes a user and the user's posts.
///
/// # Errors
/// `USER_NOT_FOUND`, `PRECONDITION_FAILED`, `CONFLICT` if a post was written at the same moment, and [`Error`]s of the database.
pub async fn delete(
    context: &Context,
    id: UserId,
    precondition: &Precondition,
) -> Result<(), Error> {
    let mut conn = context.database.write().await?;
    let writing_user = context.users.writing([id.get()]);
    let mut writing_posts = context.posts.writing([]);
    let result = conn
        .transaction(async |conn| {
            if !precondition.is_empty() && !users::claim(conn, id, precondition.clone()).await? {
                return Ok(false);
            }
            writing_posts.also(
                posts::delete_by_author(conn, id)
                    .await?
                    .into_iter()
                    .map(crate::models::PostId::get),
            );
            users::delete(conn, id).await
        })
        .await;
    let result = writing_posts
        .settle(result, DatabaseError::outcome_is_unknown)
        .await;
    match writing_user
        .settle(result, DatabaseError::outcome_is_unknown)
        .await
    {
        Ok(true) => Ok(()),
        Ok(false) => Err(missed(&mut conn, id, precondition).await),
        // A post came in between the two statements: nothing was deleted.
        Err(error) if error.kind() == ErrorKind::ForeignKeyViolation => {
            Err(ErrorCode::Conflict.into())
        }
        Err(error) => Err(error.into()),
    }
}

fn email_taken(error: DatabaseError) -> Error {
    match error.constraint() {
        Some("users_email_key") if error.kind() == ErrorKind::UniqueViolation => {
            ErrorCode::EmailTaken.into()
        }
        _ => error.into(),
    }
}
