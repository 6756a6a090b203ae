//! The index that the fault `dropped_index` takes away, and how it comes back: by the very statement of the migration that made it. Every
//! `migrate up`, and so every start, looks whether it is there: it cannot be lost, however a process ended.

use diesel::{
    QueryResult, RunQueryDsl, SqliteConnection, connection::SimpleConnection, dsl::sql,
    sql_types::Bool,
};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};

use super::{DatabaseTarget, Kind, migrate::lock_migrations};

/// Its name. Without it lists of posts with a status are found by another index: their plans change before anything is slow.
const INDEX: &str = "posts_status_created_at_idx";
/// The migrations that make it.
const POSTGRES: &str = include_str!("../../../migrations/postgres/2026-11-23-000002_posts/up.sql");
const SQLITE: &str = include_str!("../../../migrations/sqlite/2026-11-23-000002_posts/up.sql");

impl DatabaseTarget {
    /// Drops the index, if it is there.
    ///
    /// # Errors
    /// A sentence, if the database cannot be reached, or does not give the lock within its time-out (PostgreSQL: two seconds).
    pub(crate) async fn drop_index(&self) -> Result<(), String> {
        match &self.0 {
            Kind::Postgres(target) => {
                let statement = format!(
                    "/* q='faults.drop_index' */ SET lock_timeout = '2s'; DROP INDEX IF EXISTS {INDEX}"
                );
                let mut connection = target.connect().await?;
                let dropped = connection.batch_execute(&statement).await;
                dropped.map_err(|error| error.to_string())
            }
            Kind::Sqlite(_) => {
                let statement = format!("/* q='faults.drop_index' */ DROP INDEX IF EXISTS {INDEX}");
                self.on_sqlite(move |connection| {
                    let dropped = connection.batch_execute(&statement);
                    dropped.map_err(|error| error.to_string())
                })
                .await
            }
        }
    }

    /// Makes the index as its migration made it, if it is not there.
    ///
    /// # Errors
    /// A sentence, if the database cannot be reached, or the statement fails.
    pub(crate) async fn put_index_back(&self) -> Result<(), String> {
        match &self.0 {
            Kind::Postgres(target) => {
                let mut connection = target.connect().await?;
                lock_migrations(&mut connection).await?;
                put_back_postgres(&mut connection).await
            }
            Kind::Sqlite(_) => self.on_sqlite(put_back_sqlite).await,
        }
    }

    /// Does something that blocks on a connection of its own to the SQLite file.
    async fn on_sqlite(
        &self,
        work: impl FnOnce(&mut SqliteConnection) -> Result<(), String> + Send + 'static,
    ) -> Result<(), String> {
        let Kind::Sqlite(target) = self.0.clone() else {
            return Ok(());
        };
        let working = tokio::task::spawn_blocking(move || work(&mut target.connect()?));
        working.await.map_err(|error| error.to_string())?
    }
}

/// The same on a connection that holds the lock of migrations: two that make an index at the same time are in each other's way.
pub(super) async fn put_back_postgres(connection: &mut AsyncPgConnection) -> Result<(), String> {
    let is_there = diesel::select(sql::<Bool>(&format!("to_regclass('{INDEX}') IS NOT NULL")));
    let is_there: bool = diesel_async::RunQueryDsl::get_result(is_there, connection)
        .await
        .map_err(|error| error.to_string())?;
    if is_there {
        return Ok(());
    }
    let made = connection.batch_execute(statement(POSTGRES)?).await;
    made.map_err(|error| error.to_string())?;
    warn();
    Ok(())
}

/// The same on a connection to SQLite.
pub(super) fn put_back_sqlite(connection: &mut SqliteConnection) -> Result<(), String> {
    let statement = statement(SQLITE)?;
    // The look and the statement are one transaction: another process may do the same.
    let made = connection.immediate_transaction(|connection| {
        let is_there = diesel::select(sql::<Bool>(&format!(
            "EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'index' AND name = '{INDEX}')"
        )));
        let is_there: bool = is_there.get_result(connection)?;
        if !is_there {
            connection.batch_execute(statement)?;
        }
        QueryResult::Ok(!is_there)
    });
    if made.map_err(|error| error.to_string())? {
        warn();
    }
    Ok(())
}

/// The statement that makes the index, out of the migration.
fn statement(migration: &'static str) -> Result<&'static str, String> {
    let begin = format!("CREATE INDEX {INDEX} ");
    let mut statements = migration.lines();
    let found = statements.find(|line| line.starts_with(&begin));
    found.ok_or_else(|| format!("no migration makes {INDEX}"))
}

fn warn() {
    tracing::warn!(
        event = "db.index_put_back",
        index = INDEX,
        "an index of the migrations was missing and has been put back"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_statement_is_that_of_the_migration() {
        for migration in [POSTGRES, SQLITE] {
            assert_eq!(
                statement(migration).unwrap(),
                "CREATE INDEX posts_status_created_at_idx ON posts (status, created_at DESC, id DESC);"
            );
        }
        assert!(statement("CREATE INDEX another ON posts (id);").is_err());
    }
}
