//! A statement is prepared once for each connection, however often it runs.

use api::config::Switch;
use tests::{TestOptions, on_each_database_with};

use crate::delta::{Delta, same};

/// One worker with one connection, and nothing answered from memory.
fn one_connection() -> TestOptions {
    TestOptions::with(|config| {
        config.workers = 1;
        config.pool_size = 1;
        config.sqlite_readers = 1;
        config.cache = Switch::Off;
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_is_prepared_once_for_its_connection() {
    on_each_database_with(one_connection, async |app| {
        let id = app.create_user("Ada Lovelace", "ada@example.com").await;
        app.create_post(&id, "Notes").await;
        let before = app.scrape().await;
        let paths = [
            "/api/v1/users/1",
            "/api/v1/posts/1",
            "/api/v1/users",
            "/api/v1/posts?status=published",
        ];
        for path in paths.iter().cycle().take(40) {
            assert_eq!(app.get(path).send().await.status, 200);
        }
        let delta = Delta::after_requests(&app, before, 40).await;
        for query in [
            "users.find_by_id",
            "posts.find_by_id",
            "users.list",
            "posts.list",
        ] {
            let name = [("db_query_summary", query)];
            assert!(
                same(
                    delta.of("db_client_operation_duration_seconds_count", &name),
                    10
                ),
                "{query}"
            );
            assert!(
                same(delta.of("db_client_statement_prepares_total", &name), 1),
                "{query}"
            );
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_prepared_once_for_each_of_its_forms() {
    on_each_database_with(one_connection, async |app| {
        let before = app.scrape().await;
        let paths = [
            "/api/v1/users",
            "/api/v1/users?role=admin",
            "/api/v1/users?role=editor",
            "/api/v1/users?sort=name",
            "/api/v1/users?page=2&limit=5",
        ];
        for path in paths.iter().cycle().take(20) {
            assert_eq!(app.get(path).send().await.status, 200);
        }
        let delta = Delta::after_requests(&app, before, 20).await;
        // With and without a role, and by name: values and pages are no forms.
        let prepared = delta.of(
            "db_client_statement_prepares_total",
            &[("db_query_summary", "users.list")],
        );
        assert!(same(prepared, 3), "{prepared}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_by_cursor_are_prepared_once_and_what_clients_combine_is_not_kept() {
    on_each_database_with(one_connection, async |app| {
        for number in 1..=2 {
            app.create_user("Ada", &format!("{number}@example.com"))
                .await;
        }
        let first = app.get("/api/v1/users?cursor=start&limit=1").send().await;
        let next = first.expect(200).json()["links"]["next"].clone();
        let mixed = "/api/v1/users?cursor=start&limit=1&sort=name,-created_at";
        let of_mixed = app.get(mixed).send().await.expect(200).json();
        let before = app.scrape().await;
        let paths = [
            next.as_str().unwrap(),
            mixed,
            of_mixed["links"]["next"].as_str().unwrap(),
            "/api/v1/users?sort=created_at,name",
            "/api/v1/users?created_at[gte]=2024-01-01T00:00:00Z",
            "/api/v1/users?name[prefix]=A&role=admin",
            "/api/v1/users?fields=id,name",
        ];
        for path in paths.iter().cycle().take(21) {
            assert_eq!(app.get(path).send().await.status, 200, "{path}");
        }
        let delta = Delta::after_requests(&app, before, 21).await;
        let kept = delta.of(
            "db_client_statement_prepares_total",
            &[("db_query_summary", "users.list")],
        );
        assert!(same(kept, 1), "{kept}");
    })
    .await;
}
