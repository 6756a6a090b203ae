//! A handler that panics. The service has none, so the middleware stands here around an application that has.

use std::{net::TcpListener, rc::Rc, sync::Arc, time::Duration};

use actix_web::{App, HttpResponse, HttpServer, web};
use api::{
    app::Parts,
    clock::Clock,
    config::LogFormat,
    lifecycle::ServiceState,
    middleware::telemetry::Telemetry,
    telemetry::{Lifecycle, Metrics, access_log::AccessLog, log::LogSink},
};
use serde_json::Value;
use tests::Scrape;

async fn panics() -> HttpResponse {
    panic!("a defect")
}

async fn panics_late() -> HttpResponse {
    tokio::task::yield_now().await;
    panic!("a later {}", "defect")
}

/// One worker, so that the requests after a panic come to the very worker that had it.
fn serve(metrics: &Arc<Metrics>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sink, _writer) = LogSink::start(std::io::sink(), metrics.log_drops.clone()).unwrap();
    let metrics = Arc::clone(metrics);
    let state = ServiceState::new(Arc::clone(&metrics));
    state.enter(Lifecycle::Ready);
    let server = HttpServer::new(move || {
        let [error, warn, info, ..] = metrics.log_events.clone();
        let access_log = AccessLog::new(sink.clone(), LogFormat::Json, 0, [error, warn, info]);
        let (metrics, state) = (Arc::clone(&metrics), Arc::clone(&state));
        App::new()
            .route("/panics", web::get().to(panics))
            .route("/panics-late", web::get().to(panics_late))
            .route("/works", web::get().to(HttpResponse::NoContent))
            .wrap(Telemetry::new(
                metrics,
                Rc::new(access_log),
                state,
                Clock::System,
                true,
                Duration::from_secs(3),
            ))
    });
    tokio::spawn(
        server
            .workers(1)
            .disable_signals()
            .listen(listener)
            .unwrap()
            .run(),
    );
    format!("http://{address}")
}

async fn panicked(base: &str, path: &str) {
    const TRACE_ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    let request = reqwest::Client::new()
        .get(format!("{base}{path}"))
        .header("traceparent", format!("00-{TRACE_ID}-00f067aa0ba902b7-01"))
        .header("x-request-id", "the-request");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 500);
    assert_eq!(answer.headers()["x-request-id"], "the-request");
    assert_eq!(answer.headers()["content-type"], "application/json");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert!(
        answer.headers()["traceresponse"]
            .to_str()
            .unwrap()
            .contains(TRACE_ID)
    );
    let text = answer.text().await.unwrap();
    assert!(
        !text.contains("defect"),
        "the client learns nothing of the inside: {text}"
    );
    let body: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(body["error"]["code"], "INTERNAL");
    assert_eq!(body["error"]["retryable"], false);
    assert_eq!(body["meta"]["request_id"], "the-request");
    assert_eq!(body["meta"]["trace_id"], TRACE_ID);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_an_internal_error_that_is_counted_and_the_worker_lives_on() {
    let metrics = Parts::metrics().unwrap();
    let base = serve(&metrics);
    for path in ["/panics", "/panics-late", "/panics"] {
        panicked(&base, path).await;
        let answer = reqwest::get(format!("{base}/works")).await.unwrap();
        assert_eq!(answer.status(), 204);
    }
    let scrape = Scrape::parse(&String::from_utf8(metrics.expose().unwrap()).unwrap());
    assert_eq!(scrape.sum("http_server_panics_total", &[]), 3.0);
    let failed = [("http_response_status_code", "500")];
    assert_eq!(
        scrape.sum("http_server_request_duration_seconds_count", &failed),
        3.0
    );
    assert_eq!(scrape.sum("http_server_active_requests", &[]), 0.0);
    assert!(scrape.sum("log_events_total", &[("level", "error")]) >= 3.0);
}
