//! A connection beside the pools, for questions that no request waits for.

use std::{sync::Arc, time::Duration};

use diesel::SqliteConnection;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use tokio::time::timeout;

use super::{DatabaseTarget, Explain, Kind, RawPlan, postgres, sqlite};

/// Longest time of one question.
const LIMIT: Duration = Duration::from_secs(2);

/// Opened when it is first needed, and again after it failed.
pub struct SideConnection {
    target: Kind,
    postgres: Option<AsyncPgConnection>,
    sqlite: Option<SqliteConnection>,
}

impl DatabaseTarget {
    /// A connection beside the pools.
    #[must_use]
    pub fn side_connection(&self) -> SideConnection {
        SideConnection {
            target: self.0.clone(),
            postgres: None,
            sqlite: None,
        }
    }
}

impl SideConnection {
    /// How the database would run `query` now.
    ///
    /// # Errors
    /// A sentence: no connection, no plan, or no answer within two seconds.
    pub async fn explain(&mut self, query: Arc<dyn Explain>) -> Result<RawPlan, String> {
        let asking = async {
            match &self.target {
                Kind::Postgres(target) => ask_postgres(target, &mut self.postgres, query).await,
                Kind::Sqlite(target) => ask_sqlite(target, &mut self.sqlite, query).await,
            }
        };
        timeout(LIMIT, asking)
            .await
            .unwrap_or_else(|_| Err("no answer within two seconds".to_owned()))
    }
}

async fn ask_postgres(
    target: &postgres::Target,
    kept: &mut Option<AsyncPgConnection>,
    query: Arc<dyn Explain>,
) -> Result<RawPlan, String> {
    // Out of its place while it is in use: one that failed, or whose answer was not waited for, is not used again.
    let mut connection = match kept.take() {
        Some(connection) => connection,
        None => {
            let mut connection = target.connect().await?;
            let limit = format!(
                "/* q='plans.limit' */ SET statement_timeout = {0}; SET lock_timeout = {0}",
                LIMIT.as_millis()
            );
            connection
                .batch_execute(&limit)
                .await
                .map_err(|error| error.to_string())?;
            connection
        }
    };
    let plan = query
        .on_postgres(&mut connection)
        .await
        .map_err(|error| error.to_string())?;
    *kept = Some(connection);
    Ok(plan)
}

async fn ask_sqlite(
    target: &sqlite::Target,
    kept: &mut Option<SqliteConnection>,
    query: Arc<dyn Explain>,
) -> Result<RawPlan, String> {
    let (target, kept_before) = (target.clone(), kept.take());
    let asking = tokio::task::spawn_blocking(move || {
        let mut connection = match kept_before {
            Some(connection) => connection,
            None => target
                .open(sqlite::Access::Read)
                .map_err(|error| error.to_string())?,
        };
        let plan = query
            .on_sqlite(&mut connection)
            .map_err(|error| error.to_string())?;
        Ok::<_, String>((plan, connection))
    });
    let (plan, connection) = asking.await.map_err(|error| error.to_string())??;
    *kept = Some(connection);
    Ok(plan)
}
