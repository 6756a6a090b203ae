//! Embedded migrations of each side, by one process at a time: several replicas may start together.

use diesel::{
    QueryResult, SqliteConnection,
    backend::Backend,
    migration::{Migration, MigrationSource, Result as MigrationResult},
};
use diesel_async::{AsyncMigrationHarness, AsyncPgConnection, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{
    DatabaseTarget, Kind,
    index::{put_back_postgres, put_back_sqlite},
};

pub(super) const POSTGRES: EmbeddedMigrations = embed_migrations!("../migrations/postgres");
pub(super) const SQLITE: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");

/// The advisory lock that a migrating process holds. Any number will do, as long as it never changes: "centum" in ASCII.
const LOCK: i64 = 0x6365_6e74_756d;

/// What to do with the migrations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Migrate {
    /// Apply all that are pending, and put back the index that a fault may have dropped.
    Up,
    /// Undo the newest.
    Down,
    /// Change nothing.
    Status,
}

/// Which migrations have been applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationStatus {
    /// Names of the applied ones, oldest first.
    pub applied: Vec<String>,
    /// Names of those that are due, in their order.
    pub pending: Vec<String>,
}

impl DatabaseTarget {
    /// Migrates, and says what is applied afterwards. Needs a multi-threaded runtime, because Diesel's migrations block.
    ///
    /// # Errors
    /// A sentence, if the database cannot be reached or a migration fails; a failed one is rolled back.
    pub async fn migrate(&self, action: Migrate) -> Result<MigrationStatus, String> {
        match &self.0 {
            Kind::Postgres(target) => migrate_postgres(target.connect().await?, action).await,
            Kind::Sqlite(target) => {
                let target = target.clone();
                let blocking = tokio::task::spawn_blocking(move || {
                    migrate_sqlite(&mut target.connect()?, action)
                });
                blocking.await.map_err(|error| error.to_string())?
            }
        }
    }
}

async fn migrate_postgres(
    mut connection: AsyncPgConnection,
    action: Migrate,
) -> Result<MigrationStatus, String> {
    lock_migrations(&mut connection).await?;
    let mut harness = AsyncMigrationHarness::new(connection);
    let status = apply(&mut harness, || POSTGRES, action).map_err(|error| error.to_string())?;
    if action == Migrate::Up {
        put_back_postgres(&mut harness.into_inner()).await?;
    }
    Ok(status)
}

/// The lock is the session's: it ends with the connection, whatever happens.
pub(super) async fn lock_migrations(connection: &mut AsyncPgConnection) -> Result<(), String> {
    let lock = format!("SELECT pg_advisory_lock({LOCK})");
    let locked = connection.batch_execute(&lock).await;
    locked.map_err(|error| error.to_string())
}

fn migrate_sqlite(
    connection: &mut SqliteConnection,
    action: Migrate,
) -> Result<MigrationStatus, String> {
    let mut outcome = Ok(None);
    let transaction: QueryResult<()> = connection.exclusive_transaction(|connection| {
        outcome = apply(connection, || SQLITE, action)
            .map(Some)
            .map_err(|error| error.to_string());
        if outcome.is_ok() {
            Ok(())
        } else {
            Err(diesel::result::Error::RollbackTransaction)
        }
    });
    match (outcome, transaction) {
        (Ok(Some(status)), Ok(())) if action == Migrate::Up => {
            put_back_sqlite(connection).map(|()| status)
        }
        (Ok(Some(status)), Ok(())) => Ok(status),
        (Err(message), _) => Err(message),
        (_, Err(error)) => Err(error.to_string()),
        (Ok(None), Ok(())) => Err("the migration did not run".to_owned()),
    }
}

fn apply<DB: Backend>(
    harness: &mut impl MigrationHarness<DB>,
    source: fn() -> EmbeddedMigrations,
    action: Migrate,
) -> MigrationResult<MigrationStatus>
where
    EmbeddedMigrations: MigrationSource<DB>,
{
    match action {
        Migrate::Up => drop(harness.run_pending_migrations(source())?),
        Migrate::Down if harness.applied_migrations()?.is_empty() => {}
        Migrate::Down => drop(harness.revert_last_migration(source())?),
        Migrate::Status => {}
    }
    let pending: Vec<_> = harness
        .pending_migrations(source())?
        .iter()
        .map(|migration| migration.name().to_string())
        .collect();
    let mut applied: Vec<_> = MigrationSource::<DB>::migrations(&source())?
        .iter()
        .map(|migration| migration.name().to_string())
        .collect();
    applied.sort();
    applied.retain(|name| !pending.contains(name));
    Ok(MigrationStatus { applied, pending })
}
