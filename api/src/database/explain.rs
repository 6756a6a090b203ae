//! Asks a database how it would run a query: the same typed query, with its binds, behind `EXPLAIN`. It is planned, never run.

use diesel::{
    QueryResult, RunQueryDsl, SqliteConnection,
    deserialize::{self, FromSql, FromSqlRow},
    pg::{Pg, PgQueryBuilder, PgValue},
    query_builder::{AstPass, Query, QueryBuilder, QueryFragment, QueryId},
    sql_types::{Integer, Json, Text},
    sqlite::Sqlite,
};
use diesel_async::AsyncPgConnection;
use futures_util::future::{BoxFuture, FutureExt};
use std::sync::Arc;

/// A plan in the words of the database.
#[derive(Clone, Debug)]
pub enum RawPlan {
    /// PostgreSQL's `EXPLAIN (FORMAT JSON)`. Conditions in it hold the values of binds.
    Postgres(String),
    /// SQLite's `EXPLAIN QUERY PLAN`.
    Sqlite(Vec<SqliteStep>),
}

/// One step of a plan of SQLite: its number, the number of the step that it is part of, a reserved column, and what it does.
pub type SqliteStep = (i32, i32, i32, String);

/// A query that can be explained on both databases. Implemented for every Diesel query that both understand.
pub trait Explain: Send + Sync + 'static {
    /// The plan on PostgreSQL.
    fn on_postgres(
        self: Arc<Self>,
        connection: &mut AsyncPgConnection,
    ) -> BoxFuture<'_, QueryResult<RawPlan>>;
    /// The plan on SQLite, blocking.
    ///
    /// # Errors
    /// What the driver says.
    fn on_sqlite(self: Arc<Self>, connection: &mut SqliteConnection) -> QueryResult<RawPlan>;
    /// The SQL in PostgreSQL's dialect, with `$1` for binds: what tells the forms of a query apart.
    fn sql(&self) -> String;
}

impl<Q> Explain for Q
where
    Q: QueryFragment<Pg> + QueryFragment<Sqlite> + Send + Sync + 'static,
{
    fn on_postgres(
        self: Arc<Self>,
        connection: &mut AsyncPgConnection,
    ) -> BoxFuture<'_, QueryResult<RawPlan>> {
        async move {
            let plan: PlanText =
                diesel_async::RunQueryDsl::get_result(OnPostgres(self), connection).await?;
            Ok(RawPlan::Postgres(plan.0))
        }
        .boxed()
    }

    fn on_sqlite(self: Arc<Self>, connection: &mut SqliteConnection) -> QueryResult<RawPlan> {
        OnSqlite(self).load(connection).map(RawPlan::Sqlite)
    }

    fn sql(&self) -> String {
        let mut builder = PgQueryBuilder::new();
        // It has been made into SQL before.
        let _ = QueryFragment::<Pg>::to_sql(self, &mut builder, &Pg);
        builder.finish()
    }
}

/// `EXPLAIN` for PostgreSQL.
struct OnPostgres<Q>(Arc<Q>);
/// `EXPLAIN` for SQLite.
struct OnSqlite<Q>(Arc<Q>);

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for OnPostgres<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql("/* q='plans.explain' */ EXPLAIN (FORMAT JSON) ");
        self.0.walk_ast(out)
    }
}

impl<Q: QueryFragment<Sqlite>> QueryFragment<Sqlite> for OnSqlite<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql("/* q='plans.explain' */ EXPLAIN QUERY PLAN ");
        self.0.walk_ast(out)
    }
}

impl<Q> Query for OnPostgres<Q> {
    type SqlType = Json;
}

impl<Q> Query for OnSqlite<Q> {
    type SqlType = (Integer, Integer, Integer, Text);
}

impl<Q> QueryId for OnPostgres<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q> QueryId for OnSqlite<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q> RunQueryDsl<SqliteConnection> for OnSqlite<Q> {}

/// JSON as the text that it is on the wire.
#[derive(Debug, FromSqlRow)]
struct PlanText(String);

impl FromSql<Json, Pg> for PlanText {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(String::from_utf8(value.as_bytes().to_vec())?))
    }
}
