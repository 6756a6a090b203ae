//! Migrations: up, down, and by several at the same moment.

use std::sync::Arc;

use api::{
    config::Config,
    database::{DatabaseTarget, Migrate, MigrationStatus},
};
use tests::{TestApp, TestOptions, on_each_empty_database};

use crate::command_line::run_on;

const ALL: [&str; 4] = [
    "2026-11-23-000001_users",
    "2026-11-23-000002_posts",
    "2026-11-23-000003_texts_by_code_point",
    "2026-11-27-000004_idempotency_keys",
];

async fn migrate(url: &str, action: Migrate) -> MigrationStatus {
    let options = Config::default().pool_options();
    let target = DatabaseTarget::parse(url, &options).unwrap();
    target.migrate(action).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn migrations_go_up_and_down_and_up_again() {
    on_each_empty_database(async |database| {
        let url = &database.url;
        assert_eq!(migrate(url, Migrate::Status).await.pending, ALL);
        let up = migrate(url, Migrate::Up).await;
        assert_eq!(
            (up.applied, up.pending),
            (ALL.map(String::from).to_vec(), vec![])
        );
        for applied in (0..ALL.len()).rev() {
            let down = migrate(url, Migrate::Down).await;
            let (applied, pending) = ALL.split_at(applied);
            assert_eq!(
                (down.applied, down.pending),
                (owned(applied), owned(pending))
            );
        }
        assert_eq!(migrate(url, Migrate::Down).await.pending, ALL);
        assert_eq!(migrate(url, Migrate::Up).await.applied, ALL);
        // And what is there now is what the service works with.
        let app = TestApp::spawn_shared(Arc::clone(&database), TestOptions::default()).await;
        let author = app.create_user("Ada Lovelace", "ada@example.com").await;
        app.create_post(&author, "Notes").await;
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn migrating_twice_changes_nothing() {
    on_each_empty_database(async |database| {
        let first = migrate(&database.url, Migrate::Up).await;
        assert_eq!(migrate(&database.url, Migrate::Up).await, first);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn applications_that_start_together_on_an_empty_database_all_come_up() {
    on_each_empty_database(async |database| {
        let starts: Vec<_> = (0..4)
            .map(|_| {
                tokio::spawn(TestApp::spawn_shared(
                    Arc::clone(&database),
                    TestOptions::default(),
                ))
            })
            .collect();
        let mut apps = Vec::new();
        for start in starts {
            apps.push(start.await.expect("the application must start"));
        }
        let id = apps[0].create_user("Ada Lovelace", "ada@example.com").await;
        for app in apps {
            let user = app.get(&format!("/api/v1/users/{id}")).send().await;
            assert_eq!(user.expect(200).json()["data"]["name"], "Ada Lovelace");
            app.stop().await;
        }
        assert_eq!(migrate(&database.url, Migrate::Status).await.applied, ALL);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_lists_what_is_applied_and_what_is_pending() {
    on_each_empty_database(async |database| {
        let migrate = |action| run_on(&database.url, &["migrate", action]).done();
        // The first so many are applied.
        let listed = |applied: usize| {
            let line = |(at, name): (usize, &&str)| {
                let state = if at < applied { "applied" } else { "pending" };
                format!("{state}  {name}\n")
            };
            let lines: String = ALL.iter().enumerate().map(line).collect();
            format!(
                "{lines}{applied} applied, {} pending\n",
                ALL.len() - applied
            )
        };
        assert_eq!(migrate("status"), listed(0));
        assert_eq!(migrate("up"), listed(ALL.len()));
        assert_eq!(migrate("down"), listed(ALL.len() - 1));
        assert_eq!(migrate("status"), listed(ALL.len() - 1));
    })
    .await;
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().copied().map(String::from).collect()
}
