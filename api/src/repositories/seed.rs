//! Bulk inserts for `api seed`. Their budget is that of a batch, not of a request.

use diesel::{
    QueryDsl,
    sql_types::{BigInt, Integer, Text},
};

use crate::{
    database::{Conn, DatabaseError, bulk::bulk_insert, types::TimestampMicros},
    models::{NewPost, NewUser, PostId, UserId},
    queries,
    schema::users,
};

queries! {
    /// Whether there is a user already. Run by `api seed` alone, like the other queries of this name.
    AnyUser: SELECT "seed.any_user", rows <= 1, index_only(users_pkey);
    /// A batch of users.
    InsertUsers: INSERT "seed.insert_users", rows <= 10_000, insert, budget = 1000 ms;
    /// A batch of posts.
    InsertPosts: INSERT "seed.insert_posts", rows <= 10_000, insert, budget = 1000 ms;
    /// Lets the planner know what the tables hold now.
    Analyze: ANALYZE "seed.analyze", rows <= 0, nothing, budget = 1000 ms;
}

bulk_insert! {
    /// Many users.
    UserRows(NewUser) into "users" {
        name: Text, email: Text, role: Text, version: Integer, created_at: TimestampMicros, updated_at: TimestampMicros
    }
}

bulk_insert! {
    /// Many posts.
    PostRows(NewPost) into "posts" {
        author_id: BigInt, title: Text, body: Text, status: Text, version: Integer, created_at: TimestampMicros, updated_at: TimestampMicros
    }
}

/// Whether there is a user.
///
/// # Errors
/// [`DatabaseError`]; see its kinds.
pub async fn any_user(conn: &mut Conn) -> Result<bool, DatabaseError> {
    // In an order, so that the index answers it: without one PostgreSQL begins to walk the table.
    let query = users::table.order(users::id).select(users::id).limit(1);
    let first = conn.optional::<_, UserId>(AnyUser, query).await?;
    Ok(first.is_some())
}

/// Inserts many users in one statement, and says which ids they got.
///
/// # Errors
/// [`DatabaseError`]; see its kinds.
pub async fn insert_users(
    conn: &mut Conn,
    rows: Vec<NewUser>,
) -> Result<Vec<UserId>, DatabaseError> {
    conn.load(InsertUsers, UserRows(rows)).await
}

/// Inserts many posts in one statement, and says which ids they got.
///
/// # Errors
/// [`DatabaseError`]; see its kinds.
pub async fn insert_posts(
    conn: &mut Conn,
    rows: Vec<NewPost>,
) -> Result<Vec<PostId>, DatabaseError> {
    conn.load(InsertPosts, PostRows(rows)).await
}

/// Lets the planner know what the tables hold now.
///
/// # Errors
/// [`DatabaseError`]; see its kinds.
pub async fn analyze(conn: &mut Conn) -> Result<(), DatabaseError> {
    conn.execute(Analyze, diesel::sql_query("ANALYZE"))
        .await
        .map(drop)
}
