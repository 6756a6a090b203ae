//! A connection beside the pools, for questions that no request waits for.

use std::{sync::Arc, time::Duration};

use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use tokio::time::timeout;

use super::{DatabaseError, DatabaseTarget, Explain, Kind, RawPlan, postgres, sqlite};

/// Longest time of one question.
const LIMIT: Duration = Duration::from_secs(2);

/// Opened when it is needed. On PostgreSQL it is kept until it fails.
pub struct SideConnection {
    target: Kind,
    postgres: Option<AsyncPgConnection>,
}

impl DatabaseTarget {
    /// A connection beside the pools.
    #[must_use]
    pub fn side_connection(&self) -> SideConnection {
        SideConnection {
            target: self.0.clone(),
            postgres: None,
        }
    }
}

impl SideConnection {
    /// How the database would run `query` now.
    ///
    /// # Errors
    /// A sentence: no connection, no plan, or no answer within two seconds.
    pub async fn explain(&mut self, query: &Arc<dyn Explain>) -> Result<RawPlan, String> {
        let asking = async {
            match &self.target {
                Kind::Postgres(target) => ask_postgres(target, &mut self.postgres, query).await,
                Kind::Sqlite(target) => ask_sqlite(target, query).await,
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
    query: &Arc<dyn Explain>,
) -> Result<RawPlan, String> {
    // Out of its place while it is in use: one that failed, or whose answer was not waited for, is not used again.
    if let Some(mut connection) = kept.take()
        && let Ok(plan) = Arc::clone(query).on_postgres(&mut connection).await
    {
        *kept = Some(connection);
        return Ok(plan);
    }
    // The server may have ended the one that was kept since it was last used.
    let mut connection = connect(target).await?;
    let plan = Arc::clone(query).on_postgres(&mut connection).await;
    let plan = plan.map_err(kind)?;
    *kept = Some(connection);
    Ok(plan)
}

/// Not the driver's own words: they can repeat what a client sent.
fn kind(error: diesel::result::Error) -> String {
    DatabaseError::from(error).kind().to_string()
}

async fn connect(target: &postgres::Target) -> Result<AsyncPgConnection, String> {
    let mut connection = target.connect().await?;
    let limits = format!(
        "/* q='plans.connect' */ SET application_name = 'centum plans'; \
         SET statement_timeout = {0}; SET lock_timeout = {0}",
        LIMIT.as_millis()
    );
    connection
        .batch_execute(&limits)
        .await
        .map_err(|error| error.to_string())?;
    Ok(connection)
}

/// On a connection of its own each time: one that is kept learns only from a statement that runs that the schema is another by now.
async fn ask_sqlite(target: &sqlite::Target, query: &Arc<dyn Explain>) -> Result<RawPlan, String> {
    let (target, query) = (target.clone(), Arc::clone(query));
    let asking = tokio::task::spawn_blocking(move || {
        let mut connection = target
            .open(sqlite::Access::Read)
            .map_err(|error| error.to_string())?;
        query.on_sqlite(&mut connection).map_err(kind)
    });
    asking.await.map_err(|error| error.to_string())?
}
