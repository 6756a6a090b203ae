//! What a [`Conn`](super::Conn) can run. The compiler checks every query against both dialects here, so that repository functions need no
//! bounds.

use std::{marker::PhantomData, sync::Arc};

use diesel::{QueryResult, SqliteConnection};
use diesel_async::AsyncPgConnection;
use futures_util::future::{BoxFuture, FutureExt};

use super::{explain::Explain, query::Named};
use crate::budget::NamedQuery;

/// A query that both databases can run under the name `N`, and whose rows become `T`s. Implemented for every such Diesel query. It is shared,
/// not consumed: it may have to run again, and a slow one is explained afterwards.
pub trait Rows<N, T>: Explain {
    /// Runs it on PostgreSQL.
    fn load_postgres(
        query: Arc<Self>,
        connection: &mut AsyncPgConnection,
    ) -> BoxFuture<'_, QueryResult<Vec<T>>>;
    /// Runs it on SQLite, blocking.
    ///
    /// # Errors
    /// What the driver says.
    fn load_sqlite(query: Arc<Self>, connection: &mut SqliteConnection) -> QueryResult<Vec<T>>;
}

impl<Q, N, T> Rows<N, T> for Q
where
    N: NamedQuery,
    Q: Explain,
    T: Send + 'static,
    Named<Q, N>: diesel_async::methods::LoadQuery<'static, AsyncPgConnection, T>
        + diesel::query_dsl::methods::LoadQuery<'static, SqliteConnection, T>,
{
    fn load_postgres(
        query: Arc<Self>,
        connection: &mut AsyncPgConnection,
    ) -> BoxFuture<'_, QueryResult<Vec<T>>> {
        diesel_async::RunQueryDsl::load(Named::<Q, N>::new(query), connection).boxed()
    }

    fn load_sqlite(query: Arc<Self>, connection: &mut SqliteConnection) -> QueryResult<Vec<T>> {
        diesel::RunQueryDsl::load(Named::<Q, N>::new(query), connection)
    }
}

/// A statement without rows that both databases can run under the name `N`.
pub trait Statement<N>: Explain {
    /// Runs it on PostgreSQL.
    fn execute_postgres(
        query: Arc<Self>,
        connection: &mut AsyncPgConnection,
    ) -> BoxFuture<'_, QueryResult<usize>>;
    /// Runs it on SQLite, blocking.
    ///
    /// # Errors
    /// What the driver says.
    fn execute_sqlite(query: Arc<Self>, connection: &mut SqliteConnection) -> QueryResult<usize>;
}

impl<Q, N> Statement<N> for Q
where
    N: NamedQuery,
    Q: Explain,
    Named<Q, N>: diesel_async::methods::ExecuteDsl<AsyncPgConnection>
        + diesel::query_dsl::methods::ExecuteDsl<SqliteConnection>
        + Send,
{
    fn execute_postgres(
        query: Arc<Self>,
        connection: &mut AsyncPgConnection,
    ) -> BoxFuture<'_, QueryResult<usize>> {
        diesel_async::RunQueryDsl::execute(Named::<Q, N>::new(query), connection).boxed()
    }

    fn execute_sqlite(query: Arc<Self>, connection: &mut SqliteConnection) -> QueryResult<usize> {
        diesel::query_dsl::methods::ExecuteDsl::execute(Named::<Q, N>::new(query), connection)
    }
}

/// What a session does with a connection for one query: loads its rows, or executes it.
pub trait Work: Clone + Send + 'static {
    /// What comes back.
    type Output: Send + 'static;
    /// Does it on PostgreSQL.
    fn on_postgres(
        self,
        connection: &mut AsyncPgConnection,
    ) -> BoxFuture<'_, QueryResult<Self::Output>>;
    /// Does it on SQLite, blocking.
    fn on_sqlite(self, connection: &mut SqliteConnection) -> QueryResult<Self::Output>;
    /// How many rows came back or were touched.
    fn rows(output: &Self::Output) -> usize;
    /// The query, to be explained.
    fn query(&self) -> Arc<dyn Explain>;
}

/// Loads the rows of a query.
pub struct Load<Q, N, T>(Arc<Q>, PhantomData<fn() -> (N, T)>);

/// Executes a statement.
pub struct Execute<Q, N>(Arc<Q>, PhantomData<fn() -> N>);

impl<Q, N, T> Load<Q, N, T> {
    pub fn new(query: Q) -> Self {
        Self(Arc::new(query), PhantomData)
    }
}

impl<Q, N> Execute<Q, N> {
    pub fn new(query: Q) -> Self {
        Self(Arc::new(query), PhantomData)
    }
}

impl<Q, N, T> Clone for Load<Q, N, T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0), PhantomData)
    }
}

impl<Q, N> Clone for Execute<Q, N> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0), PhantomData)
    }
}

impl<Q: Rows<N, T>, N: NamedQuery, T: Send + 'static> Work for Load<Q, N, T> {
    type Output = Vec<T>;

    fn on_postgres(self, connection: &mut AsyncPgConnection) -> BoxFuture<'_, QueryResult<Vec<T>>> {
        Q::load_postgres(self.0, connection)
    }

    fn on_sqlite(self, connection: &mut SqliteConnection) -> QueryResult<Vec<T>> {
        Q::load_sqlite(self.0, connection)
    }

    fn rows(output: &Vec<T>) -> usize {
        output.len()
    }

    fn query(&self) -> Arc<dyn Explain> {
        self.0.clone()
    }
}

impl<Q: Statement<N>, N: NamedQuery> Work for Execute<Q, N> {
    type Output = usize;

    fn on_postgres(self, connection: &mut AsyncPgConnection) -> BoxFuture<'_, QueryResult<usize>> {
        Q::execute_postgres(self.0, connection)
    }

    fn on_sqlite(self, connection: &mut SqliteConnection) -> QueryResult<usize> {
        Q::execute_sqlite(self.0, connection)
    }

    fn rows(output: &usize) -> usize {
        *output
    }

    fn query(&self) -> Arc<dyn Explain> {
        self.0.clone()
    }
}
