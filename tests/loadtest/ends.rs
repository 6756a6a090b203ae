//! However a run ends, its report is written as far as it got, and nothing of it is left.

use rustix::process::Signal;
use tests::eventually;

use crate::{
    run::{Run, Running},
    server::{Server, stub},
};

const ROUTE: &str = "GET /delay/1ms";

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_run_reports_what_was_seen() {
    for signal in [Signal::INT, Signal::TERM] {
        let server = Server::start().await;
        let run = Run::against(&server.url, &[ROUTE], "");
        let running = run.once(100, "10m").start();
        server.asked(50.0).await;
        running.signal(signal);

        let report = running.end().await.report(130);
        assert_eq!(report.at("/evidence/interrupted"), true);
        assert!(report.of_route(ROUTE, "sent") >= 50.0);
    }
}

/// Waits until the service that it started is attacked: until then there is only itself, or it is being seeded.
async fn attacks(running: &Running) {
    let serves = |folder: &std::path::PathBuf| {
        let line = std::fs::read(folder.join("cmdline")).unwrap_or_default();
        let mut words = line.split(|byte| *byte == 0);
        words.any(|word| word == b"serve")
    };
    eventually("its service runs", async || {
        running.processes().iter().any(serves)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_run_stops_the_service_that_it_started() {
    let running = Run::of_its_own_service("").once(50, "10m").start();
    attacks(&running).await;
    running.signal(Signal::INT);
    assert_eq!(running.end().await.code(), Some(130));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_of_a_run_that_was_killed_stops_itself() {
    let running = Run::of_its_own_service("").once(50, "10m").start();
    attacks(&running).await;
    running.signal(Signal::KILL);
    assert_eq!(running.end().await.code(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_full_is_said_to_be_in_one_sentence() {
    let (_stub, url) = stub();
    let run = Run::against(&url, &[ROUTE], "").on_a_full_disk();
    let ended = run.once(100, "1s").end().await;
    let sentence = ended.sentence(2);
    assert!(sentence.contains("cannot write"), "{sentence}");
    // What was measured is not lost with the file.
    assert!(ended.stdout.contains(ROUTE), "{}", ended.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_of_a_service_is_kept_as_far_as_it_may_explain_a_failure() {
    let run = Run::of_its_own_service("[default]\np50 = \"1us\"\n").once(200, "2s");
    let ended = run.end().await;
    let report = ended.report(1);
    let sent: f64 = ["GET /api/v1/users/{user_id}", "GET /api/v1/posts/{post_id}"]
        .map(|route| report.of_route(route, "sent"))
        .iter()
        .sum();
    let log = ended.left("target.log").unwrap();
    let routes = report.at("/evidence/rounds/0/routes").as_array().unwrap();
    let slowest = routes
        .iter()
        .flat_map(|route| route["slowest"].as_array().unwrap());
    for request in slowest {
        let trace = request["trace_id"].as_str().unwrap();
        assert!(log.contains(trace), "{trace} is in no line of the log");
    }
    let requests = log.matches("\"event\":\"http.request\"").count();
    let most = sent / 2.0;
    assert!(
        (1.0..most).contains(&f64::from(u32::try_from(requests).unwrap())),
        "{requests} lines"
    );
}
