//! Queries on users.

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
        projection::projection,
        query::{Sort, columns, maybe, within},
        state::InState,
    },
    models::{
        FieldSet, NewUser, Order, Precondition, Slice, SortKey, Timestamp, User, UserChanges,
        UserColumn, UserField, UserFilter, UserId, UserPart, total_order,
    },
    queries,
    schema::users,
};

queries! {
    /// One page of users, filtered as asked for, in any order that the API offers; one row more tells whether others follow.
    List: SELECT "users.list", rows <= 101, index(users_created_at_idx, users_role_created_at_idx, users_name_idx, users_pkey);
    /// How many users a list has in all, exactly: it walks them all, which may take longer than its budget where they are millions.
    Count: SELECT "users.count", rows <= 1, scan;
    /// How many users a list has, or that they are more than are counted.
    CountUpTo: SELECT "users.count_up_to", rows <= 1, index(users_created_at_idx, users_role_created_at_idx, users_name_idx, users_pkey);
    /// The smallest and the greatest id: from where to where a sample reaches.
    IdRange: SELECT "users.id_range", rows <= 1, index_only(users_pkey);
    /// How many of a sample of ids are there and in the list.
    CountSample: SELECT "users.count_sample", rows <= 1, index(users_pkey);
    /// One user.
    FindById: SELECT "users.find_by_id", rows <= 1, index(users_pkey);
    /// The authors of a page of posts.
    FindByIds: SELECT "users.find_by_ids", rows <= 100, index(users_pkey);
    /// A new user. Checks that the e-mail address is not taken.
    Insert: INSERT "users.insert", rows <= 1, insert;
    /// Changes a user, if the user's state is the one that is asked for.
    Update: UPDATE "users.update", rows <= 1, index(users_pkey);
    /// Holds a user until the transaction ends, if the user's state is the one that is asked for.
    Claim: UPDATE "users.claim", rows <= 1, index(users_pkey);
    /// Deletes a user. Checks that no post refers to it.
    Delete: DELETE "users.delete", rows <= 1, index(users_pkey);
}

/// One page, and one row more if others follow, in the order of the slice. Read are `fields` and what the row's place in the list is told by.
///
/// # Errors
/// [`DatabaseError`]; see its kinds.
pub async fn list(
    conn: &mut Conn,
    filter: UserFilter,
    fields: FieldSet<UserColumn>,
    slice: &Slice,
) -> Result<Vec<UserPart>, DatabaseError> {
    let order = slice.order(&filter.sort);
    let behind = after(slice, &filter.sort);
    let query = users::table
        .filter(conditions(filter))
        .filter(behind)
        .select(projection::<UserPart>(fields.with_keys(&order)))
        .order(Sort(order))
        .limit(slice.fetch())
        .offset(slice.offset());
    conn.load(List, query).await
}

/// How many users the filter lets through.
///
/// # Errors
/// [`DatabaseError`]; see its kinds.
pub async fn count(conn: &mut Conn, filter: UserFilter) -> Result<i64, DatabaseError> {
    let found = users::table.filter(conditions(filter)).select(users::id);
    conn.one(Count, Counted(found)).await
}

/// How many users the filter lets through; `most` if they are more.
///
/// # Errors
/// [`DatabaseError`]; see its kinds.
pub async fn count_up_to(
    conn: &mut Conn,
    filter: UserFilter,
    most: i64,
) -> Result<i64, DatabaseError> {
    // In the order of an index: without one PostgreSQL begins to walk the table, however far off the first that is found may be.
    let order = index_order(&filter);
    let found = users::table
        .filter(conditions(filter))
        .order(Sort(order))
        .limit(most)
        .select(users::id);
    conn.one(CountUpTo, Counted(found)).await
}

/// An order in which an index has the users that the filter lets through.
fn index_order(filter: &UserFilter) -> Vec<SortKey<UserField>> {
    let (field, order) = if filter.name.given().next().is_some() {
        (UserField::Name, Order::Ascending)
    } else {
        (UserField::CreatedAt, Order::Descending)
    };
    total_order(&[SortKey { field, order }])
}

