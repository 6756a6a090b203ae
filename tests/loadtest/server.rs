//! The targets: a stub in a process of its own, which can be stopped and killed, and whose counters are asked from outside.

use std::process::Stdio;

use loadtest::stub::{Options, Stub};
use rustix::process::{Pid, Signal, kill_process};
use tests::{Scrape, eventually};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, ChildStdin, Command},
};

use crate::BINARY;

/// A stub in a process of its own. It stops when this is dropped: then its standard input ends.
pub struct Server {
    pub url: String,
    child: Child,
    _lease: ChildStdin,
}

impl Server {
    pub async fn start() -> Self {
        let mut command = Command::new(BINARY);
        command.arg("stub").kill_on_drop(true);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let url = stdout.lines().next_line().await.unwrap();
        Self {
            url: url.expect("it says where it listens"),
            _lease: child.stdin.take().unwrap(),
            child,
        }
    }

    pub fn signal(&self, signal: Signal) {
        let id = self.child.id().expect("it still runs");
        let pid = Pid::from_raw(i32::try_from(id).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Waits until it was asked so many times.
    pub async fn asked(&self, times: f64) {
        let client = reqwest::Client::new();
        eventually("requests arrive", async || {
            let metrics = client.get(format!("{}/metrics", self.url)).send().await;
            let text = metrics.unwrap().text().await.unwrap();
            Scrape::parse(&text).sum("stub_requests_total", &[]) >= times
        })
        .await;
    }
}

/// A stub in this process, and its address.
pub fn stub() -> (Stub, String) {
    let stub = Stub::start(Options::default()).unwrap();
    let url = format!("http://{}", stub.address);
    (stub, url)
}
