//! Parts of queries that are only known at run time, as expressions that both databases understand
//! (`into_boxed()` and `as_select()` would fix one of them), and the wrapper that gives a query its name.

use std::{marker::PhantomData, sync::Arc};

use diesel::{
    AppearsOnTable, Expression, QueryResult, RunQueryDsl, Selectable, SelectableExpression,
    backend::Backend,
    expression::{ValidGrouping, is_aggregate},
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{Bool, HasSqlType, SingleValue},
};

use crate::{
    budget::NamedQuery,
    models::{Bounds, Order, SortField, SortKey},
};

/// The columns of `T` in the order of its fields, for `select`.
#[must_use]
pub fn columns<T: Selectable<Pg>>() -> T::SelectExpression {
    T::construct_selection()
}

/// The condition, or nothing at all where there is none: an absent filter leaves no trace that could mislead the planner.
#[must_use]
pub fn maybe<E>(condition: Option<E>) -> Maybe<E> {
    Maybe(condition)
}

/// See [`maybe`].
#[derive(Clone, Copy, Debug)]
pub struct Maybe<E>(Option<E>);

impl<E: Expression> Expression for Maybe<E> {
    type SqlType = Bool;
}
impl<E: AppearsOnTable<T>, T> AppearsOnTable<T> for Maybe<E> {}
impl<E: SelectableExpression<T>, T> SelectableExpression<T> for Maybe<E> {}
impl<E> ValidGrouping<()> for Maybe<E> {
    type IsAggregate = is_aggregate::No;
}

/// The text depends on the value, so the type must not stand for it in the cache of prepared statements.
impl<E> QueryId for Maybe<E> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB: Backend, E: QueryFragment<DB>> QueryFragment<DB> for Maybe<E> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if let Some(condition) = &self.0 {
            return condition.walk_ast(out);
        }
        out.push_sql("1 = 1");
        Ok(())
    }
}

/// The condition that `column` lies within `bounds`; nothing at all where there are none.
#[must_use]
pub fn within<C, T>(column: C, bounds: Bounds<T>) -> Within<C, T> {
    Within { column, bounds }
}

/// See [`within`].
#[derive(Clone, Debug)]
pub struct Within<C, T> {
    column: C,
    bounds: Bounds<T>,
}

impl<C: Expression, T> Expression for Within<C, T> {
    type SqlType = Bool;
}
impl<C: AppearsOnTable<U>, T, U> AppearsOnTable<U> for Within<C, T> {}
impl<C: SelectableExpression<U>, T, U> SelectableExpression<U> for Within<C, T> {}
impl<C, T> ValidGrouping<()> for Within<C, T> {
    type IsAggregate = is_aggregate::No;
}

impl<C, T> QueryId for Within<C, T> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB, C, T> QueryFragment<DB> for Within<C, T>
where
    DB: Backend + HasSqlType<C::SqlType>,
    C: Expression + QueryFragment<DB>,
    C::SqlType: SingleValue,
    T: ToSql<C::SqlType, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let mut conditions = 0;
        for (operator, bound) in self.bounds.given() {
            if conditions > 0 {
                out.push_sql(" AND ");
            }
            self.column.walk_ast(out.reborrow())?;
            out.push_sql(operator);
            out.push_bind_param::<C::SqlType, T>(bound)?;
            conditions += 1;
        }
        if conditions == 0 {
            out.push_sql("1 = 1");
        } else {
            // How much lies within depends on the values, so it is planned with them; and what clients can combine as they like is not kept.
            out.unsafe_to_cache_prepared();
        }
        Ok(())
    }
}

/// Most sort keys, the id among them, with which a statement is kept prepared: clients can combine more of them in hundreds of ways, and what
/// is kept is kept for the life of a connection.
const KEPT_SORT_KEYS: usize = 2;

/// An order by fields chosen at run time.
#[derive(Clone, Debug)]
pub struct Sort<F>(pub Vec<SortKey<F>>);

impl<F> Expression for Sort<F> {
    type SqlType = diesel::expression::expression_types::NotSelectable;
}
impl<F, T> AppearsOnTable<T> for Sort<F> {}
impl<F> ValidGrouping<()> for Sort<F> {
    type IsAggregate = is_aggregate::No;
}

impl<F> QueryId for Sort<F> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB: Backend, F: SortField> QueryFragment<DB> for Sort<F> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if self.0.len() > KEPT_SORT_KEYS {
            out.unsafe_to_cache_prepared();
        }
        for (position, key) in self.0.iter().enumerate() {
            if position > 0 {
                out.push_sql(", ");
            }
            out.push_identifier(F::TABLE)?;
            out.push_sql(".");
            out.push_identifier(key.field.column())?;
            out.push_sql(match key.order {
                Order::Ascending => " ASC",
                Order::Descending => " DESC",
            });
        }
        Ok(())
    }
}

/// A query and its name, which stands as a comment in front of the SQL. The name is part of the type, so that a
/// prepared statement is found by type and prepared once.
#[derive(Debug)]
pub struct Named<Q, N> {
    query: Arc<Q>,
    name: PhantomData<N>,
}

impl<Q, N> Named<Q, N> {
    /// Gives `query` the name `N`.
    pub fn new(query: Arc<Q>) -> Self {
        Self {
            query,
            name: PhantomData,
        }
    }
}

impl<Q: Query, N: NamedQuery> Query for Named<Q, N> {
    type SqlType = Q::SqlType;
}

impl<Q: QueryId, N: NamedQuery> QueryId for Named<Q, N> {
    type QueryId = Named<Q::QueryId, N>;
    const HAS_STATIC_QUERY_ID: bool = Q::HAS_STATIC_QUERY_ID;
}

impl<DB: Backend, Q: QueryFragment<DB>, N: NamedQuery> QueryFragment<DB> for Named<Q, N> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(N::COMMENT);
        self.query.walk_ast(out)
    }
}

impl<Q, N, C> RunQueryDsl<C> for Named<Q, N> {}
