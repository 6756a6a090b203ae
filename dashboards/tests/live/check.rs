//! `dashboards check` of a Prometheus that is not as it should be. On a stack of its own it is a step of CI.

use std::io::{Read, Write};
use std::net::TcpListener;

use tests::{Prometheus, nobody};

use crate::run::{Ended, Running, eventually, is_installed};

/// Of this package.
const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

/// Waits until the target was scraped, with this result.
async fn scraped(prometheus: &Prometheus, up: &str) {
    eventually("the target was scraped", async || {
        let answer = prometheus.ask("/api/v1/query?query=up").await?;
        (answer["data"]["result"][0]["value"][1] == up).then_some(())
    })
    .await;
}

async fn checked(prometheus: &Prometheus) -> Ended {
    Running::start(&[
        "check",
        "--folder",
        FOLDER,
        "--prometheus",
        &prometheus.base,
    ])
    .end()
    .await
}

/// A service that exposes this and nothing else, until the tests end.
fn exposing(text: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            // The request is short: it comes as a whole.
            let _ = stream.read(&mut [0; 4096]);
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n";
            let _ = stream.write_all(format!("{head}{text}").as_bytes());
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_is_down_is_named_in_one_sentence() {
    if !is_installed() {
        return;
    }
    let target = nobody().to_string();
    let prometheus = Prometheus::of(&[&target]);
    scraped(&prometheus, "0").await;
    let ended = checked(&prometheus).await;
    let sentence = ended.sentence(1);
    assert!(
        sentence.contains(&target) && sentence.contains("start it"),
        "{sentence}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_metric_that_vanished_is_named_in_one_sentence() {
    if !is_installed() {
        return;
    }
    let prometheus = Prometheus::of(&[&exposing("cache_entries{cache_name=\"users\"} 1\n")]);
    scraped(&prometheus, "1").await;
    let ended = checked(&prometheus).await;
    let sentence = ended.sentence(1);
    assert!(
        sentence.contains("there is no series of") && sentence.contains("expose it"),
        "{sentence}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_range_in_which_nothing_was_scraped_is_refused() {
    if !is_installed() {
        return;
    }
    let prometheus = Prometheus::of(&[]);
    let answers = async || prometheus.ask("/api/v1/query?query=up").await;
    eventually("it answers", answers).await;
    let ended = checked(&prometheus).await;
    let sentence = ended.sentence(2);
    assert!(
        sentence.contains("scraped nothing") && sentence.contains("--range"),
        "{sentence}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_where_there_is_no_prometheus_is_refused() {
    let address = format!("http://{}", nobody());
    let ended = Running::start(&["check", "--folder", FOLDER, "--prometheus", &address])
        .end()
        .await;
    let sentence = ended.sentence(2);
    assert!(sentence.contains("there is no Prometheus at"), "{sentence}");
}
