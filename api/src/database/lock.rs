//! A lock of the database that writers need, held on purpose: the fault `lock_wait`.

use std::time::Duration;

use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};

use super::{
    Database, DatabaseError, DatabaseTarget, Kind,
    conn::{ReleaseLock, TakeLock},
    postgres,
};

/// Stands in no reader's way, and nobody waits for another table meanwhile: it cannot be part of a deadlock.
const LOCK: &str = "/* q='faults.lock' */ BEGIN; SET LOCAL lock_timeout = '2s'; LOCK TABLE posts IN SHARE ROW EXCLUSIVE MODE";
const UNLOCK: &str = "/* q='faults.unlock' */ COMMIT";
const LOCK_SQLITE: &str = "/* q='faults.lock' */ BEGIN IMMEDIATE";

/// Takes the lock as a writer does.
pub(crate) struct WritersLock {
    target: Kind,
    database: Database,
    /// A connection beside the pools: those are not what is to become scarce.
    postgres: Option<AsyncPgConnection>,
}

impl DatabaseTarget {
    /// What can hold the lock. On SQLite it takes its turn among the writers of `database`.
    pub(crate) fn writers_lock(&self, database: Database) -> WritersLock {
        WritersLock {
            target: self.0.clone(),
            database,
            postgres: None,
        }
    }
}

impl WritersLock {
    /// Holds the lock for this time: on SQLite that of the file, on PostgreSQL that of the table of posts.
    ///
    /// # Errors
    /// A sentence, if the database cannot be reached or does not give the lock.
    pub async fn hold(&mut self, time: Duration) -> Result<(), String> {
        match &self.target {
            Kind::Sqlite(_) => {
                let held = self.hold_sqlite(time).await;
                held.map_err(|error| error.to_string())
            }
            Kind::Postgres(target) => {
                let mut connection = match self.postgres.take() {
                    Some(connection) => connection,
                    None => connect(target).await?,
                };
                // One that failed is not used again.
                run(&mut connection, LOCK).await?;
                tokio::time::sleep(time).await;
                run(&mut connection, UNLOCK).await?;
                self.postgres = Some(connection);
                Ok(())
            }
        }
    }

    async fn hold_sqlite(&self, time: Duration) -> Result<(), DatabaseError> {
        let mut conn = self.database.write().await?;
        conn.control::<TakeLock>(LOCK_SQLITE, true).await?;
        tokio::time::sleep(time).await;
        conn.control::<ReleaseLock>(UNLOCK, false).await
    }
}

async fn connect(target: &postgres::Target) -> Result<AsyncPgConnection, String> {
    let mut connection = target.connect().await?;
    run(
        &mut connection,
        "/* q='faults.connect' */ SET application_name = 'centum faults'",
    )
    .await?;
    Ok(connection)
}

async fn run(connection: &mut AsyncPgConnection, statement: &'static str) -> Result<(), String> {
    let ran = connection.batch_execute(statement).await;
    ran.map_err(|error| error.to_string())
}
