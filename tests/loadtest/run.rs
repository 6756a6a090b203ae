//! One run of the harness in a process of its own, and what it leaves: an exit code, words, a report, and no process.

use std::{
    path::PathBuf,
    process::{ExitStatus, Stdio},
    sync::atomic::{AtomicU32, Ordering::Relaxed},
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tests::{eventually, processes};
use tokio::process::{Child, Command};

use crate::{BINARY, report::Report};

/// Budgets under which a slow machine is trusted all the same, and few requests decide; a test's own follow.
const SLOW_MACHINE: &str = "[generator]\ngap = \"60s\"\ntainted = \"100%\"\ncpu = \"100%\"\nslip_p99 = \"60s\"\nbegun = \"1%\"\n\
    [run]\nerrors = \"10%\"\n";

/// A process of a run has this in its environment, and so has every process that it starts.
const MARK: &str = "LOADTEST_TEST_RUN";

/// What is to be run.
pub struct Run {
    arguments: Vec<String>,
    folder: TempDir,
    /// Commands of the shell before it begins.
    before: &'static str,
}

/// A run that was started. It is killed when it is dropped.
pub struct Running {
    child: Child,
    folder: TempDir,
    mark: String,
}

/// A run that is over.
pub struct Ended {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
    folder: TempDir,
}

impl Run {
    /// Against a running target: each of these routes is a kind of user.
    pub fn against(target: &str, routes: &[&str], budgets: &str) -> Self {
        Self::under(target, routes, &format!("{SLOW_MACHINE}{budgets}"))
    }

    /// The same under budgets that say themselves when the generator is trusted.
    pub fn under(target: &str, routes: &[&str], budgets: &str) -> Self {
        let mut run = Self::with_budgets(budgets);
        let step = |route: &&str| {
            format!("[[scenario]]\nname = \"{route}\"\n[[scenario.step]]\nroute = \"{route}\"\n")
        };
        let scenario: String = routes.iter().map(step).collect();
        let file = run.folder.path().join("scenario.toml");
        std::fs::write(&file, scenario).unwrap();
        run.add(&["--target", target, "--scenario", file.to_str().unwrap()]);
        run
    }

    /// Against a service that it starts itself.
    pub fn of_its_own_service(budgets: &str) -> Self {
        let mut run = Self::with_budgets(&format!("{SLOW_MACHINE}{budgets}"));
        run.add(&["--seed-users", "50"]);
        run
    }

    fn with_budgets(budgets: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("budgets.toml");
        std::fs::write(&file, budgets).unwrap();
        let mut run = Self {
            arguments: vec!["run".to_owned()],
            folder,
            before: "",
        };
        run.add(&["--budgets", file.to_str().unwrap()]);
        run.add(&["--warmup", "0s"]);
        run
    }

    /// With further arguments.
    pub fn with(mut self, arguments: &[&str]) -> Self {
        self.add(arguments);
        self
    }

    /// So many requests per second, in rounds of this length until all is decided: a machine that is busy with something else may spoil
    /// some. By few users, for many take long to come.
    pub fn at(self, rate: u32, round_time: &str) -> Self {
        self.often(rate, round_time, "8")
    }

    /// The same in one round, whatever it decides.
    pub fn once(self, rate: u32, round_time: &str) -> Self {
        self.often(rate, round_time, "1")
    }

    fn often(self, rate: u32, round_time: &str, rounds: &str) -> Self {
        let rate = rate.to_string();
        let run = self.with(&["--rate", &rate, "--max-users", "64"]);
        run.with(&["--round-time", round_time, "--rounds", rounds])
    }

    /// With a target's own metrics.
    pub fn and_metrics(self, target: &str) -> Self {
        let metrics = format!("{target}/metrics");
        self.with(&["--metrics", &metrics])
    }

    /// No file that it writes may be longer than this.
    pub fn on_a_full_disk(mut self) -> Self {
        self.before = "trap '' XFSZ; ulimit -f 2;";
        self
    }

    /// On one processor, whatever else this machine has.
    pub fn on_one_processor(mut self) -> Self {
        self.before = "taskset -cp 0 $$ >/dev/null;";
        self
    }

    fn add(&mut self, arguments: &[&str]) {
        let arguments = arguments.iter().map(ToString::to_string);
        self.arguments.extend(arguments);
    }

    pub fn start(self) -> Running {
        static RUNS: AtomicU32 = AtomicU32::new(0);
        let mark = format!("{}-{}", std::process::id(), RUNS.fetch_add(1, Relaxed));
        let script = format!("{} exec \"$0\" \"$@\"", self.before);
        let mut command = Command::new("bash");
        command.args(["-c", &script, BINARY]).args(&self.arguments);
        command.arg("--out").arg(self.folder.path().join("out"));
        command.env(MARK, &mark).kill_on_drop(true);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Running {
            child: command.spawn().unwrap(),
            folder: self.folder,
            mark,
        }
    }

    /// Runs it to its end.
    pub async fn end(self) -> Ended {
        self.start().end().await
    }
}

impl Running {
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    pub fn pid(&self) -> Pid {
        let id = self.child.id().expect("it still runs");
        Pid::from_raw(i32::try_from(id).unwrap()).unwrap()
    }

    /// The processes that it started, and itself.
    pub fn processes(&self) -> Vec<PathBuf> {
        processes(MARK, &self.mark)
    }

    /// Waits for its end, and sees that nothing is left running.
    pub async fn end(self) -> Ended {
        let output = self.child.wait_with_output().await.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let mark = self.mark;
        eventually("nothing is left running", async || {
            processes(MARK, &mark).is_empty()
        })
        .await;
        Ended {
            status: output.status,
            stdout: text(output.stdout),
            stderr: text(output.stderr),
            folder: self.folder,
        }
    }
}

impl Ended {
    pub fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// A file that it left beside its reports.
    pub fn left(&self, name: &str) -> std::io::Result<String> {
        std::fs::read_to_string(self.folder.path().join("out").join(name))
    }

    /// The report, after an end with this exit code.
    pub fn report(&self, code: i32) -> Report {
        let said = format!("{}{}", self.stdout, self.stderr);
        assert_eq!(self.code(), Some(code), "{said}");
        let text = self.left("run.json");
        let text = text.unwrap_or_else(|error| panic!("{error}: {said}"));
        Report::of(&text)
    }

    /// The one sentence with which it refused, or gave up.
    pub fn sentence(&self, code: i32) -> &str {
        assert_eq!(self.code(), Some(code), "{}{}", self.stdout, self.stderr);
        let errors = self
            .stderr
            .lines()
            .filter(|line| line.starts_with("error: "));
        let errors: Vec<_> = errors.collect();
        assert!(
            self.stderr.lines().last() == errors.last().copied(),
            "{}",
            self.stderr
        );
        assert_eq!(errors.len(), 1, "{}", self.stderr);
        errors[0]
    }
}
