//! A command behind a [`guard`](super::guard()), in a process group of its own; whom it serves and where is for others to know.

use super::{COMMAND, STOP_TIMEOUT};
use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process_group};
use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};

/// Starting may take this long: a service may have to migrate a large database first.
const START_TIMEOUT: Duration = Duration::from_mins(1);
/// How often it is looked whether it is ready.
const LOOK: Duration = Duration::from_millis(20);

/// A command that runs; its group is killed when this is dropped.
#[derive(Debug)]
pub struct Process {
    log: PathBuf,
    child: Child,
    group: Option<Pid>,
}

impl Process {
    /// Starts a command, whose output goes to the file `log`.
    ///
    /// # Errors
    /// When the file cannot be written, or there can be no further process.
    pub fn start<W: AsRef<OsStr>>(words: &[W], log: &Path) -> Result<Self> {
        let program = std::env::current_exe().context("cannot find this program")?;
        let output =
            File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        let child = Command::new(program)
            .args([COMMAND, "--"])
            .args(words)
            .stdin(Stdio::piped())
            .stdout(output.try_clone()?)
            .stderr(output)
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .context("cannot start the command")?;
        Ok(Self {
            log: log.to_owned(),
            group: child.id().and_then(pid),
            child,
        })
    }

    /// Waits until `ready` says yes: until the command does `what`.
    ///
    /// # Errors
    /// When the command ends instead, or needs more than a minute.
    pub async fn until(&mut self, what: &str, ready: impl AsyncFn() -> bool) -> Result<()> {
        let deadline = Instant::now() + START_TIMEOUT;
        while Instant::now() < deadline {
            if let Some(status) = self.ended() {
                bail!("the command ended ({status}){}", self.last_words());
            }
            if ready().await {
                return Ok(());
            }
            tokio::time::sleep(LOOK).await;
        }
        let seconds = START_TIMEOUT.as_secs();
        let log = self.log.display();
        bail!("the command did not {what} within {seconds} s; its output is in {log}")
    }

    /// How the command ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
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

    /// The end of its output, as the end of a sentence: the last error that it wrote, else the last line.
    #[must_use]
    pub fn last_words(&self) -> String {
        let text = std::fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let is_error = |line: &&str| line.starts_with("error") || line.contains("level=error");
        let error = text.lines().rfind(is_error);
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

impl Drop for Process {
    fn drop(&mut self) {
        self.tell(Signal::KILL);
    }
}

fn pid(id: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(id).ok()?)
}
