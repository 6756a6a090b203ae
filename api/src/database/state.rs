//! The condition of a write on the state of its row, so that the check and the write are one statement.

use diesel::{
    AppearsOnTable, Expression, QueryResult, SelectableExpression,
    backend::Backend,
    expression::{ValidGrouping, is_aggregate},
    query_builder::{AstPass, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{Bool, HasSqlType, Integer},
};

use super::types::TimestampMicros;
use crate::models::{Precondition, Timestamp};

/// What must be true of the columns `version` and `updated_at` of the table; see [`Precondition`].
#[derive(Clone, Debug)]
pub struct InState {
    table: &'static str,
    precondition: Precondition,
}

impl InState {
    /// The condition on a row of `table`.
    #[must_use]
    pub fn of(table: &'static str, precondition: Precondition) -> Self {
        let precondition = Precondition {
            versions: precondition.versions.map(padded),
            other_versions: precondition.other_versions.map(padded),
            ..precondition
        };
        Self {
            table,
            precondition,
        }
    }

    fn versions<'b, DB>(
        &self,
        (open, versions): (&'static str, Option<&'b Vec<i32>>),
        out: &mut AstPass<'_, 'b, DB>,
    ) -> QueryResult<()>
    where
        DB: Backend + HasSqlType<Integer>,
        i32: ToSql<Integer, DB>,
    {
        let Some(versions) = versions else {
            return Ok(());
        };
        out.push_sql(" AND ");
        out.push_identifier(self.table)?;
        out.push_sql(open);
        // No version at all: a list may not be empty, and nothing is equal to NULL.
        if versions.is_empty() {
            out.push_sql("NULL");
        }
        for (position, version) in versions.iter().enumerate() {
            if position > 0 {
                out.push_sql(", ");
            }
            out.push_bind_param::<Integer, _>(version)?;
        }
        out.push_sql(")");
        Ok(())
    }
}

/// As many versions as a power of two, the last one again and again: so that there are few statements to prepare.
fn padded(mut versions: Vec<i32>) -> Vec<i32> {
    versions.sort_unstable();
    versions.dedup();
    if let Some(last) = versions.last().copied() {
        versions.resize(versions.len().next_power_of_two(), last);
    }
    versions
}

impl Expression for InState {
    type SqlType = Bool;
}
impl<T> AppearsOnTable<T> for InState {}
impl<T> SelectableExpression<T> for InState {}
impl ValidGrouping<()> for InState {
    type IsAggregate = is_aggregate::No;
}

/// The text depends on the value, so the type must not stand for it in the cache of prepared statements.
impl QueryId for InState {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB> QueryFragment<DB> for InState
where
    DB: Backend + HasSqlType<Integer> + HasSqlType<TimestampMicros>,
    i32: ToSql<Integer, DB>,
    Timestamp: ToSql<TimestampMicros, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let wanted = &self.precondition;
        out.push_sql("1 = 1");
        self.versions((".version IN (", wanted.versions.as_ref()), &mut out)?;
        let others = wanted.other_versions.as_ref();
        self.versions(
            (
                ".version NOT IN (",
                others.filter(|others| !others.is_empty()),
            ),
            &mut out,
        )?;
        if let Some(time) = &wanted.changed_before {
            out.push_sql(" AND ");
            out.push_identifier(self.table)?;
            out.push_sql(".updated_at < ");
            out.push_bind_param::<TimestampMicros, _>(time)?;
        }
        Ok(())
    }
}
