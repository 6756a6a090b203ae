//! `dashboards check` of a Prometheus that is not as it should be. On a stack of its own it is a step of CI.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::run::{Ended, Running, eventually, is_installed, json};

/// Of this package.
const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

/// A Prometheus with one target at most. It is killed when it is dropped.
struct Prometheus {
    base: String,
    child: Child,
    _folder: TempDir,
}

impl Prometheus {
    fn start(target: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = "global: { scrape_interval: 200ms, scrape_timeout: 200ms }\n".to_owned();
        if let Some(target) = target {
            let job = format!("{{ job_name: api, static_configs: [{{ targets: ['{target}'] }}] }}");
            writeln!(settings, "scrape_configs: [{job}]").unwrap();
        }
        let file = folder.path().join("prometheus.yml");
        std::fs::write(&file, settings).unwrap();
        let address = nobody();
        let child = Command::new("prometheus")
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.tsdb.path={}", folder.path().display()))
            .arg(format!("--web.listen-address={address}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            base: format!("http://{address}"),
            child,
            _folder: folder,
        }
    }

    /// Waits until its target was scraped, with this result.
    async fn scraped(&self, up: &str) {
        let url = format!("{}/api/v1/query?query=up", self.base);
        eventually("the target was scraped", async || {
            let answer = json(&url).await?;
            (answer["data"]["result"][0]["value"][1] == up).then_some(())
        })
        .await;
    }

    async fn answers(&self) {
        let url = format!("{}/api/v1/query?query=up", self.base);
        eventually("it answers", async || json(&url).await).await;
    }

    async fn checked(&self) -> Ended {
        Running::start(&["check", "--folder", FOLDER, "--prometheus", &self.base])
            .end()
            .await
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// An address where nobody listens at this moment.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
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
    let target = nobody();
    let prometheus = Prometheus::start(Some(&target));
    prometheus.scraped("0").await;
    let ended = prometheus.checked().await;
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
    let prometheus = Prometheus::start(Some(&exposing("cache_entries{cache_name=\"users\"} 1\n")));
    prometheus.scraped("1").await;
    let ended = prometheus.checked().await;
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
    let prometheus = Prometheus::start(None);
    prometheus.answers().await;
    let ended = prometheus.checked().await;
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
