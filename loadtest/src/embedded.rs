//! The service as a child process: the only file that uses the `api` crate.
//!
//! The child is this same program under a hidden command, so that one `cargo run -p loadtest`
//! builds everything that is needed, and yet the service has a process, a memory and a processor
//! account of its own. Its log goes to a file: through a pipe it would cost throughput.
//!
//! The child never outlives its parent. It is asked to stop with SIGTERM and killed when it does
//! not; it is killed when its handle is dropped; and its standard input is a pipe which ends when
//! the parent is gone, however that came about, whereupon it stops itself.

use anyhow::{Context, Result, anyhow, bail, ensure};
use rustix::process::{Pid, Signal, getpid, kill_process};
use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};

/// The hidden command under which this program is the service.
pub const COMMAND: &str = "target-api";

/// Migrating a large database may take this long.
const START_TIMEOUT: Duration = Duration::from_mins(1);
/// Finishing the requests in flight may take this long.
const STOP_TIMEOUT: Duration = Duration::from_secs(15);

/// A running service.
#[derive(Debug)]
pub struct Embedded {
    /// Host and port of the public listener.
    pub public: String,
    /// Host and port of the management listener.
    pub management: String,
    child: Child,
}

/// Is the service: runs its command line until it ends, or until the parent is gone.
#[must_use]
pub fn become_target(args: Vec<OsString>) -> ExitCode {
    std::thread::spawn(|| {
        // Nobody writes to this pipe: it ends when the parent does.
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        let _ = kill_process(getpid(), Signal::TERM);
    });
    api::run(std::iter::once(OsString::from("api")).chain(args))
}

/// Fills an empty database; the service shows its own progress on stderr.
///
/// # Errors
/// When it cannot be filled; the service has said why on stderr.
pub async fn seed(database: &str, users: u64, posts_per_user: u64, seed: u64) -> Result<()> {
    let numbers = [users, posts_per_user, seed].map(|number| number.to_string());
    let options = ["--users", "--posts-per-user", "--seed"];
    let options = options.iter().zip(&numbers);
    let mut child = command(database)?
        .arg("seed")
        .args(options.flat_map(|(option, number)| [*option, number.as_str()]))
        .stdout(Stdio::null())
        .spawn()
        .context("cannot start the service to seed its database")?;
    let lease = child.stdin.take();
    let status = child.wait().await?;
    drop(lease);
    ensure!(
        status.success(),
        "the database could not be seeded ({status})"
    );
    Ok(())
}

impl Embedded {
    /// Starts the service and waits until it listens: on ports of its choice, unless `settings`, variables of its environment, say
    /// otherwise.
    ///
    /// # Errors
    /// When it ends instead, or needs more than a minute.
    pub async fn start(database: &str, settings: &[(&str, String)], log: &Path) -> Result<Self> {
        let file = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        let child = command(database)?
            .arg("serve")
            .envs(settings.iter().map(|(name, value)| (name, value)))
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .context("cannot start the service")?;
        let mut target = Self {
            public: String::new(),
            management: String::new(),
            child,
        };
        let deadline = Instant::now() + START_TIMEOUT;
        while Instant::now() < deadline {
            if let Some((public, management)) = listening(log)? {
                (target.public, target.management) = (public, management);
                return Ok(target);
            }
            if let Some(status) = target.child.try_wait()? {
                let why = last_words(log);
                let log = log.display();
                bail!("the service ended at its start ({status}){why}; its log is {log}");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let seconds = START_TIMEOUT.as_secs();
        bail!(
            "the service did not listen within {seconds} s; its log is {}",
            log.display()
        )
    }

    /// How the service ended, if it has.
    pub fn ended(&mut self) -> Option<String> {
        let status = self.child.try_wait().ok().flatten()?;
        Some(format!("the service ended ({status})"))
    }

    /// Asks the service to stop and waits until it has; kills it when that takes too long.
    ///
    /// # Errors
    /// When it had to be killed, or ended with an error.
    pub async fn stop(mut self) -> Result<()> {
        if let Some(pid) = self.child.id().and_then(pid) {
            // It may have ended by itself in this moment.
            let _ = kill_process(pid, Signal::TERM);
        }
        let waited = tokio::time::timeout(STOP_TIMEOUT, self.child.wait()).await;
        let Ok(status) = waited else {
            self.child.kill().await?;
            bail!(
                "the service did not stop within {} s and was killed",
                STOP_TIMEOUT.as_secs()
            );
        };
        let status = status?;
        ensure!(status.success(), "the service ended with {status}");
        Ok(())
    }
}

/// This program as the service, on ports of its choice, in a process group of its own so that a
/// Ctrl-C on the terminal reaches only the parent, which stops it in order.
fn command(database: &str) -> Result<Command> {
    let program: PathBuf = std::env::current_exe().context("cannot find this program")?;
    let mut command = Command::new(program);
    command
        .args([COMMAND, "--"])
        .env("DATABASE_URL", database)
        .env("CENTUM_LISTEN", "127.0.0.1:0")
        .env("CENTUM_MANAGEMENT_LISTEN", "127.0.0.1:0")
        .env("CENTUM_LOG_FORMAT", "json")
        .env("RUST_LOG", "info,actix_server=warn")
        // Nobody else sends requests here: there is no load balancer to wait for.
        .env("CENTUM_DRAIN_DELAY_MS", "0")
        .stdin(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    Ok(command)
}

/// Looks for the log line which says where the service listens.
fn listening(log: &Path) -> Result<Option<(String, String)>> {
    let text = std::fs::read_to_string(log)?;
    for line in text.lines().filter(|line| line.contains("\"listening\"")) {
        let Ok(line) = serde_json::from_str::<serde_json::Value>(line) else {
            continue; // It is being written.
        };
        let field = |name: &str| {
            let value = line.get(name).and_then(|value| value.as_str());
            let missing = || anyhow!("the service does not say its {name} address");
            value.map(str::to_owned).ok_or_else(missing)
        };
        return Ok(Some((field("public")?, field("management")?)));
    }
    Ok(None)
}

/// Why the service could not start, as the end of a sentence: its command says so in a line that begins with its name.
fn last_words(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let words = text
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("api: "));
    words.map_or(String::new(), |words| {
        format!(": {}", words.trim_end_matches('.'))
    })
}

fn pid(id: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(id).ok()?)
}
