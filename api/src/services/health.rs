//! The checks behind `/readyz`. They run in the background and are answered from memory: a storm of probes cannot hurt the database.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::{
    database::{Database, DatabaseError, ErrorKind},
    repositories::health,
    telemetry::Metrics,
};

/// How often the checks run.
const INTERVAL: Duration = Duration::from_secs(2);
/// How often they run while one fails, so that the service is soon ready again.
const INTERVAL_AFTER_FAILURE: Duration = Duration::from_millis(250);
/// How long one check may take.
const LIMIT: Duration = Duration::from_millis(500);

/// The newest result of a check.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CheckResult {
    /// The check's name.
    pub name: &'static str,
    /// Whether it passed.
    pub passed: bool,
    /// How long it took.
    pub duration: Duration,
}

/// The newest results.
pub struct Health {
    metrics: Arc<Metrics>,
    newest: Mutex<CheckResult>,
}

impl Health {
    /// Checks that have not run yet.
    #[must_use]
    pub fn new(metrics: &Arc<Metrics>) -> Self {
        let never = CheckResult {
            name: "database",
            passed: false,
            duration: Duration::ZERO,
        };
        Self {
            metrics: Arc::clone(metrics),
            newest: Mutex::new(never),
        }
    }

    /// Checks `database` for ever.
    pub async fn run(&self, database: &Database) {
        loop {
            let passed = self.check(database).await;
            tokio::time::sleep(if passed {
                INTERVAL
            } else {
                INTERVAL_AFTER_FAILURE
            })
            .await;
        }
    }

    /// Checks `database` once.
    pub async fn check(&self, database: &Database) -> bool {
        let started = Instant::now();
        let outcome = tokio::time::timeout(LIMIT, ping(database)).await;
        let result = outcome.unwrap_or_else(|_| {
            Err(DatabaseError::new(
                ErrorKind::Timeout,
                "no answer within 500 ms",
            ))
        });
        let (passed, duration) = (result.is_ok(), started.elapsed());
        let before = {
            let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
            self.metrics.service.checked(newest.name, passed, duration);
            let result = CheckResult {
                name: newest.name,
                passed,
                duration,
            };
            std::mem::replace(&mut *newest, result)
        };
        match result {
            Err(error) if before.passed => {
                tracing::error!(check = before.name, %error, "a health check fails: not ready");
            }
            Ok(()) if !before.passed => {
                tracing::info!(check = before.name, "a health check passes");
            }
            _ => {}
        }
        passed
    }

    /// The newest results.
    #[must_use]
    pub fn results(&self) -> [CheckResult; 1] {
        [*self.newest.lock().unwrap_or_else(PoisonError::into_inner)]
    }
}

async fn ping(database: &Database) -> Result<(), DatabaseError> {
    health::ping(&mut database.read().await?).await
}
