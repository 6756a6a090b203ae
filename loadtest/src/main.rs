//! `loadtest`: the commands. What they do is in the library.

use clap::{Parser, Subcommand};
use loadtest::interrupt::{Interrupt, Interrupted};
use loadtest::judge::Verdict;
use loadtest::report::text;
use loadtest::settings::{RunArgs, Settings};
use loadtest::{embedded, listing, run, settings};
use std::ffi::OsString;
use std::io::{Write, stderr, stdout};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Attacks the service and judges every route and every named query against its budget.
///
/// Without a command: `run --profile smoke`. Exit code 0: every budget was kept; 1: one was
/// broken, or the target died; 2: the run could not be done; 3: void, the figures cannot be
/// trusted; 130: interrupted.
#[derive(Parser)]
#[command(name = "loadtest", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Attack, and give a verdict
    Run(Box<RunArgs>),
    /// Show personas, routes, profiles and the budgets in force; sends nothing
    List {
        /// Budgets to show [default: those that ship]
        #[arg(long, value_name = "FILE")]
        budgets: Option<PathBuf>,
    },
    /// Be the service that is attacked
    #[command(name = embedded::COMMAND, hide = true)]
    Target {
        /// The command line of the service
        #[arg(last = true)]
        args: Vec<OsString>,
    },
}

fn main() -> ExitCode {
    let bare = std::env::args_os().len() <= 1;
    let cli = if bare {
        Cli::parse_from(["loadtest", "run"])
    } else {
        Cli::parse()
    };
    let done = match cli.command {
        Command::Target { args } => return embedded::become_target(args),
        Command::List { budgets } => list(budgets.as_deref()),
        Command::Run(args) => attack(*args),
    };
    done.unwrap_or_else(|error| {
        let _ = writeln!(stderr(), "error: {error:#}");
        ExitCode::from(if error.is::<Interrupted>() { 130 } else { 2 })
    })
}

fn list(budgets: Option<&Path>) -> anyhow::Result<ExitCode> {
    let budgets = settings::budgets(budgets)?;
    stdout().write_all(listing::listing(&budgets).as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn attack(args: RunArgs) -> anyhow::Result<ExitCode> {
    let settings = Settings::new(args)?;
    let words = std::env::args()
        .skip(1)
        .map(|word| settings::without_password(&word));
    let command = ["loadtest".to_owned()].into_iter().chain(words);
    let command = command.collect::<Vec<_>>().join(" ");
    let interrupt = Interrupt::install()?;
    let runtime = tokio::runtime::Runtime::new()?;
    let report = runtime.block_on(run::run(&settings, command, &interrupt));
    // Users of an interrupted attack may still wait for an answer.
    runtime.shutdown_background();
    let report = report?;
    stdout().write_all(text::render(&report, &settings.out).as_bytes())?;
    Ok(ExitCode::from(match report.verdict {
        Verdict::Pass => 0,
        Verdict::Fail => 1,
        Verdict::Void => 3,
    }))
}
