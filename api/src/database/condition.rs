//! Conditions that several queries share.

use diesel::{
    AppearsOnTable, Expression,
    expression::{ValidGrouping, is_aggregate},
    pg::Pg,
    query_builder::{QueryFragment, QueryId},
    sql_types::Bool,
    sqlite::Sqlite,
};

/// A condition on rows of `T` that both databases understand: what a function returns that builds one. Implemented for every such Diesel
/// expression.
pub trait Condition<T>:
    Expression<SqlType = Bool>
    + AppearsOnTable<T>
    + ValidGrouping<(), IsAggregate = is_aggregate::No>
    + QueryFragment<Pg>
    + QueryFragment<Sqlite>
    + QueryId
    + Send
    + Sync
    + 'static
{
}

impl<E, T> Condition<T> for E where
    E: Expression<SqlType = Bool>
        + AppearsOnTable<T>
        + ValidGrouping<(), IsAggregate = is_aggregate::No>
        + QueryFragment<Pg>
        + QueryFragment<Sqlite>
        + QueryId
        + Send
        + Sync
        + 'static
{
}
