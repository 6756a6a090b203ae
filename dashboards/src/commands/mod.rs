//! The commands: one file each, with its options and what it prints. What they do is elsewhere.

mod catch;
mod check;
mod drill;
pub mod generate;
pub mod preview;
mod up;

use std::{
    ffi::OsString,
    io::{Write, stderr},
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use loadtest::{embedded, interrupt::Interrupted, launch};

/// The hidden command under which this program is the load harness.
pub const HARNESS: &str = "harness";

/// Boards, rules, alerts and runbooks, and the proof that they work.
///
/// Exit code 0: done, everything holds; 1: something does not hold; 2: it could not be done, with one sentence why; 130: interrupted.
#[derive(Parser)]
#[command(name = "dashboards", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start the service, Prometheus, Alertmanager and the catcher of its messages on this machine; Ctrl-C stops all of it
    Up(Box<up::Args>),
    /// Ask everything that boards ask, of a Prometheus that runs or of a stack that is started for it, and see that it adds up
    Check(check::Args),
    /// Break something on purpose under load, and see that its alert finds it, wakes nobody, and ends
    Drill(Box<drill::Args>),
    /// Receive what Alertmanager sends to webhooks, print it and show it; wakes nobody
    Catch(catch::Args),
    /// Write every generated file: boards, rules, settings
    Generate(generate::Options),
    /// Draw the boards as one page, from what a Prometheus answers to every panel
    Preview(preview::Options),
    /// Be the service
    #[command(name = embedded::COMMAND, hide = true)]
    Service {
        /// Its command line
        #[arg(last = true)]
        args: Vec<OsString>,
    },
    /// Be the load harness
    #[command(name = HARNESS, hide = true)]
    Harness {
        /// Its command line
        #[arg(last = true)]
        args: Vec<OsString>,
    },
    /// Run a command that serves, and stop it when nobody is there any more
    #[command(name = launch::COMMAND, hide = true)]
    Guard {
        /// The command
        #[arg(last = true)]
        words: Vec<OsString>,
    },
}

/// Does what the command line of this process says; an error is one sentence on stderr.
#[must_use]
pub fn main() -> ExitCode {
    Cli::parse().execute().unwrap_or_else(|error| {
        // Nowhere to say it if the terminal is gone.
        let _ = writeln!(stderr(), "error: {error:#}");
        ExitCode::from(if error.is::<Interrupted>() { 130 } else { 2 })
    })
}

impl Cli {
    fn execute(self) -> anyhow::Result<ExitCode> {
        match self.command {
            Command::Up(args) => args.execute(),
            Command::Check(args) => args.execute(),
            Command::Drill(args) => args.execute(),
            Command::Catch(args) => args.execute(),
            Command::Service { args } => Ok(embedded::become_target(args)),
            Command::Harness { args } => {
                let name = OsString::from("loadtest");
                Ok(loadtest::commands::run(std::iter::once(name).chain(args)))
            }
            Command::Generate(options) => generate::execute(&options),
            Command::Preview(options) => preview::execute(&options),
            Command::Guard { words } => Ok(launch::guard(words)),
        }
    }
}
