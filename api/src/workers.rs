//! The threads of the public listener: what each has for itself, and how it watches itself.

use std::{
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use actix_web::{
    App,
    middleware::from_fn,
    web::{Data, ServiceConfig},
};

use crate::{
    app::{AppState, StartError},
    config::Config,
    controllers::{cursor::Cursors, docs::Documents},
    faults,
    lifecycle::ServiceState,
    listener::{Bound, Running},
    middleware::{
        faults::{keep_socket, spoil},
        telemetry::Telemetry,
    },
    services::{Context, health::Health},
    telemetry::{Metrics, access_log::AccessLog, log::LogSink, traces::Traces},
};

/// What each worker of the public listener is made from.
#[derive(Clone)]
pub(crate) struct Worker {
    pub context: Context,
    pub cursors: Cursors,
    pub documents: Arc<Documents>,
    pub metrics: Arc<Metrics>,
    pub state: Arc<ServiceState>,
    pub health: Arc<Health>,
    pub log: LogSink,
    pub log_users: Arc<()>,
    /// Where the traces of kept requests go, if anywhere.
    pub traces: Option<Traces>,
    pub config: Config,
    pub body_timeout: Duration,
    pub routes: fn(&mut ServiceConfig),
}

impl Worker {
    /// Starts the threads.
    pub fn listen(self, bound: Bound) -> Result<Running, StartError> {
        let workers = self.config.worker_count();
        let shutdown_timeout = Duration::from_millis(self.config.shutdown_timeout_ms);
        let next = Arc::new(AtomicUsize::new(0));
        let number = move || next.fetch_add(1, Ordering::Relaxed);
        let faults = self.context.faults.clone();
        if faults.are_wired() {
            let factory = move || {
                let number = number();
                let (telemetry, state) = (self.telemetry(number), self.app_state());
                let database = state.context.database.clone();
                actix_web::rt::spawn(faults::run_on_worker(faults.clone(), database, number));
                let faults = faults.clone();
                App::new()
                    .app_data(state)
                    .configure(self.routes)
                    .wrap(from_fn(move |request, next| {
                        spoil(faults.clone(), request, next)
                    }))
                    .wrap(telemetry)
            };
            bound.serve(workers, shutdown_timeout, factory, Some(keep_socket))
        } else if self.config.telemetry.is_on() {
            bound.serve(
                workers,
                shutdown_timeout,
                move || {
                    let telemetry = self.telemetry(number());
                    App::new()
                        .app_data(self.app_state())
                        .configure(self.routes)
                        .wrap(telemetry)
                },
                None,
            )
        } else {
            bound.serve(
                workers,
                shutdown_timeout,
                move || App::new().app_data(self.app_state()).configure(self.routes),
                None,
            )
        }
    }

    /// Called on the worker's own thread.
    fn app_state(&self) -> Data<AppState> {
        let database = self.context.database.for_worker().unwrap_or_else(|error| {
            tracing::error!(
                error,
                "a worker has no pool of its own and shares another's"
            );
            self.context.database.clone()
        });
        Data::new(AppState {
            context: Context {
                database,
                ..self.context.clone()
            },
            cursors: self.cursors.clone(),
            documents: Arc::clone(&self.documents),
            body_timeout: self.body_timeout,
            service: Arc::clone(&self.state),
            health: Arc::clone(&self.health),
        })
    }

    /// Called on the worker's own thread, which begins to watch itself.
    fn telemetry(&self, number: usize) -> Telemetry {
        let [error, warn, info, ..] = self.metrics.log_events.clone();
        let access_log = Rc::new(AccessLog::new(
            self.log.clone(),
            self.config.log_format,
            number,
            [error, warn, info],
        ));
        let lag = self
            .metrics
            .runtime
            .watch_worker(number, &tokio::runtime::Handle::current());
        let (pulse, ticked, log_user) = (
            self.state.new_worker(),
            Rc::clone(&access_log),
            Arc::clone(&self.log_users),
        );
        actix_web::rt::spawn(lag.measure(move || {
            let _ = &log_user;
            pulse.beat();
            ticked.flush();
        }));
        Telemetry::new(
            Arc::clone(&self.metrics),
            access_log,
            Arc::clone(&self.state),
            self.context.clock.clone(),
            self.config.server_timing.is_on(),
            Duration::from_millis(self.config.deadline_ms),
            self.traces.clone(),
        )
    }
}
