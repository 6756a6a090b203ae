//! How many migrations a database lacks while it is in use: it may have been replaced by an older one.

use std::time::Duration;

use diesel::{
    QueryableByName, RunQueryDsl, migration::MigrationSource, sql_query, sql_types::Text,
};
use tokio::time::timeout;

use super::{
    DatabaseTarget, Kind,
    migrate::{POSTGRES, SQLITE},
    sqlite,
};

/// Longest time until there is an answer.
const LIMIT: Duration = Duration::from_secs(2);
/// The table is Diesel's.
const APPLIED: &str = "/* q='migrations.applied' */ SELECT version FROM __diesel_schema_migrations";

#[derive(QueryableByName)]
struct Applied {
    #[diesel(sql_type = Text)]
    version: String,
}

impl DatabaseTarget {
    /// How many migrations this binary knows and the database lacks: one plain question on a connection of its own, in nobody's way.
    ///
    /// # Errors
    /// A sentence: no connection, or no answer within two seconds.
    pub async fn lacking_migrations(&self) -> Result<usize, String> {
        timeout(LIMIT, self.ask_lacking())
            .await
            .unwrap_or_else(|_| Err("no answer within two seconds".to_owned()))
    }

    async fn ask_lacking(&self) -> Result<usize, String> {
        match &self.0 {
            Kind::Postgres(target) => {
                let mut connection = target.connect().await?;
                let applied = diesel_async::RunQueryDsl::load(sql_query(APPLIED), &mut connection);
                let applied: Vec<Applied> = applied.await.map_err(|error| error.to_string())?;
                lacking::<diesel::pg::Pg>(&POSTGRES, &applied)
            }
            Kind::Sqlite(target) => {
                let target = target.clone();
                let asking = tokio::task::spawn_blocking(move || {
                    let mut connection = target
                        .open(sqlite::Access::Read)
                        .map_err(|error| error.to_string())?;
                    let applied: Vec<Applied> = sql_query(APPLIED)
                        .load(&mut connection)
                        .map_err(|error| error.to_string())?;
                    lacking::<diesel::sqlite::Sqlite>(&SQLITE, &applied)
                });
                asking.await.map_err(|error| error.to_string())?
            }
        }
    }
}

fn lacking<DB: diesel::backend::Backend>(
    known: &impl MigrationSource<DB>,
    applied: &[Applied],
) -> Result<usize, String> {
    let known = known.migrations().map_err(|error| error.to_string())?;
    let is_lacking = |version: &String| !applied.iter().any(|row| row.version == *version);
    let versions = known
        .iter()
        .map(|migration| migration.name().version().as_owned().to_string());
    Ok(versions.filter(is_lacking).count())
}
