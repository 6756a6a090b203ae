//! Answers as they were recorded from Prometheus 2.42 and Alertmanager 0.25. A real Prometheus is asked in `tests/prometheus`.

#![expect(clippy::float_cmp, reason = "values are written and read back exactly")]

mod recorded;

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;

/// A server that gives every question the same answer; returned is its address.
async fn answering(status: u16, body: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answer = format!(
        "HTTP/1.1 {status} Recorded\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut question = [0; 4_096];
            let _ = stream.read(&mut question).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    format!("http://{address}")
}

async fn prometheus(status: u16, body: &str) -> Prometheus {
    Prometheus::at(&answering(status, body).await).unwrap()
}

#[tokio::test]
async fn where_nobody_listens_the_address_and_the_remedy_are_said() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = Prometheus::at(&address).unwrap().build().await.unwrap_err();
    assert!(matches!(error, Error::Absent { .. }), "{error}");
    let text = error.to_string();
    assert!(
        text.contains(&address) && text.contains("start it"),
        "{text}"
    );
    assert!(text.contains("refused"), "{text}");
}

#[tokio::test]
async fn another_server_is_told_from_a_prometheus() {
    let stranger = prometheus(404, "<html>nginx</html>\nmore").await;
    let error = stranger.query("up", None).await.unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, Error::Stranger { .. }), "{text}");
    assert!(text.contains("status 404, `<html>nginx</html>`"), "{text}");
    assert!(text.contains("/api/v1/query is not Prometheus"), "{text}");
}

#[tokio::test]
async fn a_refused_expression_is_said_with_its_reason() {
    let body = r#"{"status":"error","errorType":"bad_data","error":"1:5: parse error: unclosed left parenthesis"}"#;
    let error = prometheus(400, body)
        .await
        .query("sum(", None)
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "Prometheus refuses `sum(`: 1:5: parse error: unclosed left parenthesis"
    );
}

#[tokio::test]
async fn a_server_that_says_nothing_is_not_waited_for_for_ever() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let http = Http::at("Prometheus", &address).unwrap();
    let http = http.within(Duration::from_millis(20));
    let error = Prometheus { http }.query("up", None).await.unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error}");
    assert!(error.to_string().contains("shorter range"), "{error}");
}

#[test]
fn what_is_no_address_is_said_before_anything_is_sent() {
    for address in ["", "localhost:9090", "ftp://a", "http://", "9090"] {
        let error = Prometheus::at(address).unwrap_err();
        assert!(error.to_string().contains("http://HOST:PORT"), "{error}");
    }
    let below = Prometheus::at("http://host/below").unwrap();
    assert_eq!(below.address(), "http://host/below");
}

#[tokio::test]
async fn a_password_in_the_address_is_shown_to_nobody() {
    let secret = Prometheus::at("http://me:secret@127.0.0.1:1").unwrap();
    let text = secret.build().await.unwrap_err().to_string();
    assert!(
        text.contains("http://127.0.0.1:1") && !text.contains("secret"),
        "{text}"
    );
}
