//! Queries on posts.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, QueryDsl,
    dsl::{max, min},
};

use crate::{
    database::{
        Conn, DatabaseError,
        after::after,
        condition::Condition,
        counted::Counted,
        newest::Newest,
        projection::projection,
        query::{Sort, columns, maybe, within},
        state::InState,
    },
    models::{
        FieldSet, NewPost, Order, Post, PostChanges, PostColumn, PostField, PostFilter, PostId,
        PostPart, Precondition, Slice, SortKey, Timestamp, UserId, total_order,
    },
    queries,
    schema::posts,
};

queries! {
    /// One page of posts, filtered as asked for, in any order that the API offers; one row more tells whether others follow.
    List: SELECT "posts.list", rows <= 101,
        index(posts_created_at_idx, posts_status_created_at_idx, posts_author_created_at_idx, posts_title_idx, posts_pkey);
    /// How many posts a list has in all, exactly: it walks them all, which may take longer than its budget where they are millions.
    Count: SELECT "posts.count", rows <= 1, scan;
    /// How many posts a list has, or that they are more than are counted.
    CountUpTo: SELECT "posts.count_up_to", rows <= 1, index(posts_created_at_idx, posts_status_created_at_idx, posts_author_created_at_idx, posts_title_idx, posts_pkey);
    /// The smallest and the greatest id: from where to where a sample reaches.
    IdRange: SELECT "posts.id_range", rows <= 1, index_only(posts_pkey);
    /// How many of a sample of ids are there and in the list.
    CountSample: SELECT "posts.count_sample", rows <= 1, index(posts_pkey);
    /// One post.
    FindById: SELECT "posts.find_by_id", rows <= 1, index(posts_pkey);
    /// The newest posts of each user on a page of users: not one is read that is not shown, however many a user has.
    NewestByAuthors: SELECT "posts.newest_by_authors", rows <= 500, index(posts_author_created_at_idx);
    /// A new post. Checks that its author exists.
    Insert: INSERT "posts.insert", rows <= 1, insert;
    /// Changes a post, if its state is the one that is asked for.
    Update: UPDATE "posts.update", rows <= 1, index(posts_pkey);
    /// Deletes a post, if its state is the one that is asked for.
    Delete: DELETE "posts.delete", rows <= 1, index(posts_pkey);
    /// Deletes all posts of a user, before the user is deleted.
    DeleteByAuthor: DELETE "posts.delete_by_author", rows <= 10_000, index(posts_author_created_at_idx);
}

/// One page, and one row more if others follow, in the order of the slice. Read are `fields` and what the row's place in the list is told by.
///
/// # Errors
/// [`DatabaseError`]; see its kinds.
pub async fn list(
    conn: &mut Conn,
    filter: PostFilter,
    fields: FieldSet<PostColumn>,
    slice: &Slice,
) -> Result<Vec<PostPart>, DatabaseError> {
    let order = slice.order(&filter.sort);
    let behind = after(slice, &filter.sort);
    let query = posts::table
        .filter(conditions(filter))
        .filter(behind)
        .select(projection::<PostPart>(fields.with_keys(&order)))
        .order(Sort(order))
        .limit(slice.fetch())
        .offset(slice.offset());
    conn.load(List, query).await
}

/// How many posts the filter lets through.
///
/// # Errors
/// [`DatabaseError`]; see its kinds.
pub async fn count(conn: &mut Conn, filter: PostFilter) -> Result<i64, DatabaseError> {
    let found = posts::table.filter(conditions(filter)).select(posts::id);
    conn.one(Count, Counted(found)).await
}

/// How many posts the filter lets through; `most` if they are more.
///
/// # Errors
/// [`DatabaseError`]; see its kinds.
pub async fn count_up_to(
    conn: &mut Conn,
    filter: PostFilter,
    most: i64,
) -> Result<i64, DatabaseError> {
    // In the order of an index: without one PostgreSQL begins to walk the table, however far off the first that is found may be.
    let order = index_order(&filter);
    let found = posts::table
        .filter(conditions(filter))
        .order(Sort(order))
        .limit(most)
        .select(posts::id);
    conn.one(CountUpTo, Counted(found)).await
}

/// An order in which an index has the posts that the filter lets through.
fn index_order(filter: &PostFilter) -> Vec<SortKey<PostField>> {
    let (field, order) = if filter.title.given().next().is_some() {
        (PostField::Title, Order::Ascending)
    } else {
        (PostField::CreatedAt, Order::Descending)
    };
    total_order(&[SortKey { field, order }])
}

