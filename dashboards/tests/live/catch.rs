//! `dashboards catch`.

use std::net::TcpListener;

use reqwest::Client;
use rustix::process::Signal;

use crate::run::{Running, eventually, json};

const MESSAGE: &str = r#"{"version":"4","receiver":"tickets","status":"resolved","alerts":[
    {"status":"resolved","labels":{"alertname":"LogFlood","job":"api"},"annotations":{"summary":"s"}}]}"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_printed_and_shown_and_anything_else_refused() {
    let mut running = Running::start(&["catch", "--listen", "127.0.0.1:0"]);
    let url = eventually("it listens", async || {
        let said = running.stderr();
        said.split_whitespace()
            .find(|word| word.starts_with("http"))
            .map(str::to_owned)
    })
    .await;
    let client = Client::new();
    let post = async |body| {
        let answer = client.post(format!("{url}tickets")).body(body).send().await;
        answer.unwrap().status()
    };
    assert_eq!(post("").await, 400);
    assert_eq!(post(MESSAGE).await, 200);
    running
        .says("tickets  resolved  LogFlood  job=\"api\"")
        .await;
    let shown = json(&url).await.unwrap();
    assert_eq!(shown.as_array().unwrap().len(), 1, "{shown}");
    assert_eq!(shown[0]["status"], "resolved");
    running.signal(Signal::INT);
    assert_eq!(running.end().await.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_address_is_refused_with_the_option_that_changes_it() {
    let busy = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = busy.local_addr().unwrap().to_string();
    let ended = Running::start(&["catch", "--listen", &address]).end().await;
    let sentence = ended.sentence(2);
    assert!(
        sentence.contains("--listen") && sentence.contains(&address),
        "{sentence}"
    );
}
