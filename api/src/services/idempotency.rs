//! Requests that are done once, however often they are sent.
//!
//! One transaction takes the key, makes the row and keeps the answer: either all of it has happened, or nothing. Who comes with the same key
//! meanwhile waits at the key: on PostgreSQL for its row, on SQLite for the turn to write.

use std::time::Duration;

use super::{Context, creation::Creation};
use crate::{
    clock::Clock,
    database::{Conn, Database, DatabaseError, ErrorKind},
    error::{Error, ErrorCode},
    models::{KeyedRequest, NewIdempotencyKey, StoredAnswer, TakenKey, Timestamp},
    repositories::idempotency_keys,
    telemetry::{IdempotencyOutcome, request},
};

/// How long an answer is given again, in microseconds: a day.
const KEPT_MICROS: i64 = 24 * 60 * 60 * 1_000_000;

/// Most keys that one statement deletes. The answer under a key may be as long as the longest post, and others wait for their turn to write.
const DELETED_AT_ONCE: u16 = 100;

/// The answer to a request, and whether it was given before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The same for every request with the key.
    pub answer: StoredAnswer,
    /// Whether nothing was done this time.
    pub replayed: bool,
}

/// How a transaction ended that was not rolled back.
enum Ended {
    /// The row was made, with this answer.
    Done(StoredAnswer),
    /// The key had been taken.
    Taken(Option<TakenKey>),
}

/// Makes a row for the first request with this key, and answers all others as the first. `answer` says what a row, or a refusal, looks like.
///
/// A refusal is kept as an answer too, in a statement of its own. What may end otherwise if it is tried again is not kept: nothing has happened.
///
/// # Errors
/// `IDEMPOTENCY_KEY_REUSED`, `IDEMPOTENCY_IN_PROGRESS`, and [`Error`]s of the database.
pub async fn create<C: Creation>(
    context: &Context,
    request: &KeyedRequest,
    new: C,
    answer: impl Fn(Result<C::Row, Error>) -> Option<StoredAnswer>,
) -> Result<Answered, Error> {
    let result = execute(context, request, new, answer).await;
    if let Some(outcome) = outcome(&result) {
        request::with_current(|record| record.idempotency.set(Some(outcome)));
    }
    result
}

async fn execute<C: Creation>(
    context: &Context,
    request: &KeyedRequest,
    new: C,
    answer: impl Fn(Result<C::Row, Error>) -> Option<StoredAnswer>,
) -> Result<Answered, Error> {
    let now = context.clock.now();
    let mut conn = context.database.write().await?;
    let mut writing = C::cache(context).writing([]);
    let mut claimed = false;
    let result = conn
        .transaction(async |conn| {
            claimed = false;
            let key = NewIdempotencyKey::new(request, None, now);
            claimed = idempotency_keys::claim(conn, key, expired(now)).await?;
            if !claimed {
                let taken = idempotency_keys::find(conn, &request.key).await?;
                return Ok(Ended::Taken(taken));
            }
            let row = new.clone().insert(conn, now).await?;
            writing.also([C::id(&row)]);
            let answer = answer(Ok(row)).ok_or_else(not_shown)?;
            idempotency_keys::fill(conn, &request.key, answer.clone()).await?;
            Ok(Ended::Done(answer))
        })
        .await;
    let result = writing
        .settle(result, DatabaseError::outcome_is_unknown)
        .await;
    match result {
        Ok(Ended::Done(answer)) => Ok(done(answer)),
        Ok(Ended::Taken(taken)) => again(request, taken),
        Err(error) if !claimed => Err(in_progress(error)),
        Err(error) => {
            let refusal = C::refusal(error);
            let show = |refusal| answer(Err(refusal));
            keep(&mut conn, request, refusal, show, now).await
        }
    }
}

/// Keeps what a refusal looks like, if it is final: the transaction is gone, and the key with it. Another request with the key may have been
/// faster; then its answer is the one.
async fn keep(
    conn: &mut Conn,
    request: &KeyedRequest,
    refusal: Error,
    show: impl Fn(Error) -> Option<StoredAnswer>,
    now: Timestamp,
) -> Result<Answered, Error> {
    if !is_final(refusal.code()) {
        return Err(refusal);
    }
    let answer = show(refusal).ok_or(ErrorCode::Internal)?;
    let key = NewIdempotencyKey::new(request, Some(answer.clone()), now);
    let kept = idempotency_keys::keep(conn, key, expired(now)).await;
    if kept.map_err(in_progress)? {
        return Ok(done(answer));
    }
    again(request, idempotency_keys::find(conn, &request.key).await?)
}

fn done(answer: StoredAnswer) -> Answered {
    Answered {
        answer,
        replayed: false,
    }
}

/// The answer of the request that took the key, if it was this one.
fn again(request: &KeyedRequest, taken: Option<TakenKey>) -> Result<Answered, Error> {
    // Deleted in between, or not filled: to be tried again in either case, and seen in none, because a key is committed with its answer.
    let taken = taken.ok_or(ErrorCode::IdempotencyInProgress)?;
    if !taken.is_of(request) {
        return Err(ErrorCode::IdempotencyKeyReused.into());
    }
    let answer = taken.into_answer();
    Ok(Answered {
        answer: answer.ok_or(ErrorCode::IdempotencyInProgress)?,
        replayed: true,
    })
}

/// Whether the same request would be refused in the same way if it came again.
fn is_final(code: ErrorCode) -> bool {
    code.status() < 500 && !code.retryable()
}

/// The key could not be had.
fn in_progress(error: DatabaseError) -> Error {
    match error.kind() {
        ErrorKind::LockTimeout => ErrorCode::IdempotencyInProgress.into(),
        _ => error.into(),
    }
}

fn not_shown() -> DatabaseError {
    DatabaseError::new(ErrorKind::Other, "the answer cannot be made")
}

/// Keys that were taken then, or before, are free again.
fn expired(now: Timestamp) -> Timestamp {
    Timestamp::from_micros(now.as_micros().saturating_sub(KEPT_MICROS))
}

fn outcome(result: &Result<Answered, Error>) -> Option<IdempotencyOutcome> {
    match result {
        Ok(answered) if answered.replayed => Some(IdempotencyOutcome::Replayed),
        Ok(_) => Some(IdempotencyOutcome::Executed),
        Err(error) => match error.code() {
            ErrorCode::IdempotencyKeyReused => Some(IdempotencyOutcome::Reused),
            ErrorCode::IdempotencyInProgress => Some(IdempotencyOutcome::InProgress),
            _ => None,
        },
    }
}

/// Deletes keys that have expired, every `interval`, for ever.
pub async fn delete_expired_every(interval: Duration, database: &Database, clock: &Clock) {
    loop {
        tokio::time::sleep(interval).await;
        if let Err(error) = delete_expired(database, clock).await {
            tracing::warn!(%error, "expired idempotency keys are not deleted; trying again later");
        }
    }
}

/// Deletes all keys that have expired, and says how many. Between two batches others may write.
///
/// # Errors
/// [`DatabaseError`]; see its kinds.
pub async fn delete_expired(database: &Database, clock: &Clock) -> Result<usize, DatabaseError> {
    let expired = expired(clock.now());
    let mut all = 0;
    loop {
        let mut conn = database.write().await?;
        let keys = idempotency_keys::list_expired(&mut conn, expired, DELETED_AT_ONCE).await?;
        let are_last = keys.len() < usize::from(DELETED_AT_ONCE);
        if !keys.is_empty() {
            all += idempotency_keys::delete_expired(&mut conn, keys, expired).await?;
        }
        if are_last {
            return Ok(all);
        }
    }
}
