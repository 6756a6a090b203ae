//! `loadtest audit`: does the target's telemetry tell the truth under load?

use crate::audit::{render, run, verdict};
use crate::interrupt::Interrupt;
use crate::judge::Verdict;
use crate::profiles::names;
use crate::settings::{LoadArgs, RunArgs, Settings, TargetArgs};
use clap::builder::PossibleValuesParser;
use std::io::{Write, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

/// The options of `loadtest audit`.
#[derive(clap::Args)]
pub struct Args {
    /// How long and how hard; one round of it, unless --rounds says otherwise
    #[arg(long, default_value = "smoke", value_parser = PossibleValuesParser::new(names()))]
    profile: String,
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    load: LoadArgs,
    /// Budgets at which buckets must end [default: those that ship]
    #[arg(long, value_name = "FILE")]
    budgets: Option<PathBuf>,
    /// Where the log of a service goes that is started here
    #[arg(long, value_name = "DIR", default_value = "loadtest-reports/")]
    out: PathBuf,
}

impl Args {
    pub(super) fn execute(self) -> anyhow::Result<ExitCode> {
        let rounds = self.load.rounds.unwrap_or(1);
        let settings = Settings::new(RunArgs {
            profile: self.profile,
            target: self.target,
            load: LoadArgs {
                rounds: Some(rounds),
                ..self.load
            },
            budgets: self.budgets,
            out: self.out,
            live: None,
        })?;
        let interrupt = Interrupt::install()?;
        let runtime = tokio::runtime::Runtime::new()?;
        let findings = runtime.block_on(run(&settings, &interrupt));
        // Users of an interrupted attack may still wait for an answer.
        runtime.shutdown_background();
        let findings = findings?;
        stdout().write_all(render(&findings).as_bytes())?;
        Ok(ExitCode::from(match verdict(&findings) {
            Verdict::Pass => 0,
            Verdict::Fail => 1,
            Verdict::Inconclusive => 3,
        }))
    }
}
