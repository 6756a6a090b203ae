//! Targets that are not there, are something else, or go away.

use rustix::process::Signal;

use crate::{
    run::Run,
    server::{Server, stub},
};

const ROUTE: &str = "GET /delay/1ms";

/// An address at which nobody listens.
fn nobody() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_is_down_is_said_to_be_down_before_anything_is_measured() {
    let target = nobody();
    let ended = Run::against(&target, &[ROUTE], "").end().await;
    let sentence = ended.sentence(2);
    let address = target.trim_start_matches("http://");
    assert!(sentence.contains(address), "{sentence}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_address_is_refused_in_one_sentence() {
    for (target, part) in [
        ("ftp://127.0.0.1/", "http"),
        ("http://127.0.0.1:1/path", "without a path"),
        ("http://example.com", "--allow-host example.com"),
        ("http://nowhere.invalid", "--allow-host nowhere.invalid"),
    ] {
        let ended = Run::against(target, &[ROUTE], "").end().await;
        let sentence = ended.sentence(2);
        assert!(sentence.contains(part), "{target}: {sentence}");
    }
    let unknown = Run::against("http://nowhere.invalid", &[ROUTE], "");
    let ended = unknown
        .with(&["--allow-host", "nowhere.invalid"])
        .end()
        .await;
    assert!(ended.sentence(2).contains("nowhere.invalid"));
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_that_are_none_are_refused_in_one_sentence() {
    let (_stub, url) = stub();
    let run = Run::against(&url, &[ROUTE], "");
    let ended = run
        .with(&["--metrics", &format!("{url}/body/200")])
        .end()
        .await;
    assert!(ended.sentence(2).contains("/body/200"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_dies_fails_and_what_was_seen_of_it_is_reported() {
    let server = Server::start().await;
    let run = Run::against(&server.url, &[ROUTE], "");
    let running = run.once(200, "30s").start();
    server.asked(100.0).await;
    server.signal(Signal::KILL);

    let ended = running.end().await;
    let report = ended.report(1);
    assert_eq!(report.verdict(), "FAIL");
    assert_eq!(report.verdict_of("target", "it lives"), "FAIL");
    assert!(report.of_route(ROUTE, "sent") >= 100.0);
    assert!(ended.stdout.contains("FAIL"), "{}", ended.stdout);
}