/// The smallest and the greatest id, if there is any user.
///
/// # Errors
/// [`DatabaseError`]; see its kinds.
pub async fn id_range(conn: &mut Conn) -> Result<Option<(UserId, UserId)>, DatabaseError> {
    // Each by itself: SQLite takes only one of them from the end of an index.
    let smallest = users::table.select(min(users::id)).single_value();
    let greatest = users::table.select(max(users::id)).single_value();
    let query = diesel::select((smallest, greatest));
    let (smallest, greatest) = conn
        .one::<_, (Option<UserId>, Option<UserId>)>(IdRange, query)
        .await?;
    Ok(smallest.zip(greatest))
}

/// How many of these ids are there and let through by the filter.
///
/// # Errors
/// [`DatabaseError`]; see its kinds.
pub async fn count_sample(
    conn: &mut Conn,
    filter: UserFilter,
    ids: Vec<UserId>,
) -> Result<i64, DatabaseError> {
    let found = users::table
        .filter(users::id.eq_any(ids))
        .filter(conditions(filter))
        .select(users::id);
    conn.one(CountSample, Counted(found)).await
}

/// The condition that a user is one of those that the filter lets through.
fn conditions(filter: UserFilter) -> impl Condition<users::table> {
    let role = maybe(filter.role.map(|role| users::role.eq(role)));
    let ids = maybe(filter.ids.map(|ids| users::id.eq_any(ids)));
    let name = within(users::name, filter.name);
    let created_at = within(users::created_at, filter.created_at);
    role.and(ids).and(name).and(created_at)
}

/// The user with this id.
///
/// # Errors
/// [`DatabaseError`]; see its kinds.
pub async fn find_by_id(conn: &mut Conn, id: UserId) -> Result<Option<User>, DatabaseError> {
    conn.optional(
        FindById,
        users::table
            .filter(users::id.eq(id))
            .select(columns::<User>()),
    )
    .await
}

/// The users with these ids, at most 100, in no order.
///
/// # Errors
/// [`DatabaseError`]; see its kinds.
pub async fn find_by_ids(conn: &mut Conn, ids: Vec<UserId>) -> Result<Vec<User>, DatabaseError> {
    let query = users::table.filter(users::id.eq_any(ids));
    conn.load(FindByIds, query.select(columns::<User>())).await
}

/// Inserts a user.
///
/// # Errors
/// `UniqueViolation` of `users_email_key` if the e-mail address is taken, in any case of letters.
pub async fn insert(conn: &mut Conn, user: NewUser) -> Result<User, DatabaseError> {
    conn.one(
        Insert,
        diesel::insert_into(users::table)
            .values(user)
            .returning(columns::<User>()),
    )
    .await
}

/// Changes a user that is in this state, and counts the version up.
///
/// # Errors
/// `UniqueViolation` of `users_email_key` if the e-mail address is taken, in any case of letters.
pub async fn update(
    conn: &mut Conn,
    (id, precondition): (UserId, Precondition),
    changes: UserChanges,
    now: Timestamp,
) -> Result<Option<User>, DatabaseError> {
    let state = InState::of("users", precondition);
    let query = diesel::update(users::table.filter(users::id.eq(id).and(state)))
        .set((
            changes,
            users::version.eq(users::version + 1),
            users::updated_at.eq(now),
        ))
        .returning(columns::<User>());
    conn.optional(Update, query).await
}

/// Holds a user who is in this state, and says whether there is one: until the transaction ends nobody else changes the row.
///
/// # Errors
/// [`DatabaseError`]; see its kinds.
pub async fn claim(
    conn: &mut Conn,
    id: UserId,
    precondition: Precondition,
) -> Result<bool, DatabaseError> {
    let state = InState::of("users", precondition);
    let query = diesel::update(users::table.filter(users::id.eq(id).and(state)))
        .set(users::version.eq(users::version));
    Ok(conn.execute(Claim, query).await? > 0)
}

/// Deletes a user who has no posts, and says whether there was one.
///
/// # Errors
/// `ForeignKeyViolation` if there are posts.
pub async fn delete(conn: &mut Conn, id: UserId) -> Result<bool, DatabaseError> {
    Ok(conn
        .execute(
            Delete,
            diesel::delete(users::table.filter(users::id.eq(id))),
        )
        .await?
        > 0)
}
