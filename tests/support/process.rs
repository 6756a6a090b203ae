//! The service as a process of its own, for tests that stop it, kill it, or take its disk away.

use std::{
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex},
};

use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    task::JoinHandle,
};

use crate::{eventually, http::Request, metrics::Scrape};

/// How a process is started.
pub struct ProcessOptions<'a> {
    /// `env!("CARGO_BIN_EXE_api-under-test")`, which only an integration test knows.
    pub binary: &'a str,
    pub database_url: &'a str,
    /// Further arguments of `serve`.
    pub arguments: &'a [&'a str],
    /// Largest file that it may write, in bytes, until the limit is lifted.
    pub file_limit: Option<u64>,
    /// Whether somebody reads what it logs, after the first lines.
    pub read_log: bool,
}

impl<'a> ProcessOptions<'a> {
    #[must_use]
    pub fn new(binary: &'a str, database_url: &'a str) -> Self {
        Self {
            binary,
            database_url,
            arguments: &[],
            file_limit: None,
            read_log: true,
        }
    }
}

/// A running service. It is killed when it is dropped.
pub struct Process {
    pub base: String,
    pub management: String,
    child: Child,
    log: Arc<Mutex<Vec<String>>>,
    reading: JoinHandle<Option<Lines<BufReader<ChildStdout>>>>,
    client: reqwest::Client,
}

impl Process {
    /// Starts it and waits until it listens.
    pub async fn start(options: &ProcessOptions<'_>) -> Self {
        let mut child = command(options).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let log = Arc::new(Mutex::new(Vec::new()));
        let reading = tokio::spawn(read(lines, Arc::clone(&log), options.read_log));
        let listening = || find(&log, "listening");
        eventually("the process listens", async || {
            assert!(
                !reading.is_finished() || listening().is_some(),
                "it has ended"
            );
            listening().is_some()
        })
        .await;
        let line = listening().unwrap();
        let address = |name: &str| format!("http://{}", line[name].as_str().unwrap());
        Self {
            base: address("public"),
            management: address("management"),
            child,
            log,
            reading,
            client: reqwest::Client::new(),
        }
    }

    pub fn request(&self, method: &str, path: &str) -> Request {
        let url = format!("{}{path}", self.base);
        Request::new(self.client.request(method.parse().unwrap(), url))
    }

    /// A request to the management listener.
    pub fn management(&self, path: &str) -> Request {
        Request::new(self.client.get(format!("{}{path}", self.management)))
    }

    pub fn management_request(&self, method: &str, path: &str) -> Request {
        let url = format!("{}{path}", self.management);
        Request::new(self.client.request(method.parse().unwrap(), url))
    }

    /// All metrics, now.
    pub async fn scrape(&self) -> Scrape {
        Scrape::parse(&self.management("/metrics").send().await.text)
    }

    /// What it has logged so far.
    #[must_use]
    pub fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id().expect("it still runs")
    }

    /// Asks it to stop, as an orchestrator does.
    pub fn terminate(&self) {
        kill_process(self.pid(), Signal::TERM).unwrap();
    }

    /// Ends it without a word of warning.
    pub fn kill(&self) {
        kill_process(self.pid(), Signal::KILL).unwrap();
    }

    /// Lets it write files of any size again.
    pub fn lift_file_limit(&self) {
        let unlimited = Rlimit {
            current: None,
            maximum: None,
        };
        prlimit(Some(self.pid()), Resource::Fsize, unlimited).unwrap();
    }

    /// Waits for its end. Returns how it ended and all that it logged.
    pub async fn wait(mut self) -> (ExitStatus, Vec<String>) {
        let status = self.child.wait().await.unwrap();
        drop(self.reading.await.unwrap());
        let log = self.log.lock().unwrap().clone();
        (status, log)
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.id()).unwrap()).unwrap()
    }
}

/// The shell sets the limit, so that the service meets it from its first byte; a write beyond it fails instead of ending the process.
fn command(options: &ProcessOptions<'_>) -> Command {
    let mut command = match options.file_limit {
        None => Command::new(options.binary),
        Some(bytes) => {
            let mut shell = Command::new("bash");
            // The unit of `ulimit -f` in bash is 1024 bytes.
            let script = format!(
                "trap '' XFSZ; ulimit -S -f {}; exec \"$0\" \"$@\"",
                bytes / 1024
            );
            shell.args(["-c", &script, options.binary]);
            shell
        }
    };
    command.args(["serve", "--listen=127.0.0.1:0", "--workers=2"]);
    command.args(["--management-listen=127.0.0.1:0", "--database-url"]);
    command.arg(options.database_url).args(options.arguments);
    command.stdout(Stdio::piped()).kill_on_drop(true);
    command
}

async fn read(
    mut lines: Lines<BufReader<ChildStdout>>,
    log: Arc<Mutex<Vec<String>>>,
    go_on: bool,
) -> Option<Lines<BufReader<ChildStdout>>> {
    while let Some(line) = lines.next_line().await.unwrap() {
        log.lock().unwrap().push(line);
        if !go_on && find(&log, "listening").is_some() {
            // The pipe stays open, and nobody reads from it.
            return Some(lines);
        }
    }
    None
}

fn find(log: &Mutex<Vec<String>>, message: &str) -> Option<Value> {
    let log = log.lock().unwrap();
    let mut lines = log
        .iter()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.find(|line| line["message"] == message)
}
