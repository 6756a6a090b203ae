//! Answers are read to their last byte, or the connection is lost.

use crate::{run::Run, server::stub};

#[tokio::test(flavor = "multi_thread")]
async fn large_bodies_are_read_so_that_connections_last() {
    let (stub, url) = stub();
    let run = Run::against(&url, &["GET /body/65536"], "");
    let run = run.with(&["--users", "4", "--round-time", "2s", "--rounds", "1"]);
    let ended = run.end().await;
    // Users who never wait may leave no processor to the generator's own clock.
    assert!(matches!(ended.code(), Some(0 | 3)), "{}", ended.stderr);
    let (requests, connections) = (stub.requests(), stub.connections());
    assert!(
        requests > 100 * connections,
        "{requests} requests over {connections} connections"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_break_off_are_wrong_and_said_to_be() {
    let (_stub, url) = stub();
    let routes = ["GET /body/2000/cut/1", "GET /reset/1", "GET /body/300"];
    let run = Run::against(&url, &routes, "");
    let report = run.at(90, "1s").end().await;
    let report = report.report(1);
    for route in &routes[..2] {
        let (requests, errors) = (
            report.of_route(route, "requests"),
            report.of_route(route, "errors"),
        );
        assert!(
            errors > 0.0 && errors >= requests,
            "{route}: {errors} of {requests}"
        );
        assert!(report.messages(route).contains("connection lost"));
    }
    assert!(report.of_route("GET /body/300", "errors") < 1.0);
}
