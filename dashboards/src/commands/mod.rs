//! The commands: one file each, with its options and what it prints. What they do is elsewhere.

pub mod generate;
pub mod preview;

use std::{
    ffi::OsString,
    io::{Write, stderr},
    process::ExitCode,
};

use clap::{Parser, Subcommand};

/// The hidden command under which this program is the service.
pub const SERVICE: &str = "service";
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
    /// Write every generated file: boards, rules, settings
    Generate(generate::Options),
    /// Draw the boards as one page, from what a Prometheus answers to every panel
    Preview(preview::Options),
    /// Be the service
    #[command(name = SERVICE, hide = true)]
    Service {
        /// Its command line
        #[arg(last = true)]
        args: Vec<OsString>,
    },
}

/// Does what the command line of this process says; an error is one sentence on stderr.
#[must_use]
pub fn main() -> ExitCode {
    Cli::parse().execute().unwrap_or_else(|error| {
        // Nowhere to say it if the terminal is gone.
        let _ = writeln!(stderr(), "error: {error:#}");
        ExitCode::from(2)
    })
}

impl Cli {
    fn execute(self) -> anyhow::Result<ExitCode> {
        match self.command {
            Command::Generate(options) => generate::execute(&options),
            Command::Preview(options) => preview::execute(&options),
            Command::Service { args } => {
                Ok(api::run(std::iter::once(OsString::from("api")).chain(args)))
            }
        }
    }
}
