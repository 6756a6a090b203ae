//! What a [`Conn`](super::Conn) can run. The compiler checks every query against both dialects here, so that repository functions need no
//! bounds.

use diesel::{QueryResult, SqliteConnection};
use diesel_async::AsyncPgConnection;
use futures_util::future::{BoxFuture, FutureExt};

use super::query::Named;
use crate::budget::NamedQuery;

/// A query that both databases can run under the name `N`, and whose rows become `T`s. Implemented for every such Diesel query:
/// the compiler checks it against both dialects here, so that repository functions need no bounds.
pub trait Rows<N, T>: Send + 'static {
    /// Runs it on PostgreSQL.
    fn load_postgres(
        self,
        connection: &mut AsyncPgConnection,
    ) -> BoxFuture<'_, QueryResult<Vec<T>>>;
    /// Runs it on SQLite, blocking.
    ///
    /// # Errors
    /// What the driver says.
    fn load_sqlite(self, connection: &mut SqliteConnection) -> QueryResult<Vec<T>>;
}

impl<Q, N, T> Rows<N, T> for Q
where
    N: NamedQuery,
    Q: Send + 'static,
    T: Send + 'static,
    Named<Q, N>: diesel_async::methods::LoadQuery<'static, AsyncPgConnection, T>
        + diesel::query_dsl::methods::LoadQuery<'static, SqliteConnection, T>,
{
    fn load_postgres(
        self,
        connection: &mut AsyncPgConnection,
    ) -> BoxFuture<'_, QueryResult<Vec<T>>> {
        diesel_async::RunQueryDsl::load(Named::<Q, N>::new(self), connection).boxed()
    }

    fn load_sqlite(self, connection: &mut SqliteConnection) -> QueryResult<Vec<T>> {
        diesel::RunQueryDsl::load(Named::<Q, N>::new(self), connection)
    }
}

/// A statement without rows that both databases can run under the name `N`.
pub trait Statement<N>: Send + 'static {
    /// Runs it on PostgreSQL.
    fn execute_postgres(
        self,
        connection: &mut AsyncPgConnection,
    ) -> BoxFuture<'_, QueryResult<usize>>;
    /// Runs it on SQLite, blocking.
    ///
    /// # Errors
    /// What the driver says.
    fn execute_sqlite(self, connection: &mut SqliteConnection) -> QueryResult<usize>;
}

impl<Q, N> Statement<N> for Q
where
    N: NamedQuery,
    Q: Send + 'static,
    Named<Q, N>: diesel_async::methods::ExecuteDsl<AsyncPgConnection>
        + diesel::query_dsl::methods::ExecuteDsl<SqliteConnection>
        + Send,
{
    fn execute_postgres(
        self,
        connection: &mut AsyncPgConnection,
    ) -> BoxFuture<'_, QueryResult<usize>> {
        diesel_async::RunQueryDsl::execute(Named::<Q, N>::new(self), connection).boxed()
    }

    fn execute_sqlite(self, connection: &mut SqliteConnection) -> QueryResult<usize> {
        diesel::query_dsl::methods::ExecuteDsl::execute(Named::<Q, N>::new(self), connection)
    }
}
