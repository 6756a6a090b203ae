//! Queries on idempotency keys.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, QueryDsl, query_dsl::methods, upsert::excluded,
};

use crate::{
    budget::NamedQuery,
    database::{Conn, DatabaseError, query::columns},
    models::{IdempotencyKey, NewIdempotencyKey, StoredAnswer, TakenKey, Timestamp},
    queries,
    schema::idempotency_keys,
};

queries! {
    /// Takes an idempotency key that is free or has expired; waits for a request that is about to take it.
    Claim: INSERT "idempotency_keys.claim", rows <= 1, insert;
    /// Takes an idempotency key in the same way, with the answer to a request that was refused and rolled back.
    Keep: INSERT "idempotency_keys.keep", rows <= 1, insert;
    /// What a taken key stands for: whose it is, and the answer.
    Find: SELECT "idempotency_keys.find", rows <= 1, index(idempotency_keys_pkey);
    /// Keeps the answer to the request that took the key, in the transaction of what it did.
    Fill: UPDATE "idempotency_keys.fill", rows <= 1, index(idempotency_keys_pkey);
    /// Keys that have expired, the oldest first. Run in the background, like the next one.
    ListExpired: SELECT "idempotency_keys.list_expired", rows <= 100, index(idempotency_keys_created_at_idx);
    /// Deletes these keys, but for those that were taken anew in between.
    DeleteExpired: DELETE "idempotency_keys.delete_expired", rows <= 100,
        index(idempotency_keys_pkey, idempotency_keys_created_at_idx);
}

/// Takes the key if nobody has, or not since `expired`, and says whether it did. Until the transaction ends the key is held, taken or not.
///
/// # Errors
/// `LockTimeout` if another transaction held the key for too long.
pub async fn claim(
    conn: &mut Conn,
    row: NewIdempotencyKey,
    expired: Timestamp,
) -> Result<bool, DatabaseError> {
    upsert(conn, Claim, row, expired).await
}

/// Takes the key in the same way for an answer that is there already.
///
/// # Errors
/// `LockTimeout` if another transaction held the key for too long.
pub async fn keep(
    conn: &mut Conn,
    row: NewIdempotencyKey,
    expired: Timestamp,
) -> Result<bool, DatabaseError> {
    upsert(conn, Keep, row, expired).await
}

async fn upsert<N: NamedQuery>(
    conn: &mut Conn,
    name: N,
    row: NewIdempotencyKey,
    expired: Timestamp,
) -> Result<bool, DatabaseError> {
    let taken = diesel::insert_into(idempotency_keys::table)
        .values(row)
        .on_conflict(idempotency_keys::key)
        .do_update()
        .set((
            idempotency_keys::fingerprint.eq(excluded(idempotency_keys::fingerprint)),
            idempotency_keys::status.eq(excluded(idempotency_keys::status)),
            idempotency_keys::headers.eq(excluded(idempotency_keys::headers)),
            idempotency_keys::body.eq(excluded(idempotency_keys::body)),
            idempotency_keys::created_at.eq(excluded(idempotency_keys::created_at)),
        ));
    let query = methods::FilterDsl::filter(taken, idempotency_keys::created_at.le(expired));
    Ok(conn.execute(name, query).await? > 0)
}

/// What the key stands for, if it is taken.
///
/// # Errors
/// [`DatabaseError`]; see its kinds.
pub async fn find(
    conn: &mut Conn,
    key: &IdempotencyKey,
) -> Result<Option<TakenKey>, DatabaseError> {
    let query = idempotency_keys::table
        .filter(idempotency_keys::key.eq(key.as_str().to_owned()))
        .select(columns::<TakenKey>());
    conn.optional(Find, query).await
}

/// Keeps the answer under a key that was claimed.
///
/// # Errors
/// [`DatabaseError`]; see its kinds.
pub async fn fill(
    conn: &mut Conn,
    key: &IdempotencyKey,
    answer: StoredAnswer,
) -> Result<(), DatabaseError> {
    let row = idempotency_keys::table.filter(idempotency_keys::key.eq(key.as_str().to_owned()));
    let query = diesel::update(row).set((
        idempotency_keys::status.eq(Some(answer.status)),
        idempotency_keys::headers.eq(Some(answer.headers)),
        idempotency_keys::body.eq(Some(answer.body)),
    ));
    conn.execute(Fill, query).await.map(drop)
}

/// At most so many keys that were taken at `expired` or before, the oldest first.
///
/// # Errors
/// [`DatabaseError`]; see its kinds.
pub async fn list_expired(
    conn: &mut Conn,
    expired: Timestamp,
    most: u16,
) -> Result<Vec<String>, DatabaseError> {
    let query = idempotency_keys::table
        .filter(idempotency_keys::created_at.le(expired))
        .order(idempotency_keys::created_at)
        .select(idempotency_keys::key)
        .limit(most.into());
    conn.load(ListExpired, query).await
}

/// Deletes those of these keys that were taken at `expired` or before, and says how many they were.
///
/// # Errors
/// [`DatabaseError`]; see its kinds.
pub async fn delete_expired(
    conn: &mut Conn,
    keys: Vec<String>,
    expired: Timestamp,
) -> Result<usize, DatabaseError> {
    let rows = idempotency_keys::table.filter(
        idempotency_keys::key
            .eq_any(keys)
            .and(idempotency_keys::created_at.le(expired)),
    );
    conn.execute(DeleteExpired, diesel::delete(rows)).await
}
