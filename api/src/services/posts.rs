//! The rules about posts.

use std::sync::Arc;

use super::{Context, creation::Creation, kept::Kept};
use crate::{
    cache::Cache,
    database::{Conn, DatabaseError, ErrorKind},
    error::{Error, ErrorCode},
    models::{
        Body, Listed, NewPost, Post, PostChanges, PostFilter, PostId, PostStatus, Precondition,
        Slice, Timestamp, Title, UserId,
    },
    repositories::posts,
};

/// What a new post is made of.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are those of Post")]
pub struct CreatePost {
    pub author_id: UserId,
    pub title: Title,
    pub body: Body,
    pub status: PostStatus,
}

/// What changes in a post; `None` stays as it is.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the fields are those of Post")]
pub struct UpdatePost {
    pub title: Option<Title>,
    pub body: Option<Body>,
    pub status: Option<PostStatus>,
}

/// One page of posts.
///
/// # Errors
/// [`Error`]s of the database.
pub async fn list(
    context: &Context,
    filter: PostFilter,
    slice: Slice,
) -> Result<Listed<Post>, Error> {
    let mut conn = context.database.read().await?;
    let rows = posts::list(&mut conn, filter, &slice).await?;
    Ok(slice.cut(rows))
}

/// The post with this id, from the cache if it is there.
///
/// # Errors
/// `POST_NOT_FOUND`, and [`Error`]s of the database.
pub async fn get(context: &Context, id: PostId) -> Result<Arc<Kept<Post>>, Error> {
    let load = || async {
        let found = posts::find_by_id(&mut context.database.read().await?, id).await;
        found.map(|row| row.map(Kept::new))
    };
    context
        .posts
        .get(id.get(), load)
        .await?
        .ok_or_else(|| ErrorCode::PostNotFound.into())
}

/// Refused with `AUTHOR_NOT_FOUND`.
impl Creation for CreatePost {
    type Row = Post;

    async fn insert(self, conn: &mut Conn, now: Timestamp) -> Result<Post, DatabaseError> {
        let row = NewPost {
            author_id: self.author_id,
            title: self.title.into_string(),
            body: self.body.into_string(),
            status: self.status,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        posts::insert(conn, row).await
    }

    fn refusal(error: DatabaseError) -> Error {
        // Posts have one foreign key.
        if error.kind() == ErrorKind::ForeignKeyViolation {
            ErrorCode::AuthorNotFound.into()
        } else {
            error.into()
        }
    }

    fn id(post: &Post) -> i64 {
        post.id.get()
    }

    fn cache(context: &Context) -> &Cache<Kept<Post>> {
        &context.posts
    }
}

/// Changes a post. Without any change the post stays as it is, version included.
///
/// # Errors
/// `POST_NOT_FOUND`, `PRECONDITION_FAILED`, and [`Error`]s of the database.
pub async fn update(
    context: &Context,
    id: PostId,
    changes: UpdatePost,
    precondition: &Precondition,
) -> Result<Post, Error> {
    let changes = PostChanges {
        title: changes.title.map(Title::into_string),
        body: changes.body.map(Body::into_string),
        status: changes.status,
    };
    if changes.is_empty() {
        return unchanged(context, id, precondition).await;
    }
    let mut conn = context.database.write().await?;
    let writing = context.posts.writing([id.get()]);
    let result = posts::update(
        &mut conn,
        (id, precondition.clone()),
        changes,
        context.clock.now(),
    )
    .await;
    let updated = writing
        .settle(result, DatabaseError::outcome_is_unknown)
        .await?;
    match updated {
        Some(post) => Ok(post),
        None => Err(missed(&mut conn, id, precondition).await),
    }
}

/// The post as it is, if that is the state that is asked for. What the cache holds may be older, so it is not asked then.
async fn unchanged(
    context: &Context,
    id: PostId,
    precondition: &Precondition,
) -> Result<Post, Error> {
    if precondition.is_empty() {
        return get(context, id).await.map(|kept| kept.row.clone());
    }
    let found = posts::find_by_id(&mut context.database.read().await?, id).await?;
    let post = found.ok_or(ErrorCode::PostNotFound)?;
    if precondition.holds(post.version, post.updated_at) {
        Ok(post)
    } else {
        Err(ErrorCode::PreconditionFailed.into())
    }
}

/// Why a write touched no row. Where nothing was asked of the state, there is no row.
async fn missed(conn: &mut Conn, id: PostId, precondition: &Precondition) -> Error {
    if precondition.is_empty() {
        return ErrorCode::PostNotFound.into();
    }
    match posts::find_by_id(conn, id).await {
        Ok(Some(_)) => ErrorCode::PreconditionFailed.into(),
        Ok(None) => ErrorCode::PostNotFound.into(),
        Err(error) => error.into(),
    }
}

/// Deletes a post.
///
/// # Errors
/// `POST_NOT_FOUND`, `PRECONDITION_FAILED`, and [`Error`]s of the database.
pub async fn delete(
    context: &Context,
    id: PostId,
    precondition: &Precondition,
) -> Result<(), Error> {
    let mut conn = context.database.write().await?;
    let writing = context.posts.writing([id.get()]);
    let result = posts::delete(&mut conn, id, precondition.clone()).await;
    let deleted = writing
        .settle(result, DatabaseError::outcome_is_unknown)
        .await?;
    if deleted {
        Ok(())
    } else {
        Err(missed(&mut conn, id, precondition).await)
    }
}
