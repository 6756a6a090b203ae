//! Stands between this program and a command that it started: this same program under a hidden
//! command. Its standard input is a pipe that ends when the parent is gone, however that came
//! about; then it stops the whole group, which neither the parent nor the command could do.

use super::STOP_TIMEOUT;
use rustix::process::{Signal, kill_current_process_group};
use std::ffi::OsString;
use std::io::{Read, Write, stderr, stdin};
use std::process::{Command, ExitCode, Stdio};
use std::thread::{park_timeout, spawn};
use std::time::Instant;

/// The hidden command under which this program is the guard of another one.
pub const COMMAND: &str = "target-command";
/// What shells end with when there is no such command.
const NO_SUCH_COMMAND: u8 = 127;

/// Runs a command until it ends, or until the parent is gone.
#[must_use]
pub fn guard(words: Vec<OsString>) -> ExitCode {
    // The group is told to stop as a whole; the guard stays until the command has stopped.
    let _ = ctrlc::set_handler(|| {});
    spawn(stop_when_alone);
    let mut words = words.into_iter();
    let program = words.next().unwrap_or_default();
    let run = Command::new(&program)
        .args(words)
        .stdin(Stdio::null())
        .status();
    match run {
        Ok(status) => {
            let code = status.code().and_then(|code| u8::try_from(code).ok());
            code.map_or(ExitCode::FAILURE, ExitCode::from)
        }
        Err(error) => {
            let program = program.display();
            let _ = writeln!(stderr(), "cannot start {program}: {error}");
            ExitCode::from(NO_SUCH_COMMAND)
        }
    }
}

fn stop_when_alone() {
    // Nobody writes to this pipe: it ends when the parent does.
    let _ = stdin().read_to_end(&mut Vec::new());
    let _ = kill_current_process_group(Signal::TERM);
    let deadline = Instant::now() + STOP_TIMEOUT;
    while Instant::now() < deadline {
        park_timeout(deadline.saturating_duration_since(Instant::now()));
    }
    let _ = kill_current_process_group(Signal::KILL);
}
