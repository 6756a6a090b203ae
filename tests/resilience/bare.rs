//! The middleware around an application that is not the service: for handlers that the service does not have.

use std::{net::TcpListener, rc::Rc, sync::Arc, time::Duration};

use actix_web::{App, HttpServer, web::ServiceConfig};
use api::{
    clock::Clock,
    config::LogFormat,
    lifecycle::ServiceState,
    middleware::telemetry::Telemetry,
    telemetry::{Exposition, Lifecycle, Metrics, access_log::AccessLog, log::LogSink},
};
use tests::Scrape;

/// Serves on a free port, which is returned as a URL. One worker, so that each request comes to the very worker that had the one before.
pub fn serve(
    metrics: &Arc<Metrics>,
    deadline: Duration,
    configure: fn(&mut ServiceConfig),
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sink, _writer) = LogSink::start(std::io::sink(), metrics.log_drops.clone()).unwrap();
    let metrics = Arc::clone(metrics);
    let state = ServiceState::new(Arc::clone(&metrics));
    state.enter(Lifecycle::Ready);
    let server = HttpServer::new(move || {
        let [error, warn, info, ..] = metrics.log_events.clone();
        let access_log = AccessLog::new(sink.clone(), LogFormat::Json, 0, [error, warn, info]);
        App::new().configure(configure).wrap(Telemetry::new(
            Arc::clone(&metrics),
            Rc::new(access_log),
            Arc::clone(&state),
            Clock::System,
            true,
            deadline,
            None,
        ))
    });
    let server = server.workers(1).disable_signals();
    tokio::spawn(server.listen(listener).unwrap().run());
    format!("http://{address}")
}

/// What has been counted so far.
pub fn scrape(metrics: &Metrics) -> Scrape {
    Scrape::parse(&metrics.expose(Exposition::Text).unwrap())
}
