//! A handler that panics. The service has none, so the middleware stands here around an application that has.

use std::time::Duration;

use actix_web::{HttpResponse, web};
use api::app::Parts;
use serde_json::Value;

use crate::bare;

async fn panics() -> HttpResponse {
    panic!("a defect")
}

async fn panics_late() -> HttpResponse {
    tokio::task::yield_now().await;
    panic!("a later {}", "defect")
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
    let base = bare::serve(&metrics, Duration::from_secs(3), |service| {
        service
            .route("/panics", web::get().to(panics))
            .route("/panics-late", web::get().to(panics_late))
            .route("/works", web::get().to(HttpResponse::NoContent));
    });
    for path in ["/panics", "/panics-late", "/panics"] {
        panicked(&base, path).await;
        let answer = reqwest::get(format!("{base}/works")).await.unwrap();
        assert_eq!(answer.status(), 204);
    }
    let scrape = bare::scrape(&metrics);
    assert_eq!(scrape.sum("http_server_panics_total", &[]), 3.0);
    let failed = [("http_response_status_code", "500")];
    assert_eq!(
        scrape.sum("http_server_request_duration_seconds_count", &failed),
        3.0
    );
    assert_eq!(scrape.sum("http_server_active_requests", &[]), 0.0);
    assert!(scrape.sum("log_events_total", &[("level", "error")]) >= 3.0);
}
