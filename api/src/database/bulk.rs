//! An INSERT of many rows that both dialects understand. Diesel's own is no query on SQLite (it is split up when it runs), so it could not be
//! given a name.

/// Declares `$statement(Vec<$row>)`, a query that inserts the rows and returns their ids.
macro_rules! bulk_insert {
    ($(#[$doc:meta])* $statement:ident($row:ident) into $table:literal { $($column:ident: $sql_type:ty),+ }) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $statement(pub Vec<$row>);

        impl diesel::query_builder::Query for $statement {
            type SqlType = diesel::sql_types::BigInt;
        }

        impl diesel::query_builder::QueryId for $statement {
            type QueryId = ();
            const HAS_STATIC_QUERY_ID: bool = false;
        }

        $crate::database::bulk::bulk_insert!(@walk diesel::pg::Pg, $statement, $table, [$($column: $sql_type),+]);
        $crate::database::bulk::bulk_insert!(@walk diesel::sqlite::Sqlite, $statement, $table, [$($column: $sql_type),+]);
    };
    (@walk $backend:ty, $statement:ident, $table:literal, [$($column:ident: $sql_type:ty),+]) => {
        impl diesel::query_builder::QueryFragment<$backend> for $statement {
            fn walk_ast<'b>(&'b self, mut out: diesel::query_builder::AstPass<'_, 'b, $backend>) -> diesel::QueryResult<()> {
                let columns = [$(stringify!($column)),+].join(", ");
                out.push_sql(&format!("INSERT INTO {} ({columns}) VALUES ", $table));
                for (position, row) in self.0.iter().enumerate() {
                    let mut separator = if position == 0 { "(" } else { ", (" };
                    $(
                        out.push_sql(separator);
                        out.push_bind_param::<$sql_type, _>(&row.$column)?;
                        separator = ", ";
                    )+
                    let _ = separator;
                    out.push_sql(")");
                }
                out.push_sql(" RETURNING id");
                Ok(())
            }
        }
    };
}

pub(crate) use bulk_insert;
