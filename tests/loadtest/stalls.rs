//! A server that stands still is not fast because nobody could ask it.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::{run::Run, server::Server};

/// Not a wait for something to happen: this is how long a process is to stand still.
pub async fn stand_still() -> Duration {
    let begun = Instant::now();
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    begun.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_stopped_for_more_than_a_second_fails_and_its_p99_says_how_long() {
    let server = Server::start().await;
    let route = "GET /delay/5ms";
    let run = Run::against(&server.url, &[route], "[default]\np50 = \"2s\"\n");
    let run = run.once(200, "4s").with(&["--arrival", "constant"]);
    let running = run.start();
    server.asked(100.0).await;
    server.signal(Signal::STOP);
    let stopped = stand_still().await.as_secs_f64() * 1e3;
    server.signal(Signal::CONT);

    let report = running.end().await.report(1);
    assert_eq!(report.verdict(), "FAIL");
    assert_eq!(report.verdict_of("target", "stall <= 500 ms"), "FAIL");
    let stall = report.number_at("/measured/longest_stall_ms");
    // An answer may have been on its way when it was stopped.
    assert!(stall >= stopped - 100.0, "{stall} of {stopped} ms");
    // Of 4 s a hundredth is 40 ms: all but the first 40 ms of those who came meanwhile waited less than the p99.
    let p99 = report.of_route(route, "p99_ms");
    assert!(p99 >= stopped - 140.0, "{p99} of {stopped} ms");
    // A second for a slow machine to answer what had piled up; what was not asked for would say far less, a dead clock far more.
    assert!(p99 <= stopped + 1_000.0, "{p99} of {stopped} ms");
}
