//! A stub as its clients see it.

use super::*;
use crate::probe::Scrape;
use reqwest::Client;
use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;

fn stub() -> Stub {
    Stub::start(Options::default()).unwrap()
}

async fn get(client: &Client, stub: &Stub, path: &str) -> reqwest::Response {
    let url = format!("http://{}{path}", stub.address);
    client.get(url).send().await.unwrap()
}

/// All that comes on a connection of its own until it ends, and how it ends.
fn raw(stub: &Stub, path: &str) -> (String, std::io::Result<usize>) {
    let mut stream = std::net::TcpStream::connect(stub.address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: stub\r\n\r\n").unwrap();
    let mut received = Vec::new();
    let end = stream.read_to_end(&mut received);
    (String::from_utf8(received).unwrap(), end)
}

#[tokio::test]
async fn no_answer_comes_before_its_delay_and_all_use_one_connection() {
    let (stub, client) = (stub(), Client::new());
    for path in ["/delay/300us", "/delay/1ms", "/delay/20ms"] {
        let delay = behaviour::time(path.rsplit('/').next().unwrap()).unwrap();
        for _ in 0..5 {
            let begun = Instant::now();
            let answer = get(&client, &stub, path).await;
            assert!(begun.elapsed() >= delay, "{path}: {:?}", begun.elapsed());
            assert_eq!(answer.bytes().await.unwrap().len(), 200);
        }
    }
    assert_eq!((stub.connections(), stub.requests()), (1, 15));
}

#[tokio::test]
async fn each_path_is_a_route_of_the_metrics_by_its_status() {
    let (stub, client) = (stub(), Client::new());
    for path in ["/delay/1ms", "/delay/1ms", "/fail/1"] {
        drop(get(&client, &stub, path).await.bytes().await);
    }
    let text = get(&client, &stub, "/metrics").await.text().await.unwrap();
    let scrape = Scrape::of(&text);
    let sum = |route, status| {
        let labels = [
            ("http_request_method", "GET"),
            ("http_route", route),
            ("http_response_status_code", status),
        ];
        scrape.sum("http_server_request_duration_seconds_count", &labels)
    };
    assert_eq!(sum("GET /delay/1ms", "200"), Some(2.0));
    assert_eq!(sum("GET /fail/1", "500"), Some(1.0));
    assert_eq!(scrape.sum("stub_requests_total", &[]), Some(3.0));
    assert_eq!(scrape.sum("stub_connections_total", &[]), Some(1.0));
}

#[tokio::test]
async fn a_failure_does_not_wait_for_the_delay() {
    let (stub, client) = (stub(), Client::new());
    let path = "/delay/3600s/fail/1";
    let answer = tokio::time::timeout(Duration::from_mins(1), get(&client, &stub, path));
    assert_eq!(answer.await.unwrap().status(), 500);
}

#[test]
fn a_cut_connection_ends_in_the_middle_of_the_body_that_was_announced() {
    let (received, end) = raw(&stub(), "/body/1000/cut/1");
    let (head, body) = received.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("content-length: 1000"), "{head}");
    assert_eq!(body.len(), 500);
    assert!(end.is_ok(), "{end:?}");
}

#[test]
fn a_reset_connection_ends_without_a_byte() {
    let (received, end) = raw(&stub(), "/reset/1");
    assert_eq!(received, "");
    assert_eq!(end.unwrap_err().kind(), ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn a_request_that_hangs_is_read_and_never_answered() {
    let (stub, client) = (stub(), Client::new());
    let mut stream = std::net::TcpStream::connect(stub.address).unwrap();
    write!(stream, "GET /hang/1 HTTP/1.1\r\nhost: stub\r\n\r\n").unwrap();
    while stub.requests() == 0 {
        tokio::task::yield_now().await;
    }
    get(&client, &stub, "/").await.error_for_status().unwrap();
    stream.set_nonblocking(true).unwrap();
    let nothing = stream.read(&mut [0]).unwrap_err();
    assert_eq!(nothing.kind(), ErrorKind::WouldBlock);
    stream.shutdown(Shutdown::Both).unwrap();
}

#[tokio::test]
async fn no_answer_leaves_in_a_stall() {
    let stall = Duration::from_millis(200);
    let options = Options {
        stall_after: Some(Duration::ZERO),
        stall_for: Some(stall),
        ..Options::default()
    };
    let (stub, client) = (Stub::start(options).unwrap(), Client::new());
    let begun = Instant::now();
    get(&client, &stub, "/").await.error_for_status().unwrap();
    assert!(begun.elapsed() >= stall, "{:?}", begun.elapsed());
}

#[test]
fn what_is_due_in_a_stall_leaves_at_its_end() {
    let second = Duration::from_secs(1);
    let stall = Stall::new((second, second));
    let begun = Instant::now();
    let _ = stall.first_request.set(begun);
    for (due, leaves) in [
        (500, 500),
        (999, 999),
        (1_000, 2_000),
        (1_999, 2_000),
        (2_001, 2_001),
    ] {
        let at = |ms| begun + Duration::from_millis(ms);
        assert_eq!(stall.passed(begun, at(due)), at(leaves), "{due} ms");
    }
}

#[tokio::test]
async fn work_uses_the_processor_for_as_long_as_it_was_asked_to() {
    let (stub, client) = (stub(), Client::new());
    let begun = Instant::now();
    get(&client, &stub, "/work/30ms")
        .await
        .error_for_status()
        .unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(30));
}

#[tokio::test]
async fn a_path_that_it_does_not_know_is_answered_with_a_sentence() {
    let (stub, client) = (stub(), Client::new());
    let answer = get(&client, &stub, "/dela/5ms").await;
    assert_eq!(answer.status(), 404);
    let sentence = answer.text().await.unwrap();
    assert!(
        sentence.contains("such as /delay/5ms/fail/0.1"),
        "{sentence}"
    );
}

#[test]
fn impossible_options_are_refused_before_it_listens() {
    let mut options = Options::default();
    options.behaviour.fail = Some(0.6);
    options.behaviour.hang = Some(0.6);
    let error = Stub::start(options).unwrap_err().to_string();
    assert!(error.contains("say at most 1"), "{error}");
}

#[test]
fn it_stops_when_it_is_dropped() {
    let stub = stub();
    let address = stub.address;
    drop(stub);
    let deadline = Instant::now() + Duration::from_secs(10);
    while std::net::TcpStream::connect(address).is_ok() {
        assert!(Instant::now() < deadline, "it still listens");
        std::thread::yield_now();
    }
}
