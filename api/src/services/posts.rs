//! The rules about posts.

use std::{collections::HashMap, sync::Arc};

use super::{Context, count::total, creation::Creation, kept::Kept};
use crate::{
    cache::Cache,
    database::{Conn, DatabaseError, ErrorKind},
    error::{Error, ErrorCode},
    faults::Fault,
    models::{
        Body, Count, FieldSet, Listed, NewPost, Post, PostChanges, PostColumn, PostFilter, PostId,
        PostPart, PostStatus, Precondition, Slice, Timestamp, Title, UserId,
    },
    repositories::{posts, users},
};

/// How many of a user's posts are shown with the user.
pub const NEWEST: u32 = 5;

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

/// One page of posts, of which no more than `fields` and what the list needs may be read.
///
/// # Errors
/// [`Error`]s of the database.
pub async fn list(
    context: &Context,
    filter: PostFilter,
    (fields, count): (FieldSet<PostColumn>, Count),
    slice: Slice,
) -> Result<Listed<PostPart>, Error> {
    let mut conn = context.database.read().await?;
    let loops = context.faults.is_on(Fault::NPlusOne);
    let fields = fields.with(loops.then_some(PostColumn::AuthorId));
    let rows = posts::list(&mut conn, filter.clone(), fields, &slice).await?;
    if loops {
        // Boxed: every list would carry it along.
        Box::pin(ask_for_each_author(context, &mut conn, &rows)).await?;
    }
    let listed = slice.cut(rows);
    let proven = slice.proven_total(&listed);
    let total = total(&mut conn, filter, count, proven).await?;
    Ok(Listed { total, ..listed })
}

/// The fault `n_plus_one`: what nobody should write. The answers are not used.
async fn ask_for_each_author(
    context: &Context,
    conn: &mut Conn,
    rows: &[PostPart],
) -> Result<(), Error> {
    context.faults.done(Fault::NPlusOne, 1);
    for author in rows.iter().filter_map(|post| post.author_id) {
        users::find_by_id(conn, author).await?;
    }
    Ok(())
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

/// The newest five posts of each of these users, 100 at most, newest first. Users without posts are not in it.
///
/// # Errors
/// [`Error`]s of the database.
pub async fn newest_of(
    context: &Context,
    authors: &[UserId],
) -> Result<HashMap<UserId, Vec<Post>>, Error> {
    let mut newest: HashMap<_, Vec<_>> = HashMap::new();
    if authors.is_empty() {
        return Ok(newest);
    }
    let mut conn = context.database.read().await?;
    for post in posts::newest_by_authors(&mut conn, authors, NEWEST.into()).await? {
        newest.entry(post.author_id).or_default().push(post);
    }
    Ok(newest)
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
