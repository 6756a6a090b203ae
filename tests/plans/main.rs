//! Golden plans: on 200 000 users and 1 000 000 posts, PostgreSQL runs every query as the query declares.
//!
//! Each function of the repositories is called for real: lists with each filter, by each field and by each two of them, first page and last. The
//! plan of just that call is held against its declaration.

#![expect(clippy::unwrap_used, reason = "a failed fixture must fail the test")]

mod calls;
mod check;
mod cursors;
mod population;
mod shapes;
mod values;

use std::{collections::BTreeSet, sync::Arc, time::Instant};

use api::{
    app::Parts,
    budget::Access,
    clock::Clock,
    config::Config,
    database::{CapturePolicy, Captures, Database, DatabaseTarget, Migrate},
    faults::Faults,
    plans::{Record, Recorder},
    repositories::QUERIES,
};
use tests::{DatabaseKind, Outside, TestDatabase, on_empty_database};

use crate::{
    calls::{AUTHORS, Caller, PAGES, ROLES, STATUSES},
    check::violations,
};

#[tokio::test(flavor = "multi_thread")]
async fn every_query_is_planned_as_it_declares() {
    on_empty_database(DatabaseKind::Postgres, async |database| {
        population::fill(&database).await;
        // One after the other: of each the newest hundred plans are kept.
        let mut records = [
            plans_of(&database, Caller::filtered_lists_of_users).await,
            plans_of(&database, Caller::filtered_lists_of_posts).await,
            plans_of(&database, Caller::lists_by_cursor).await,
            plans_of(&database, Caller::projected_lists).await,
            plans_of(&database, Caller::counts_of_users).await,
            plans_of(&database, Caller::counts_of_posts).await,
            plans_of(&database, Caller::everything_else).await,
        ]
        .concat();
        records.extend(lists(&database).await);
        few_are_counted_by_their_indexes(&plans_of(&database, Caller::counts_of_few).await);
        prefixes_go_by_their_indexes(&plans_of(&database, Caller::prefixes).await);
        let found: Vec<_> = records
            .iter()
            .flat_map(|record| violations(record))
            .collect();
        assert!(found.is_empty(), "{}", found.join("\n"));
        every_query_was_called(&records);
        every_declared_index_is_used(&records);
        without_its_index_a_query_is_found(&database).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn prefixes_go_by_their_indexes_on_sqlite_too() {
    on_empty_database(DatabaseKind::Sqlite, async |database| {
        let options = Config::default().pool_options();
        let target = DatabaseTarget::parse(&database.url, &options).unwrap();
        target.migrate(Migrate::Up).await.unwrap();
        prefixes_go_by_their_indexes(&plans_of(&database, Caller::prefixes).await);
    })
    .await;
}

fn prefixes_go_by_their_indexes(records: &[Arc<Record>]) {
    let used: Vec<_> = records
        .iter()
        .flat_map(|record| check::indexes(&record.plan))
        .collect();
    // The newest record comes first.
    assert_eq!(used, ["posts_title_idx", "users_name_idx"]);
    for record in records {
        let tree = serde_json::to_string(&record.plan.root).unwrap();
        assert!(!tree.contains("Sort"), "{tree}");
    }
}

/// Exact counts may walk whole tables, but not for the sake of a few rows.
fn few_are_counted_by_their_indexes(records: &[Arc<Record>]) {
    let used: Vec<_> = records
        .iter()
        .flat_map(|record| check::indexes(&record.plan))
        .collect();
    // The newest record comes first.
    assert_eq!(
        used,
        ["posts_author_created_at_idx", "users_role_created_at_idx"]
    );
}

/// Lists by each filter with few values, in each order, on the first page and the last.
async fn lists(database: &TestDatabase) -> Vec<Arc<Record>> {
    let mut records = Vec::new();
    for page in PAGES {
        for role in ROLES {
            let calls = async |caller: &mut Caller| caller.lists_of_users(page, role).await;
            records.extend(plans_of(database, calls).await);
        }
        for (author, status) in AUTHORS
            .into_iter()
            .flat_map(|author| STATUSES.map(|status| (author, status)))
        {
            let calls =
                async |caller: &mut Caller| caller.lists_of_posts(page, author, status).await;
            records.extend(plans_of(database, calls).await);
        }
    }
    records
}

/// Does `calls`, and returns the plan of each.
async fn plans_of(
    database: &TestDatabase,
    calls: impl AsyncFnOnce(&mut Caller),
) -> Vec<Arc<Record>> {
    let options = Config::default().pool_options();
    let target = DatabaseTarget::parse(&database.url, &options).unwrap();
    let metrics = Parts::metrics().unwrap();
    let every_call = CapturePolicy {
        every_call: true,
        ..CapturePolicy::default()
    };
    let (captures, picked) = Captures::new(every_call, QUERIES.len(), &metrics);
    let recorder = Recorder::new(QUERIES, &metrics, Clock::System, true);
    let database = Database::connect(&target, &options, &metrics)
        .unwrap()
        .captured_by(captures, Faults::default());
    calls(&mut Caller::new(database).await).await;
    // The database is gone, and with it whatever could pick another call: this ends when all are explained.
    let side = target.side_connection();
    recorder.run(picked, side, Faults::default()).await;
    assert_eq!(
        metrics.queries.unnamed.get(),
        0,
        "every statement has a name"
    );
    recorder.records()
}

fn every_query_was_called(records: &[Arc<Record>]) {
    let called: BTreeSet<_> = records.iter().map(|record| record.query.name).collect();
    for query in QUERIES
        .iter()
        .filter(|query| query.access != Access::Nothing)
    {
        assert!(
            called.contains(query.name),
            "call {} in tests/plans/calls.rs",
            query.name
        );
    }
}

fn every_declared_index_is_used(records: &[Arc<Record>]) {
    for query in QUERIES {
        let (Access::Index(declared) | Access::IndexOnly(declared)) = query.access else {
            continue;
        };
        let of_query = records
            .iter()
            .filter(|record| record.query.name == query.name);
        let used: BTreeSet<_> = of_query
            .flat_map(|record| check::indexes(&record.plan))
            .collect();
        for index in declared {
            assert!(
                used.contains(*index),
                "{} declares {index}, and no form of it uses that",
                query.name
            );
        }
    }
}

/// The check itself, on a plan that went wrong.
async fn without_its_index_a_query_is_found(database: &TestDatabase) {
    let mut outside = Outside::of(database).await;
    outside.run("DROP INDEX posts_author_created_at_idx").await;
    let started = Instant::now();
    let records = plans_of(database, Caller::list_posts_of_a_user).await;
    let found: Vec<_> = records
        .iter()
        .flat_map(|record| violations(record))
        .collect();
    assert!(
        !found.is_empty() && found.iter().all(|found| found.starts_with("posts.list: ")),
        "{found:?} after {:?}",
        started.elapsed()
    );
}
