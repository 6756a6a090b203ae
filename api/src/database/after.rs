//! Keyset conditions: the rows behind a given one, found by the index of their order instead of by counting.

use diesel::{
    AppearsOnTable, Expression, QueryResult, SelectableExpression,
    backend::Backend,
    expression::{ValidGrouping, is_aggregate},
    query_builder::{AstPass, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{BigInt, Bool, HasSqlType, Text},
};

use super::{
    query::{Maybe, maybe},
    types::TimestampMicros,
};
use crate::models::{KeyValue, Order, Slice, SortField, SortKey, Timestamp};

/// The condition that a row comes after the one at which the slice begins; nothing at all where it begins by number.
#[must_use]
pub fn after<F: SortField>(slice: &Slice, sort: &[SortKey<F>]) -> Maybe<After<F>> {
    let keys = slice.order(sort).into_iter();
    maybe(
        slice
            .edge()
            .map(|edge| After(keys.zip(edge.iter().cloned()).collect())),
    )
}

/// See [`after`].
#[derive(Clone, Debug)]
pub struct After<F>(Vec<(SortKey<F>, KeyValue)>);

impl<F> Expression for After<F> {
    type SqlType = Bool;
}
impl<F, T> AppearsOnTable<T> for After<F> {}
impl<F, T> SelectableExpression<T> for After<F> {}
impl<F> ValidGrouping<()> for After<F> {
    type IsAggregate = is_aggregate::No;
}

impl<F> QueryId for After<F> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB, F: SortField> QueryFragment<DB> for After<F>
where
    DB: Backend + HasSqlType<BigInt> + HasSqlType<Text> + HasSqlType<TimestampMicros>,
    i64: ToSql<BigInt, DB>,
    String: ToSql<Text, DB>,
    Timestamp: ToSql<TimestampMicros, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let Some(((first, _), others)) = self.0.split_first() else {
            out.push_sql("1 = 1");
            return Ok(());
        };
        if others.iter().all(|(key, _)| key.order == first.order) {
            return as_rows(&self.0, out);
        }
        // What clients can combine as they like is not kept.
        out.unsafe_to_cache_prepared();
        expanded(&self.0, out)
    }
}

/// `(a, b, id) < (?, ?, ?)`: one range of an index that has these columns.
fn as_rows<'b, DB, F: SortField>(
    keys: &'b [(SortKey<F>, KeyValue)],
    mut out: AstPass<'_, 'b, DB>,
) -> QueryResult<()>
where
    DB: Backend + HasSqlType<BigInt> + HasSqlType<Text> + HasSqlType<TimestampMicros>,
    i64: ToSql<BigInt, DB>,
    String: ToSql<Text, DB>,
    Timestamp: ToSql<TimestampMicros, DB>,
{
    let mut operator = "";
    for (position, (key, _)) in keys.iter().enumerate() {
        out.push_sql(if position == 0 { "(" } else { ", " });
        column(key.field, &mut out)?;
        operator = behind(key.order);
    }
    out.push_sql(")");
    out.push_sql(operator);
    for (position, (_, value)) in keys.iter().enumerate() {
        out.push_sql(if position == 0 { "(" } else { ", " });
        bind(value, &mut out)?;
    }
    out.push_sql(")");
    Ok(())
}

/// `(a <= ? AND (a < ? OR (b > ?)))`: the first comparison is what an index can begin at.
fn expanded<'b, DB, F: SortField>(
    keys: &'b [(SortKey<F>, KeyValue)],
    mut out: AstPass<'_, 'b, DB>,
) -> QueryResult<()>
where
    DB: Backend + HasSqlType<BigInt> + HasSqlType<Text> + HasSqlType<TimestampMicros>,
    i64: ToSql<BigInt, DB>,
    String: ToSql<Text, DB>,
    Timestamp: ToSql<TimestampMicros, DB>,
{
    for (position, (key, value)) in keys.iter().enumerate() {
        let operator = behind(key.order);
        out.push_sql("(");
        if position + 1 < keys.len() {
            column(key.field, &mut out)?;
            out.push_sql(operator.trim_end());
            out.push_sql("= ");
            bind(value, &mut out)?;
            out.push_sql(" AND (");
        }
        column(key.field, &mut out)?;
        out.push_sql(operator);
        bind(value, &mut out)?;
        if position + 1 < keys.len() {
            out.push_sql(" OR ");
        }
    }
    for _ in 1..keys.len() {
        out.push_sql("))");
    }
    out.push_sql(")");
    Ok(())
}

fn behind(order: Order) -> &'static str {
    match order {
        Order::Ascending => " > ",
        Order::Descending => " < ",
    }
}

fn column<DB: Backend, F: SortField>(field: F, out: &mut AstPass<'_, '_, DB>) -> QueryResult<()> {
    out.push_identifier(F::TABLE)?;
    out.push_sql(".");
    out.push_identifier(field.column())
}

fn bind<'b, DB>(value: &'b KeyValue, out: &mut AstPass<'_, 'b, DB>) -> QueryResult<()>
where
    DB: Backend + HasSqlType<BigInt> + HasSqlType<Text> + HasSqlType<TimestampMicros>,
    i64: ToSql<BigInt, DB>,
    String: ToSql<Text, DB>,
    Timestamp: ToSql<TimestampMicros, DB>,
{
    match value {
        KeyValue::Number(number) => out.push_bind_param::<BigInt, i64>(number),
        KeyValue::Text(text) => out.push_bind_param::<Text, String>(text),
        KeyValue::Time(time) => out.push_bind_param::<TimestampMicros, Timestamp>(time),
    }
}
