//! The only place where parts are wired: database, caches, listeners, workers, and their end.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use actix_web::{App, web::Data};
use thiserror::Error;

use crate::{
    cache::{Cache, CacheOptions},
    clock::Clock,
    config::Config,
    database::{Database, DatabaseTarget, Migrate},
    lifecycle::ServiceState,
    listener::{Bound, Running},
    repositories::QUERIES,
    routes,
    services::{Context, health::Health},
    telemetry::{Lifecycle, Metrics, log::LogSink},
    workers::Worker,
};

/// How long a client may take to send a body.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// So long after the time-outs a statement whose answer was lost is no longer running.
const SETTLE_MARGIN: Duration = Duration::from_secs(1);

/// What controllers work with: one for each worker.
pub struct AppState {
    /// What services work with.
    pub context: Context,
    /// How long a client may take to send a body.
    pub body_timeout: Duration,
}

/// What the management listener shows.
pub struct ManagementState {
    /// The state of the service.
    pub service: Arc<ServiceState>,
    /// The health checks.
    pub health: Arc<Health>,
    /// The metrics.
    pub metrics: Arc<Metrics>,
}

/// Why the service cannot start: one sentence that says what to do.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct StartError(pub String);

/// What an application is built from, besides its settings.
pub struct Parts {
    /// Its metrics.
    pub metrics: Arc<Metrics>,
    /// Where its log lines go.
    pub log: LogSink,
    /// Its time.
    pub clock: Clock,
    /// How long a client may take to send a body.
    pub body_timeout: Duration,
}

impl Parts {
    /// The usual parts: the machine's clock and a log that goes to `log`.
    #[must_use]
    pub fn new(metrics: Arc<Metrics>, log: LogSink) -> Self {
        Self {
            metrics,
            log,
            clock: Clock::System,
            body_timeout: BODY_TIMEOUT,
        }
    }

    /// The metrics of this service.
    ///
    /// # Errors
    /// [`StartError`], if two metrics share a name.
    pub fn metrics() -> Result<Arc<Metrics>, StartError> {
        Metrics::new(routes::ROUTES, QUERIES)
            .map_err(|error| StartError(format!("The metrics cannot be registered: {error}")))
    }
}

/// A service that is bound and ready to run.
pub struct Application {
    worker: Worker,
    public: Bound,
    management: Running,
    state: Arc<ServiceState>,
    health: Arc<Health>,
}

impl Application {
    /// Binds, answers probes, migrates and connects. No request is served before [`run_until_stopped`](Self::run_until_stopped).
    ///
    /// # Errors
    /// [`StartError`] says what to do.
    pub async fn build(config: &Config, parts: Parts) -> Result<Self, StartError> {
        let metrics = Arc::clone(&parts.metrics);
        if !config.telemetry.is_on() {
            metrics.disable();
            tracing::warn!(
                "CENTUM_TELEMETRY=off: requests are neither counted nor logged; only for measuring what that costs"
            );
        }
        let started = Instant::now();
        let public = Bound::bind(config.listen, "CENTUM_LISTEN")?;
        let management = Bound::bind(config.management_listen, "CENTUM_MANAGEMENT_LISTEN")?;
        let state = ServiceState::new(Arc::clone(&metrics));
        let health = Arc::new(Health::new(&metrics));
        let management = serve_management(management, &state, &health, &metrics)?;
        metrics.service.started("bind", started.elapsed());
        match connect(config, &metrics).await {
            Ok(database) => {
                health.check(&database).await;
                metrics.service.configured(config);
                let worker = worker(config, parts, database, &state);
                Ok(Self {
                    worker,
                    public,
                    management,
                    state,
                    health,
                })
            }
            Err(error) => {
                management.stop(false).await;
                Err(error)
            }
        }
    }

    /// The address of the public listener.
    #[must_use]
    pub fn public_address(&self) -> SocketAddr {
        self.public.address()
    }

    /// The address of the management listener.
    #[must_use]
    pub fn management_address(&self) -> SocketAddr {
        self.management.address()
    }

