//! The newest rows of each of many owners in one statement. However many an owner has, only those are read that are returned.

use diesel::{
    Expression, QueryResult,
    backend::Backend,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{Array, BigInt, HasSqlType, Text},
    sqlite::Sqlite,
};

/// The newest rows of a table for each owner. An index on the owner, `created_at` and `id` answers it.
#[derive(Clone, Debug)]
pub struct Newest<S> {
    table: &'static str,
    owner: &'static str,
    select: S,
    owners: Vec<i64>,
    /// The same as JSON: SQLite has no arrays.
    owners_json: String,
    each: i64,
}

impl<S> Newest<S> {
    /// The `each` newest rows of `table`, showing `select`, for each of `owners` in the column `owner`.
    #[must_use]
    pub fn of(
        (table, owner): (&'static str, &'static str),
        select: S,
        owners: Vec<i64>,
        each: i64,
    ) -> Self {
        let numbers: Vec<_> = owners.iter().map(i64::to_string).collect();
        Self {
            table,
            owner,
            select,
            owners_json: format!("[{}]", numbers.join(",")),
            owners,
            each,
        }
    }

    /// The newest rows of one owner, whose id is the expression `id`.
    fn of_one<'b, DB>(
        &'b self,
        columns: &str,
        id: &str,
        out: &mut AstPass<'_, 'b, DB>,
    ) -> QueryResult<()>
    where
        DB: Backend + HasSqlType<BigInt>,
        i64: ToSql<BigInt, DB>,
    {
        let (table, owner) = (self.table, self.owner);
        out.push_sql(&format!(
            "(SELECT {columns} FROM {table} WHERE {owner} = {id} ORDER BY created_at DESC, id DESC LIMIT "
        ));
        out.push_bind_param::<BigInt, _>(&self.each)?;
        out.push_sql(")");
        Ok(())
    }

    fn in_order<DB: Backend>(&self, out: &mut AstPass<'_, '_, DB>) {
        let (table, owner) = (self.table, self.owner);
        out.push_sql(&format!(
            " ORDER BY {table}.{owner}, {table}.created_at DESC, {table}.id DESC"
        ));
    }
}

impl<S: Expression> Query for Newest<S> {
    type SqlType = S::SqlType;
}

impl<S> QueryId for Newest<S> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<S: QueryFragment<Pg>> QueryFragment<Pg> for Newest<S> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT ");
        self.select.walk_ast(out.reborrow())?;
        out.push_sql(" FROM unnest(");
        out.push_bind_param::<Array<BigInt>, _>(&self.owners)?;
        out.push_sql(") AS wanted(id) CROSS JOIN LATERAL ");
        self.of_one("*", "wanted.id", &mut out)?;
        out.push_sql(" AS ");
        out.push_sql(self.table);
        self.in_order(&mut out);
        Ok(())
    }
}

/// `CROSS JOIN` keeps the order of the loops: owners outside.
impl<S: QueryFragment<Sqlite>> QueryFragment<Sqlite> for Newest<S> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("SELECT ");
        self.select.walk_ast(out.reborrow())?;
        out.push_sql(" FROM json_each(");
        out.push_bind_param::<Text, _>(&self.owners_json)?;
        out.push_sql(") AS wanted CROSS JOIN ");
        out.push_sql(self.table);
        out.push_sql(&format!(" ON {}.id IN ", self.table));
        self.of_one("id", "wanted.value", &mut out)?;
        self.in_order(&mut out);
        Ok(())
    }
}
