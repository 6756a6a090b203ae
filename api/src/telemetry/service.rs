//! What runs here, with which settings, in which state, and how its dependencies are.

use std::time::Duration;

use prometheus::{GaugeVec, IntGauge, IntGaugeVec, Registry, Result};

use super::catalogue;
use crate::{budget::DEFAULT_QUERY_BUDGET, config::Config};

/// Where the service is between start and stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifecycle {
    /// Migrating, connecting, binding.
    Starting,
    /// Serving.
    Ready,
    /// Told to stop: not ready any more, finishing what is in flight.
    Draining,
    /// Nothing is in flight any more.
    Stopped,
}

impl Lifecycle {
    /// Every state, in their order.
    pub const ALL: [Self; 4] = [Self::Starting, Self::Ready, Self::Draining, Self::Stopped];

    /// The value of the label `state`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Ready => "ready",
            Self::Draining => "draining",
            Self::Stopped => "stopped",
        }
    }
}

/// The metrics of the service as a whole.
pub struct ServiceMetrics {
    config_info: IntGaugeVec,
    lifecycle: [IntGauge; 4],
    startup: GaugeVec,
    health_status: IntGaugeVec,
    health_duration: GaugeVec,
    /// Migrations that are due.
    pub migrations_pending: IntGauge,
}

impl ServiceMetrics {
    pub(super) fn new(registry: &Registry) -> Result<Self> {
        let build = catalogue::BUILD_INFO.int_gauge(registry)?;
        build
            .with_label_values(&[
                env!("CARGO_PKG_VERSION"),
                env!("BUILD_REVISION"),
                env!("BUILD_RUSTC"),
                env!("BUILD_PROFILE"),
            ])
            .set(1);
        let lifecycle = catalogue::LIFECYCLE.int_gauge(registry)?;
        let metrics = Self {
            config_info: catalogue::CONFIG_INFO.int_gauge(registry)?,
            lifecycle: Lifecycle::ALL.map(|state| lifecycle.with_label_values(&[state.as_str()])),
            startup: catalogue::STARTUP.gauge(registry)?,
            health_status: catalogue::HEALTH_STATUS.int_gauge(registry)?,
            health_duration: catalogue::HEALTH_DURATION.gauge(registry)?,
            migrations_pending: catalogue::MIGRATIONS_PENDING
                .int_gauge(registry)?
                .with_label_values::<&str>(&[]),
        };
        metrics.enter(Lifecycle::Starting);
        Ok(metrics)
    }

    /// Shows the state.
    pub fn enter(&self, state: Lifecycle) {
        for (gauge, each) in self.lifecycle.iter().zip(Lifecycle::ALL) {
            gauge.set(i64::from(each == state));
        }
    }

    /// Shows the settings that a benchmark must know, in `app_config_info`.
    pub fn configured(&self, config: &Config) {
        let sqlite = config.database_url.starts_with("sqlite:");
        // The URL may hold a password: only the kind of database is shown.
        let shown = Config {
            database_url: String::new(),
            ..config.clone()
        };
        let hash = format!(
            "{:016x}",
            fnv1a(format!("{shown:?} sqlite={sqlite}").as_bytes())
        );
        let workers = config.worker_count();
        let pool_max = if sqlite {
            usize::from(config.sqlite_readers) + 1
        } else {
            usize::from(config.pool_size) * workers
        };
        let cache_ttl = if config.cache.is_on() {
            format!("{}ms", config.cache_ttl_ms)
        } else {
            "off".to_owned()
        };
        let values = [
            hash.as_str(),
            if sqlite { "sqlite" } else { "postgres" },
            &pool_max.to_string(),
            &workers.to_string(),
            &cache_ttl,
            &DEFAULT_QUERY_BUDGET.as_millis().to_string(),
        ];
        self.config_info.with_label_values(&values).set(1);
    }

    /// Shows how many migrations the database lacks.
    pub fn migrations_lack(&self, lacking: usize) {
        self.migrations_pending
            .set(i64::try_from(lacking).unwrap_or(i64::MAX));
    }

    /// Shows how long a phase of the start took.
    pub fn started(&self, phase: &str, time: Duration) {
        self.startup
            .with_label_values(&[phase])
            .set(time.as_secs_f64());
    }

    /// Shows the newest result of a health check. Before the first one there is none: a start that migrates for long fails no check.
    pub fn checked(&self, name: &str, passed: bool, time: Duration) {
        let status = self.health_status.with_label_values(&[name]);
        status.set(i64::from(passed));
        let duration = self.health_duration.with_label_values(&[name]);
        duration.set(time.as_secs_f64());
    }
}

/// FNV-1a (<http://www.isthe.com/chongo/tech/comp/fnv/>): the same on every machine and in every release, unlike the standard hasher.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
