//! A command that serves: started on ports that are free, waited for, stopped.
//!
//! What it is told stands in [`Places`]. It runs in a process group of its own, so that a Ctrl-C on
//! the terminal reaches only this program, which stops it in order: SIGTERM to the whole group, and
//! SIGKILL when that takes too long, or when its handle is dropped. Should this program be killed,
//! [`guard`] stops it. Its output goes to a file: through a pipe it would cost throughput.

mod guard;
mod places;

pub use guard::{COMMAND, guard};
pub use places::Places;

use anyhow::{Context, Result, bail, ensure};
use reqwest::{Client, Url};
use rustix::process::{Pid, Signal, kill_process_group};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// Starting may take this long: a service may have to migrate a large database first.
const START_TIMEOUT: Duration = Duration::from_mins(1);
/// Finishing the requests in flight may take this long.
pub const STOP_TIMEOUT: Duration = Duration::from_secs(15);
/// How often it is looked whether it listens.
const LOOK: Duration = Duration::from_millis(20);
/// How long one question whether it is ready may take.
const READY_TIMEOUT: Duration = Duration::from_secs(5);

/// A command that was started.
#[derive(Debug)]
pub struct Launched {
    /// Scheme, host and port of what it serves.
    pub public: Url,
    /// What its placeholders stand for.
    pub places: Places,
    log: PathBuf,
    child: Child,
    group: Option<Pid>,
}

impl Launched {
    /// Starts a command and waits until it accepts connections, and answers `ready` with a status
    /// that begins with 2, if there is such a path.
    ///
    /// # Errors
    /// When it ends instead, or needs more than a minute.
    pub async fn start(
        words: &[String],
        ready: Option<&str>,
        log: &Path,
        client: &Client,
    ) -> Result<Self> {
        let places = Places::find()?;
        let public = format!("http://127.0.0.1:{}/", places.port);
        let words: Vec<_> = words.iter().map(|word| places.fill(word)).collect();
        let child = spawn(&words, log)?;
        let mut launched = Self {
            public: Url::parse(&public)?,
            places,
            log: log.to_owned(),
            group: child.id().and_then(pid),
            child,
        };
        let path = ready.map(|path| launched.public.join(path)).transpose()?;
        let deadline = Instant::now() + START_TIMEOUT;
        while Instant::now() < deadline {
            if let Some(ended) = launched.ended() {
                bail!("{ended}{}", launched.last_words());
            }
            if launched.is_ready(path.as_ref(), client).await {
                return Ok(launched);
            }
            tokio::time::sleep(LOOK).await;
        }
        let seconds = START_TIMEOUT.as_secs();
        let what = ready.map_or("accept connections".to_owned(), |path| {
            format!("answer {path} with 2xx")
        });
        let log = log.display();
        bail!("the command did not {what} within {seconds} s; its output is in {log}")
    }

    /// How the command ended, if it has.
    pub fn ended(&mut self) -> Option<String> {
        let status = self.child.try_wait().ok().flatten()?;
        Some(format!("the command ended ({status})"))
    }

    /// Asks the command to stop and waits until it has; kills it when that takes too long.
    ///
    /// # Errors
    /// When it had to be killed.
    pub async fn stop(mut self) -> Result<()> {
        self.tell(Signal::TERM);
        let stopped = tokio::time::timeout(STOP_TIMEOUT, self.child.wait()).await;
        // What it started may have stayed behind.
        self.tell(Signal::KILL);
        let seconds = STOP_TIMEOUT.as_secs();
        ensure!(
            stopped.is_ok(),
            "the command did not stop within {seconds} s and was killed"
        );
        Ok(())
    }

    async fn is_ready(&self, path: Option<&Url>, client: &Client) -> bool {
        let connected = TcpStream::connect(("127.0.0.1", self.places.port)).await;
        match path {
            _ if connected.is_err() => false,
            None => true,
            Some(path) => {
                let asked = client.get(path.clone()).timeout(READY_TIMEOUT);
                let answered = asked.send().await;
                answered.is_ok_and(|answer| answer.status().is_success())
            }
        }
    }

    /// The end of its output, as the end of a sentence.
    fn last_words(&self) -> String {
        let text = std::fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let error = text.lines().rfind(|line| line.starts_with("error"));
        let last = text.lines().rfind(|line| !line.trim().is_empty());
        let last = error.or(last);
        last.map_or(String::new(), |line| format!(": {}", line.trim()))
    }

    fn tell(&self, signal: Signal) {
        if let Some(group) = self.group {
            // It may have ended by itself.
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for Launched {
    fn drop(&mut self) {
        self.tell(Signal::KILL);
    }
}

fn spawn(words: &[String], log: &Path) -> Result<Child> {
    let program = std::env::current_exe().context("cannot find this program")?;
    let output = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    Command::new(program)
        .args([COMMAND, "--"])
        .args(words)
        .stdin(Stdio::piped())
        .stdout(output.try_clone()?)
        .stderr(output)
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .context("cannot start the command")
}

fn pid(id: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(id).ok()?)
}
