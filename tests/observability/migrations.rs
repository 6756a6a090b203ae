//! What the database lacks is seen while the service runs.

use std::time::Duration;

use tests::{Outside, TestOptions, eventually, on_each_database_with};

const NEWEST: &str = "SELECT max(version) FROM __diesel_schema_migrations";

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_the_database_has_lost_is_seen_and_so_is_its_return() {
    let options = || TestOptions {
        upkeep_interval: Duration::from_millis(10),
        ..TestOptions::default()
    };
    on_each_database_with(options, async |app| {
        let pending = async || app.scrape().await.sum("db_migrations_pending", &[]);
        let mut outside = Outside::of(&app.database).await;
        assert!(pending().await < 0.5);
        let newest = outside.text(NEWEST).await;
        let delete = format!("DELETE FROM __diesel_schema_migrations WHERE version = '{newest}'");
        outside.run(&delete).await;
        eventually("one is due", async || pending().await > 0.5).await;
        let insert =
            format!("INSERT INTO __diesel_schema_migrations (version) VALUES ('{newest}')");
        outside.run(&insert).await;
        eventually("none is due", async || pending().await < 0.5).await;
    })
    .await;
}
