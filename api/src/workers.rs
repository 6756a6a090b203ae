//! The threads of the public listener: what each has for itself, and how it watches itself.

use std::{
    fmt::Debug,
    net::TcpListener,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use actix_http::Request;
use actix_service::IntoServiceFactory;
use actix_web::{
    App, Error, HttpServer,
    body::MessageBody,
    dev::{AppConfig, Response, Server, Service, ServiceFactory},
    web::Data,
};

use crate::{
    app::AppState,
    config::Config,
    lifecycle::ServiceState,
    middleware::telemetry::Telemetry,
    routes,
    services::Context,
    telemetry::{Metrics, access_log::AccessLog, log::LogSink},
};

/// How long an idle connection is kept: longer than the usual load balancer keeps its side, so that it never sends into a closing one.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// What each worker of the public listener is made from.
#[derive(Clone)]
pub(crate) struct Worker {
    pub context: Context,
    pub metrics: Arc<Metrics>,
    pub state: Arc<ServiceState>,
    pub log: LogSink,
    pub log_users: Arc<()>,
    pub config: Config,
    pub body_timeout: Duration,
}

impl Worker {
    pub fn listen(self, listener: TcpListener) -> std::io::Result<Server> {
        let workers = self.config.worker_count();
        let shutdown_timeout = Duration::from_millis(self.config.shutdown_timeout_ms);
        let next = Arc::new(AtomicUsize::new(0));
        let number = move || next.fetch_add(1, Ordering::Relaxed);
        if self.config.telemetry.is_on() {
            serve(listener, workers, shutdown_timeout, move || {
                let telemetry = self.telemetry(number());
                App::new()
                    .app_data(self.app_state())
                    .configure(routes::configure)
                    .wrap(telemetry)
            })
        } else {
            serve(listener, workers, shutdown_timeout, move || {
                App::new()
                    .app_data(self.app_state())
                    .configure(routes::configure)
            })
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
            body_timeout: self.body_timeout,
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
            self.config.server_timing.is_on(),
        )
    }
}

/// Starts the threads of one listener.
pub(crate) fn serve<F, I, S, B>(
    listener: TcpListener,
    workers: usize,
    shutdown_timeout: Duration,
    factory: F,
) -> std::io::Result<Server>
where
    F: Fn() -> I + Send + Clone + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig> + 'static,
    S::Error: Into<Error>,
    S::InitError: Debug,
    S::Response: Into<Response<B>>,
    <S::Service as Service<Request>>::Future: 'static,
    S::Service: 'static,
    B: MessageBody + 'static,
{
    let server = HttpServer::new(factory)
        .workers(workers)
        .keep_alive(KEEP_ALIVE)
        .shutdown_timeout(shutdown_timeout.as_secs().max(1))
        .disable_signals()
        .listen(listener)?;
    Ok(server.run())
}