/// The smallest and the greatest id, if there is any post.
///
/// # Errors
/// [`DatabaseError`]; see its kinds.
pub async fn id_range(conn: &mut Conn) -> Result<Option<(PostId, PostId)>, DatabaseError> {
    // Each by itself: SQLite takes only one of them from the end of an index.
    let smallest = posts::table.select(min(posts::id)).single_value();
    let greatest = posts::table.select(max(posts::id)).single_value();
    let query = diesel::select((smallest, greatest));
    let (smallest, greatest) = conn
        .one::<_, (Option<PostId>, Option<PostId>)>(IdRange, query)
        .await?;
    Ok(smallest.zip(greatest))
}

/// How many of these ids are there and let through by the filter.
///
/// # Errors
/// [`DatabaseError`]; see its kinds.
pub async fn count_sample(
    conn: &mut Conn,
    filter: PostFilter,
    ids: Vec<PostId>,
) -> Result<i64, DatabaseError> {
    let found = posts::table
        .filter(posts::id.eq_any(ids))
        .filter(conditions(filter))
        .select(posts::id);
    conn.one(CountSample, Counted(found)).await
}

/// The condition that a post is one of those that the filter lets through.
fn conditions(filter: PostFilter) -> impl Condition<posts::table> {
    let author = maybe(filter.author_id.map(|author| posts::author_id.eq(author)));
    let status = maybe(filter.status.map(|status| posts::status.eq(status)));
    let ids = maybe(filter.ids.map(|ids| posts::id.eq_any(ids)));
    let title = within(posts::title, filter.title);
    let created_at = within(posts::created_at, filter.created_at);
    author.and(status).and(ids).and(title).and(created_at)
}

/// The post with this id.
///
/// # Errors
/// [`DatabaseError`]; see its kinds.
pub async fn find_by_id(conn: &mut Conn, id: PostId) -> Result<Option<Post>, DatabaseError> {
    conn.optional(
        FindById,
        posts::table
            .filter(posts::id.eq(id))
            .select(columns::<Post>()),
    )
    .await
}

/// The `each` newest posts of each author, newest first; 500 in all at most.
///
/// # Errors
/// [`DatabaseError`]; see its kinds.
pub async fn newest_by_authors(
    conn: &mut Conn,
    authors: &[UserId],
    each: i64,
) -> Result<Vec<Post>, DatabaseError> {
    let authors = authors.iter().map(|author| author.get()).collect();
    let query = Newest::of(("posts", "author_id"), columns::<Post>(), authors, each);
    conn.load(NewestByAuthors, query).await
}

/// Inserts a post.
///
/// # Errors
/// `ForeignKeyViolation` if the author does not exist.
pub async fn insert(conn: &mut Conn, post: NewPost) -> Result<Post, DatabaseError> {
    conn.one(
        Insert,
        diesel::insert_into(posts::table)
            .values(post)
            .returning(columns::<Post>()),
    )
    .await
}

/// Changes a post that is in this state, and counts the version up.
///
/// # Errors
/// [`DatabaseError`]; see its kinds.
pub async fn update(
    conn: &mut Conn,
    (id, precondition): (PostId, Precondition),
    changes: PostChanges,
    now: Timestamp,
) -> Result<Option<Post>, DatabaseError> {
    let state = InState::of("posts", precondition);
    let query = diesel::update(posts::table.filter(posts::id.eq(id).and(state)))
        .set((
            changes,
            posts::version.eq(posts::version + 1),
            posts::updated_at.eq(now),
        ))
        .returning(columns::<Post>());
    conn.optional(Update, query).await
}

/// Deletes a post that is in this state, and says whether there was one.
///
/// # Errors
/// [`DatabaseError`]; see its kinds.
pub async fn delete(
    conn: &mut Conn,
    id: PostId,
    precondition: Precondition,
) -> Result<bool, DatabaseError> {
    let state = InState::of("posts", precondition);
    let query = diesel::delete(posts::table.filter(posts::id.eq(id).and(state)));
    Ok(conn.execute(Delete, query).await? > 0)
}

/// Deletes the posts of a user, and says which they were.
///
/// # Errors
/// [`DatabaseError`]; see its kinds.
pub async fn delete_by_author(
    conn: &mut Conn,
    author: UserId,
) -> Result<Vec<PostId>, DatabaseError> {
    conn.load(
        DeleteByAuthor,
        diesel::delete(posts::table.filter(posts::author_id.eq(author))).returning(posts::id),
    )
    .await
}
