//! What the metrics say of migrations after the start.

use std::time::Duration;

use crate::{database::DatabaseTarget, telemetry::Metrics};

/// Looks again and again how many migrations the database lacks. While it does not answer, the newest figure stands: that it does not is
/// what the health check says.
pub async fn watch(interval: Duration, target: &DatabaseTarget, metrics: &Metrics) {
    loop {
        tokio::time::sleep(interval).await;
        if let Ok(lacking) = target.lacking_migrations().await {
            metrics.service.migrations_lack(lacking);
        }
    }
}
