//! A SELECT list that is chosen at run time: columns that nobody asks for are not read.

use diesel::{
    AppearsOnTable, Expression, QueryResult, SelectableExpression,
    backend::Backend,
    expression::{TypedExpressionType, ValidGrouping, is_aggregate},
    query_builder::{AstPass, QueryFragment, QueryId},
};

use crate::models::{Column, FieldSet, Part};

/// The columns of `P`, for `select`; `NULL` stands in the place of those that are neither in `fields` nor always read.
#[must_use]
pub fn projection<P: Part>(fields: FieldSet<P::Column>) -> Projection<P> {
    Projection(fields.with(P::ALWAYS.iter().copied()))
}

/// See [`projection`].
pub struct Projection<P: Part>(FieldSet<P::Column>);

impl<P: Part<SqlType: TypedExpressionType>> Expression for Projection<P> {
    type SqlType = P::SqlType;
}
impl<P: Part, T> AppearsOnTable<T> for Projection<P> where Self: Expression {}
impl<P: Part, T> SelectableExpression<T> for Projection<P> where Self: Expression {}
impl<P: Part> ValidGrouping<()> for Projection<P> {
    type IsAggregate = is_aggregate::No;
}

/// The text depends on the value, so the type must not stand for it in the cache of prepared statements.
impl<P: Part> QueryId for Projection<P> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<P: Part, DB: Backend> QueryFragment<DB> for Projection<P> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        // What clients can combine as they like is not kept.
        if !self.0.is_all() {
            out.unsafe_to_cache_prepared();
        }
        for (position, column) in P::Column::ALL.iter().enumerate() {
            if position > 0 {
                out.push_sql(", ");
            }
            if self.0.has(*column) {
                out.push_identifier(P::Column::TABLE)?;
                out.push_sql(".");
                out.push_identifier(column.name())?;
            } else {
                out.push_sql("NULL");
            }
        }
        Ok(())
    }
}
