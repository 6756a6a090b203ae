//! The name of a query, seen from the database: `pg_stat_statements` counts under it what the service counts.

use std::collections::BTreeMap;

use api::repositories::QUERIES;
use tests::{DatabaseKind, Outside, TestOptions, connect, on_database, say_skipped};

use crate::delta::same;

/// Calls by the name in front of the statement.
const CALLS: &str = "SELECT split_part(query, '''', 2), sum(calls)::bigint FROM pg_stat_statements \
    JOIN pg_database ON pg_database.oid = dbid WHERE datname = current_database() AND query LIKE '/* q=''%' GROUP BY 1";

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_counts_each_query_under_its_name_as_often_as_the_service() {
    on_database(
        DatabaseKind::Postgres,
        TestOptions::default(),
        async |app| {
            let mut outside = Outside::of(&app.database).await;
            let loaded = "SELECT count(*) FROM pg_settings WHERE name = 'shared_preload_libraries' \
                      AND setting LIKE '%pg_stat_statements%'";
            if outside.number(loaded).await == 0 {
                say_skipped("PostgreSQL with shared_preload_libraries = pg_stat_statements");
                return;
            }
            outside.run("CREATE EXTENSION pg_stat_statements").await;
            crate::traffic::run(&app).await;
            let scrape = app.scrape().await;
            let rows = connect(&app.database.url)
                .await
                .query(CALLS, &[])
                .await
                .unwrap();
            let calls: BTreeMap<String, i64> =
                rows.iter().map(|row| (row.get(0), row.get(1))).collect();
            // The health check goes on in the background.
            for query in QUERIES.iter().filter(|query| query.name != "health.ping") {
                // PostgreSQL counts a statement when it has ended well.
                let label = [("db_query_summary", query.name), ("error_type", "")];
                let counted = scrape.sum("db_client_operation_duration_seconds_count", &label);
                let calls = calls.get(query.name).copied().unwrap_or_default();
                assert!(
                    same(counted, usize::try_from(calls).unwrap()),
                    "{}: {calls} of {counted}",
                    query.name
                );
            }
            assert!(
                calls.contains_key("transaction.commit") && calls.len() >= 8,
                "{calls:?}"
            );
        },
    )
    .await;
}
