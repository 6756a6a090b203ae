//! One run of the program, and what it leaves: an exit code, words, and no process.

use std::fs::File;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;
use tests::processes;
use tokio::process::{Child, Command};

/// A process of a run has this in its environment, and so has every process that it starts.
const MARK: &str = "DASHBOARDS_TEST_RUN";

/// Every port is a free one.
pub const FREE_PORTS: [&str; 6] = [
    "--api-port=0",
    "--management-port=0",
    "--prometheus-port=0",
    "--alertmanager-port=0",
    "--catcher-port=0",
    "--live-port=0",
];

/// A run that was started. It is killed when it is dropped.
pub struct Running {
    child: Child,
    mark: String,
    /// Its output, and its folder of temporary files.
    folder: TempDir,
}

/// A run that is over.
pub struct Ended {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

impl Running {
    pub fn start(arguments: &[&str]) -> Self {
        Self::with(arguments, |_| {})
    }

    /// With a further setting of its environment.
    pub fn with(arguments: &[&str], set: impl FnOnce(&mut Command)) -> Self {
        static RUNS: AtomicU32 = AtomicU32::new(0);
        let mark = format!("{}-{}", std::process::id(), RUNS.fetch_add(1, Relaxed));
        let folder = tempfile::tempdir().unwrap();
        let output = |name| File::create(folder.path().join(name)).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_dashboards"));
        command
            .args(arguments)
            .env(MARK, &mark)
            .env("TMPDIR", folder.path());
        command
            .stdin(Stdio::null())
            .stdout(output("stdout"))
            .stderr(output("stderr"))
            .kill_on_drop(true);
        set(&mut command);
        Self {
            child: command.spawn().unwrap(),
            mark,
            folder,
        }
    }

    pub fn signal(&self, signal: Signal) {
        let id = self.child.id().expect("it still runs");
        kill_process(Pid::from_raw(i32::try_from(id).unwrap()).unwrap(), signal).unwrap();
    }

    pub fn stdout(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("stdout")).unwrap()
    }

    pub fn stderr(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("stderr")).unwrap()
    }

    /// Waits until it has said something, and gives back all that it said.
    pub async fn says(&mut self, text: &str) -> String {
        eventually(text, async || {
            let ended = self.child.try_wait().unwrap();
            let said = self.stdout();
            assert!(
                ended.is_none() || said.contains(text),
                "{ended:?}: {said}{}",
                self.stderr()
            );
            said.contains(text).then_some(said)
        })
        .await
    }

    /// The processes that it started, and itself.
    pub fn processes(&self) -> Vec<PathBuf> {
        processes(MARK, &self.mark)
    }

    /// Waits for its end, and sees that nothing is left running.
    pub async fn end(mut self) -> Ended {
        let status = self.child.wait().await.unwrap();
        eventually("nothing is left running", async || {
            self.processes().is_empty().then_some(())
        })
        .await;
        Ended {
            status,
            stdout: self.stdout(),
            stderr: self.stderr(),
        }
    }
}

impl Ended {
    pub fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// The one sentence with which it refused.
    pub fn sentence(&self, code: i32) -> &str {
        assert_eq!(self.code(), Some(code), "{}{}", self.stdout, self.stderr);
        let lines: Vec<_> = self.stderr.lines().collect();
        assert!(
            matches!(*lines, [line] if line.starts_with("error: ")),
            "{}",
            self.stderr
        );
        lines[0]
    }
}

/// Asks until there is an answer; a machine that is busy with something else may take its time.
pub async fn eventually<T>(what: &str, ask: impl AsyncFnMut() -> Option<T>) -> T {
    tests::answer_within(Duration::from_mins(3), what, ask).await
}

/// The JSON at an address; nothing where nobody answers.
pub async fn json(url: &str) -> Option<Value> {
    let text = reqwest::get(url).await.ok()?.text().await.ok()?;
    serde_json::from_str(&text).ok()
}

/// Whether there are Prometheus and Alertmanager to test with.
pub fn is_installed() -> bool {
    tests::is_installed(&["prometheus"])
        && tests::is_installed(&["prometheus-alertmanager", "alertmanager"])
}
