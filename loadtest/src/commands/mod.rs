//! The commands: one file each, with its options and what it prints. What they do is elsewhere.

mod audit;
mod calibrate;
mod capacity;
mod compare;
pub mod init;
mod judge;
mod list;
mod merge;
mod plan;
mod report;
mod run;
mod schema;
mod stub;
mod telling;
mod why;

use crate::interrupt::Interrupted;
use crate::{embedded, launch};
use clap::{Parser, Subcommand};
use std::ffi::OsString;
use std::io::{Write, stderr};
use std::process::ExitCode;
use telling::Telling;

/// Attacks the service and judges every route and every named query against its budget.
///
/// Without a command: `run --profile smoke`. Exit code 0: every budget was kept; 1: one was
/// broken, or the target died; 2: it could not be done; 3: inconclusive, the figures do not
/// decide it; 130: interrupted.
#[derive(Parser)]
#[command(name = "loadtest", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    color: colorchoice_clap::Color,
}

#[derive(Subcommand)]
enum Command {
    /// Attack, and give a verdict
    Run(Box<run::Args>),
    /// Give a verdict again, by other budgets; sends nothing
    Judge(judge::Args),
    /// Put together what several generators saw of one run, and give a verdict over it
    Merge(merge::Args),
    /// Write the reports of a run again
    Report(report::Args),
    /// Print the JSON Schema of `run.json`
    Schema,
    /// Say why routes were slow, from the run.json of a run
    Why(why::Args),
    /// Check whether the target's metrics and headers tell the truth under load
    ///
    /// Exit code 0: all of it agrees with what was sent; 1: something does not; 2: it could not be
    /// done; 3: something could not be told.
    Audit(Box<audit::Args>),
    /// Show what a run would send and whether it could decide every budget; sends nothing
    Plan(plan::Args),
    /// Show personas, routes, profiles and the budgets in force; sends nothing
    List(list::Args),
    /// Find the highest rate at which every budget holds, and what gives way above it
    Capacity(Box<capacity::Args>),
    /// Measure how many requests this machine can send, and how exactly
    Calibrate(calibrate::Args),
    /// Say whether a second service is slower than a first one, both running side by side
    Compare(Box<compare::Args>),
    /// Run a command that serves, and stop it when nobody is there any more
    #[command(name = launch::COMMAND, hide = true)]
    Guard {
        /// The command
        #[arg(last = true)]
        words: Vec<OsString>,
    },
    /// Write a first scenario and first budgets for any service; sends nothing
    Init(init::Args),
    /// Be a server whose latency is known exactly, to test a load generator with
    Stub(stub::Args),
    /// Be the service that is attacked
    #[command(name = embedded::COMMAND, hide = true)]
    Target {
        /// The command line of the service
        #[arg(last = true)]
        args: Vec<OsString>,
    },
}

/// Does what the command line of this process says; an error is one sentence on stderr.
#[must_use]
pub fn main() -> ExitCode {
    run(std::env::args_os())
}

/// Does what a command line says, the program's name included: for a program that is the harness
/// under a command of its own. An error is one sentence on stderr.
#[must_use]
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut args: Vec<_> = args.into_iter().collect();
    if args.len() <= 1 {
        args = ["loadtest", "run"].map(OsString::from).to_vec();
    }
    Cli::parse_from(args).execute().unwrap_or_else(|error| {
        let _ = writeln!(stderr(), "error: {error:#}");
        ExitCode::from(if error.is::<Interrupted>() { 130 } else { 2 })
    })
}

impl Cli {
    /// Does what the command line says.
    ///
    /// # Errors
    /// When it could not be done.
    pub fn execute(self) -> anyhow::Result<ExitCode> {
        self.color.write_global();
        match self.command {
            Command::Target { args } => Ok(embedded::become_target(args)),
            Command::Guard { words } => Ok(launch::guard(words)),
            Command::Compare(args) => args.execute(),
            Command::Capacity(args) => args.execute(),
            Command::Calibrate(args) => args.execute(),
            Command::List(args) => args.execute(),
            Command::Why(args) => args.execute(),
            Command::Audit(args) => args.execute(),
            Command::Init(args) => args.execute(),
            Command::Plan(args) => args.execute(),
            Command::Run(args) => args.execute(),
            Command::Stub(args) => args.execute(),
            Command::Judge(args) => args.execute(),
            Command::Merge(args) => args.execute(),
            Command::Report(args) => args.execute(),
            Command::Schema => schema::execute(),
        }
    }
}