    /// Serves until `stop` is ready. It says how long requests are still accepted while the service is no longer ready: time for a load
    /// balancer to notice. Then what is in flight is finished.
    ///
    /// # Errors
    /// [`StartError`], if the threads cannot be started.
    pub async fn run_until_stopped(
        self,
        stop: impl Future<Output = Duration>,
    ) -> Result<(), StartError> {
        let Self {
            worker,
            public,
            management,
            state,
            health,
        } = self;
        let (database, log_users) = (
            worker.context.database.clone(),
            Arc::clone(&worker.log_users),
        );
        let shutdown_timeout = Duration::from_millis(worker.config.shutdown_timeout_ms);
        let checked = database.clone();
        let checks = tokio::spawn(async move { health.run(&checked).await });
        let public = worker.listen(public)?;
        state.enter(Lifecycle::Ready);
        tracing::info!(
            public = %public.address(),
            management = %management.address(),
            version = env!("CARGO_PKG_VERSION"),
            revision = env!("BUILD_REVISION"),
            "listening"
        );

        let drain_delay = stop.await;
        state.enter(Lifecycle::Draining);
        tracing::info!(
            drain_delay_ms = u64::try_from(drain_delay.as_millis()).unwrap_or(u64::MAX),
            "draining"
        );
        tokio::time::sleep(drain_delay).await;
        public.stop(true).await;
        checks.abort();
        // A statement that never ends must not keep the process.
        drop(tokio::time::timeout(shutdown_timeout, database.close()).await);
        state.enter(Lifecycle::Stopped);
        tracing::info!("stopped");
        management.stop(false).await;
        all_dropped(&log_users).await;
        Ok(())
    }
}

fn serve_management(
    listener: Bound,
    state: &Arc<ServiceState>,
    health: &Arc<Health>,
    metrics: &Arc<Metrics>,
) -> Result<Running, StartError> {
    let shown = Data::new(ManagementState {
        service: Arc::clone(state),
        health: Arc::clone(health),
        metrics: Arc::clone(metrics),
    });
    // One thread of its own: it answers while the public one drowns.
    listener.serve(1, Duration::ZERO, move || {
        App::new()
            .app_data(shown.clone())
            .configure(routes::configure_management)
    })
}

fn worker(config: &Config, parts: Parts, database: Database, state: &Arc<ServiceState>) -> Worker {
    let Parts {
        metrics,
        log,
        clock,
        body_timeout,
    } = parts;
    Worker {
        context: Context {
            database,
            users: Cache::new("users", &cache_options(config), &metrics),
            posts: Cache::new("posts", &cache_options(config), &metrics),
            clock,
        },
        metrics,
        state: Arc::clone(state),
        log,
        log_users: Arc::default(),
        config: config.clone(),
        body_timeout,
    }
}

async fn connect(config: &Config, metrics: &Arc<Metrics>) -> Result<Database, StartError> {
    let options = config.pool_options();
    let target = DatabaseTarget::parse(&config.database_url, &options)
        .map_err(|reason| StartError(format!("DATABASE_URL cannot be used: {reason}")))?;
    let started = Instant::now();
    let status = target
        .migrate(Migrate::Up)
        .await
        .map_err(|reason| unreachable_database(&reason))?;
    metrics.service.started("migrate", started.elapsed());
    metrics
        .service
        .migrations_pending
        .set(i64::try_from(status.pending.len()).unwrap_or(i64::MAX));
    Database::connect(&target, &options, metrics).map_err(|reason| unreachable_database(&reason))
}

/// The sentence for a database that cannot be used at start.
#[must_use]
pub fn unreachable_database(reason: &str) -> StartError {
    StartError(format!(
        "The database of DATABASE_URL cannot be used ({reason}): check the address, that it runs, and that this user may write to it"
    ))
}

fn cache_options(config: &Config) -> CacheOptions {
    CacheOptions {
        enabled: config.cache.is_on(),
        capacity: config.cache_capacity,
        ttl: Duration::from_millis(config.cache_ttl_ms),
        negative_ttl: Duration::from_millis(config.cache_negative_ttl_ms),
        // On SQLite a statement may wait for the file's lock before it runs.
        write_settles_within: Duration::from_millis(
            config.pool_wait_timeout_ms + config.statement_timeout_ms,
        ) + SETTLE_MARGIN,
    }
}

/// Waits until the workers' threads are gone, with all that they had to write; no longer than a second.
async fn all_dropped(held: &Arc<()>) {
    let deadline = Instant::now() + Duration::from_secs(1);
    while Arc::strong_count(held) > 1 && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
