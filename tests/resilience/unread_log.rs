//! Nobody reads the log: requests do not wait for it, and what is dropped is counted.

use tests::{Process, ProcessOptions, eventually};
use tokio::task::JoinSet;

use crate::BINARY;

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_of_the_log_who_does_not_read_stops_no_request() {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", directory.path().join("test.db").display());
    let mut options = ProcessOptions::new(BINARY, &url);
    options.read_log = false;
    // Several lines for each request, so that pipe and queue are soon full.
    options.arguments = &["--log-filter=trace", "--drain-delay-ms=0"];
    let service = Process::start(&options).await;
    let dropped = async || {
        let scrape = service.scrape().await;
        scrape.sum("telemetry_dropped_total", &[("signal", "logs")])
    };
    eventually("lines are dropped", async || {
        let requests: JoinSet<_> = (0..50)
            .map(|_| service.request("GET", "/api/v1/users").try_send())
            .collect();
        for answer in requests.join_all().await {
            drop(answer.unwrap().expect(200));
        }
        dropped().await > 0.0
    })
    .await;
    let before = dropped().await;
    for _ in 0..50 {
        drop(
            service
                .request("GET", "/api/v1/users")
                .send()
                .await
                .expect(200),
        );
    }
    assert!(dropped().await > before);
    service.terminate();
    let (status, _) = service.wait().await;
    assert_eq!(status.code(), Some(0), "it ends although nobody reads");
}
