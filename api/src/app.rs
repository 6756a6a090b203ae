//! The only place where parts are wired: database, caches, listeners, workers, and their end.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use thiserror::Error;
use tokio::task::JoinHandle;

pub use crate::assembly::Parts;
use crate::{
    assembly::{self, Connected},
    config::Config,
    controllers::{cursor::Cursors, docs::Documents},
    faults::Faults,
    lifecycle::ServiceState,
    listener::{Bound, Running},
    plans::Recorder,
    repositories::QUERIES,
    services::{Context, health::Health, idempotency},
    telemetry::{
        Lifecycle, Metrics,
        traces::{self, TraceWriter},
    },
    workers::Worker,
};

/// What controllers work with: one for each worker.
pub struct AppState {
    /// What services work with.
    pub context: Context,
    /// Signs and opens cursors.
    pub cursors: Cursors,
    /// The description of the API, and the page that shows it.
    pub documents: Arc<Documents>,
    /// How long a client may take to send a body.
    pub body_timeout: Duration,
    /// The state of the service.
    pub service: Arc<ServiceState>,
    /// The health checks.
    pub health: Arc<Health>,
}

/// What the management listener shows.
pub struct ManagementState {
    /// The state of the service.
    pub service: Arc<ServiceState>,
    /// The health checks.
    pub health: Arc<Health>,
    /// The metrics.
    pub metrics: Arc<Metrics>,
    /// What is known of plans.
    pub plans: Arc<Recorder>,
    /// What can be done to the service on purpose.
    pub faults: Faults,
}

/// Why the service cannot start: one sentence that says what to do.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct StartError(pub String);

/// A service that is bound and ready to run.
pub struct Application {
    worker: Worker,
    traces: Option<TraceWriter>,
    public: Bound,
    management: Running,
    state: Arc<ServiceState>,
    health: Arc<Health>,
    plans: Arc<Recorder>,
    /// Asks for plans beside the requests, and looks at the migrations.
    beside: [JoinHandle<()>; 2],
    /// Does what faults do beside the requests.
    spoiling: Option<JoinHandle<()>>,
    /// How often expired idempotency keys are deleted, and it is looked which migrations the database lacks.
    upkeep_interval: Duration,
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
                "CENTUM_TELEMETRY=off: requests are neither counted nor logged, and have no deadline; only for measuring what that costs"
            );
        }
        let faults = Faults::wired(config, &metrics).map_err(StartError)?;
        let (traces, trace_writer) = if config.telemetry.is_on() {
            traces::start(config, &metrics).map_err(StartError)?.unzip()
        } else {
            (None, None)
        };
        let started = Instant::now();
        let public = Bound::bind(config.listen, "CENTUM_LISTEN")?;
        let management = Bound::bind(config.management_listen, "CENTUM_MANAGEMENT_LISTEN")?;
        let state = ServiceState::new(Arc::clone(&metrics));
        let health = Arc::new(Health::new(&metrics));
        let every_call = parts.capture_policy.every_call;
        let upkeep_interval = parts.upkeep_interval;
        let plans = Recorder::new(QUERIES, &metrics, parts.clock.clone(), every_call);
        let shown = ManagementState {
            service: Arc::clone(&state),
            health: Arc::clone(&health),
            metrics: Arc::clone(&metrics),
            plans: Arc::clone(&plans),
            faults: faults.clone(),
        };
        let management = assembly::serve_management(management, shown)?;
        metrics.service.started("bind", started.elapsed());
        match assembly::connect(config, &parts, &plans, &faults).await {
            Ok(Connected {
                database,
                beside,
                spoiling,
            }) => {
                health.check(&database).await;
                metrics.service.configured(config);
                Ok(Self {
                    worker: assembly::worker(
                        config,
                        parts,
                        database,
                        (&state, &health),
                        (traces, faults),
                    ),
                    traces: trace_writer,
                    public,
                    management,
                    state,
                    health,
                    plans,
                    beside,
                    spoiling,
                    upkeep_interval,
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

    /// What is known of plans.
    #[must_use]
    pub fn plans(&self) -> Arc<Recorder> {
        Arc::clone(&self.plans)
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
            traces,
            public,
            management,
            state,
            health,
            beside,
            spoiling,
            upkeep_interval,
            ..
        } = self;
        let (database, faults, log_users) = (
            worker.context.database.clone(),
            worker.context.faults.clone(),
            Arc::clone(&worker.log_users),
        );
        let shutdown_timeout = Duration::from_millis(worker.config.shutdown_timeout_ms);
        let background = begin_background(worker.context.clone(), health, upkeep_interval);
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
        faults.end();
        tracing::info!(
            drain_delay_ms = u64::try_from(drain_delay.as_millis()).unwrap_or(u64::MAX),
            "draining"
        );
        tokio::time::sleep(drain_delay).await;
        public.stop(true).await;
        for task in background.into_iter().chain(beside) {
            task.abort();
        }
        // What cannot be undone now is undone by the next start.
        if let Some(spoiling) = spoiling {
            drop(tokio::time::timeout(shutdown_timeout, spoiling).await);
        }
        // A statement that never ends must not keep the process.
        drop(tokio::time::timeout(shutdown_timeout, database.close()).await);
        flush(traces).await;
        state.enter(Lifecycle::Stopped);
        tracing::info!("stopped");
        management.stop(false).await;
        all_dropped(&log_users).await;
        Ok(())
    }
}

/// What goes on beside the requests, until it is told to end.
fn begin_background(
    context: Context,
    health: Arc<Health>,
    upkeep_interval: Duration,
) -> [JoinHandle<()>; 2] {
    let Context {
        database, clock, ..
    } = context;
    let checked = database.clone();
    let checks = async move { health.run(&checked).await };
    let expiry =
        async move { idempotency::delete_expired_every(upkeep_interval, &database, &clock).await };
    [tokio::spawn(checks), tokio::spawn(expiry)]
}

/// The sentence for a database that cannot be used at start.
#[must_use]
pub fn unreachable_database(reason: &str) -> StartError {
    StartError(format!(
        "The database of DATABASE_URL cannot be used ({reason}): check the address, that it runs, and that this user may write to it"
    ))
}

/// Exports what was kept. It waits for the collector, so not on a thread that others need.
async fn flush(traces: Option<TraceWriter>) {
    if let Some(traces) = traces {
        drop(tokio::task::spawn_blocking(move || traces.finish()).await);
    }
}

/// Waits until the workers' threads are gone, with all that they had to write; no longer than a second.
async fn all_dropped(held: &Arc<()>) {
    let deadline = Instant::now() + Duration::from_secs(1);
    while Arc::strong_count(held) > 1 && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
