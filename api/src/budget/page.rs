//! The page about all queries: `api queries` prints it, and `docs/queries.md` is compared with it.

use std::fmt::Write;

use super::{Access, Query};

const INTRODUCTION: &str = "\
# Queries

Every statement that the service sends to its database. This page is printed by `api queries` from the declarations in
`api/src/repositories/`; a test compares it.

A query has one name everywhere. `users.list` is the function `list` in `api/src/repositories/users.rs`, and the comment
`/* q='users.list' */` in front of its SQL, so `pg_stat_statements`, `pg_stat_activity` and `auto_explain` show it. It is the label
`db_query_summary` of the metrics and the field `db.query.summary` of the log.

- **budget**: what one call may take, waiting for locks and the network to the database included, waiting for a connection not. Beyond it the
  call is counted (`db_client_operation_over_budget_total`), logged with its trace id (`db.over_budget`), and, at most once a minute, explained
  (`db.slow_query`, `/debug/queries`).
- **rows**: the most rows that one call returns or touches; more is counted (`db_client_rows_exceeded_total`) and logged (`db.too_many_rows`).
- **finds its rows by**: the indexes that its plans may use. On 200 000 users and 1 000 000 posts a test holds every plan against it. A query
  that is seen with another plan than before is counted (`db_query_plan_changes_total`) and logged with both plans (`db.plan_changed`).

Which route runs which query is in `db_client_route_queries_total`, and on `/debug/queries` of the management listener.

| query | SQL | what it is for | budget | rows | finds its rows by |
|---|---|---|---|---|---|
";

/// The page as Markdown.
#[must_use]
pub fn markdown(queries: &[Query]) -> String {
    let mut page = INTRODUCTION.to_owned();
    for query in queries {
        // Writing into a string cannot fail.
        let _ = writeln!(
            page,
            "| `{}` | {} | {} | {} ms | {} | {} |",
            query.name,
            query.operation,
            query.summary,
            query.budget.as_millis(),
            query.max_rows,
            access(query.access)
        );
    }
    page
}

fn access(access: Access) -> String {
    let names = |indexes: &[&str]| {
        let names: Vec<_> = indexes.iter().map(|index| format!("`{index}`")).collect();
        names.join(", ")
    };
    match access {
        Access::Nothing => "(looks at no table)".to_owned(),
        Access::Insert => "(adds rows)".to_owned(),
        Access::Index(indexes) => names(indexes),
        Access::IndexOnly(indexes) => format!("{}, without reading the rows", names(indexes)),
        Access::Scan => "(walks whole tables)".to_owned(),
    }
}
