//! What an application is put together from.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use actix_web::{
    App,
    web::{Data, ServiceConfig},
};
use tokio::task::JoinHandle;

use crate::{
    app::{ManagementState, StartError, unreachable_database},
    cache::{Cache, CacheOptions},
    clock::Clock,
    config::Config,
    controllers::{cursor::Cursors, docs::Documents},
    database::{CapturePolicy, Captures, Database, DatabaseTarget, Migrate},
    faults::{self, Faults},
    lifecycle::ServiceState,
    listener::{Bound, Running},
    plans::Recorder,
    repositories::QUERIES,
    routes,
    services::{Context, health::Health, migrations},
    telemetry::{Metrics, log::LogSink, traces::Traces},
    workers::Worker,
};

/// How long a client may take to send a body.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// How often expired idempotency keys are deleted, and it is looked which migrations the database lacks.
const UPKEEP_INTERVAL: Duration = Duration::from_mins(1);
/// So long after the time-outs a statement whose answer was lost is no longer running.
const SETTLE_MARGIN: Duration = Duration::from_secs(1);

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
    /// How often expired idempotency keys are deleted, and it is looked which migrations the database lacks.
    pub upkeep_interval: Duration,
    /// Which calls of queries are explained.
    pub capture_policy: CapturePolicy,
    /// Binds its public URLs.
    pub routes: fn(&mut ServiceConfig),
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
            upkeep_interval: UPKEEP_INTERVAL,
            capture_policy: CapturePolicy::default(),
            routes: routes::configure,
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

pub(crate) fn serve_management(
    listener: Bound,
    state: ManagementState,
) -> Result<Running, StartError> {
    let shown = Data::new(state);
    // One thread of its own: it answers while the public one drowns.
    let factory = move || {
        App::new()
            .app_data(shown.clone())
            .configure(|service| routes::configure_management(service, &shown.faults))
    };
    listener.serve(1, Duration::ZERO, factory, None)
}

pub(crate) fn worker(
    config: &Config,
    parts: Parts,
    database: Database,
    (state, health): (&Arc<ServiceState>, &Arc<Health>),
    (traces, faults): (Option<Traces>, Faults),
) -> Worker {
    let metrics = parts.metrics;
    let cache_options = cache_options(config, &faults);
    Worker {
        context: Context {
            database,
            users: Cache::new("users", &cache_options, &metrics),
            posts: Cache::new("posts", &cache_options, &metrics),
            clock: parts.clock,
            faults,
        },
        cursors: Cursors::keyed(&config.cursor_key),
        documents: Arc::new(Documents::new(routes::ROUTES)),
        metrics,
        state: Arc::clone(state),
        health: Arc::clone(health),
        log: parts.log,
        log_users: Arc::default(),
        traces,
        config: config.clone(),
        body_timeout: parts.body_timeout,
        routes: parts.routes,
    }
}

/// A database that is connected, and what goes on beside it.
pub(crate) struct Connected {
    pub database: Database,
    /// Asks for plans, and looks at the migrations.
    pub beside: [JoinHandle<()>; 2],
    /// Does the faults that are not done to requests, and undoes them before it ends.
    pub spoiling: Option<JoinHandle<()>>,
}

/// Migrates and connects; slow queries are explained to `plans` from here on.
pub(crate) async fn connect(
    config: &Config,
    parts: &Parts,
    plans: &Arc<Recorder>,
    faults: &Faults,
) -> Result<Connected, StartError> {
    let metrics = &parts.metrics;
    let options = config.pool_options();
    let target = DatabaseTarget::parse(&config.database_url, &options)
        .map_err(|reason| StartError(format!("DATABASE_URL cannot be used: {reason}")))?;
    let started = Instant::now();
    let status = target
        .migrate(Migrate::Up)
        .await
        .map_err(|reason| unreachable_database(&reason))?;
    metrics.service.started("migrate", started.elapsed());
    metrics.service.migrations_lack(status.pending.len());
    let database = Database::connect(&target, &options, metrics)
        .map_err(|reason| unreachable_database(&reason))?;
    let (captures, picked) = Captures::new(parts.capture_policy, QUERIES.len(), metrics);
    let (plans, side, looking) = (Arc::clone(plans), target.side_connection(), faults.clone());
    let explaining = tokio::spawn(async move { plans.run(picked, side, looking).await });
    let watching = watch_migrations(parts, &target);
    let database = database.captured_by(captures, faults.clone());
    let spoiling = faults::run_beside(faults.clone(), target, database.clone());
    Ok(Connected {
        database,
        beside: [explaining, watching],
        spoiling: faults.are_wired().then(|| tokio::spawn(spoiling)),
    })
}

fn watch_migrations(parts: &Parts, target: &DatabaseTarget) -> JoinHandle<()> {
    let (interval, target, metrics) = (
        parts.upkeep_interval,
        target.clone(),
        Arc::clone(&parts.metrics),
    );
    tokio::spawn(async move { migrations::watch(interval, &target, &metrics).await })
}

fn cache_options(config: &Config, faults: &Faults) -> CacheOptions {
    CacheOptions {
        enabled: config.cache.is_on(),
        capacity: config.cache_capacity,
        ttl: Duration::from_millis(config.cache_ttl_ms),
        negative_ttl: Duration::from_millis(config.cache_negative_ttl_ms),
        // On SQLite a statement may wait for the file's lock before it runs.
        write_settles_within: Duration::from_millis(
            config.pool_wait_timeout_ms + config.statement_timeout_ms,
        ) + SETTLE_MARGIN,
        faults: faults.clone(),
    }
}
