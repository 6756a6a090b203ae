//! Making a row, of whatever kind.

use super::{Context, kept::Kept};
use crate::{
    cache::Cache,
    database::{Conn, DatabaseError},
    error::Error,
    models::Timestamp,
};

/// What a new row is made of.
pub trait Creation: Clone {
    /// The row that comes of it.
    type Row: Send + Sync + 'static;

    /// Inserts it, by one statement.
    fn insert(
        self,
        conn: &mut Conn,
        now: Timestamp,
    ) -> impl Future<Output = Result<Self::Row, DatabaseError>>;

    /// What it means that the insertion failed.
    fn refusal(error: DatabaseError) -> Error;

    /// The number of a row.
    fn id(row: &Self::Row) -> i64;

    /// Where such rows are cached.
    fn cache(context: &Context) -> &Cache<Kept<Self::Row>>;
}

/// Makes a row.
///
/// # Errors
/// The refusals of this kind of row, and [`Error`]s of the database.
pub async fn create<C: Creation>(context: &Context, new: C) -> Result<C::Row, Error> {
    let mut conn = context.database.write().await?;
    let created = new.insert(&mut conn, context.clock.now()).await;
    let created = created.map_err(C::refusal)?;
    // The id may be known as absent.
    let writing = C::cache(context).writing([C::id(&created)]);
    writing.settle(Ok(created), |_| false).await
}
