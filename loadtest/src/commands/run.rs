//! `loadtest run`: attacks, and gives a verdict.

use super::Telling;
use crate::interrupt::{Interrupt, Interrupted};
use crate::settings::{self, RunArgs, Settings};
use std::process::ExitCode;

/// The options of `loadtest run`.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    run: RunArgs,
    #[command(flatten)]
    telling: Telling,
}

impl Args {
    pub(super) fn execute(self) -> anyhow::Result<ExitCode> {
        let settings = Settings::new(self.run)?;
        let interrupt = Interrupt::install()?;
        let runtime = tokio::runtime::Runtime::new()?;
        let report = runtime.block_on(crate::run::run(&settings, command_line(), &interrupt));
        // Users of an interrupted attack may still wait for an answer.
        runtime.shutdown_background();
        let report = report?;
        let told = self.telling.tell(&report, Some(&settings.out))?;
        if report.evidence.interrupted {
            return Err(Interrupted.into());
        }
        Ok(told)
    }
}

/// The command as it was typed, without passwords.
pub(super) fn command_line() -> String {
    let words = std::env::args()
        .skip(1)
        .map(|word| settings::without_password(&word));
    let words: Vec<_> = ["loadtest".to_owned()].into_iter().chain(words).collect();
    words.join(" ")
}
