//! `loadtest report`: writes the reports of a run again.

use crate::report::{Format, Report};
use anyhow::Result;
use std::path::PathBuf;
use std::process::ExitCode;

/// The options of `loadtest report`.
#[derive(clap::Args)]
pub struct Args {
    /// What a run has left: its `run.json`
    #[arg(value_name = "RUN.json")]
    run: PathBuf,
    /// Where the reports go
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// What to write
    #[arg(
        long,
        value_name = "A,B",
        value_delimiter = ',',
        default_value = "html,junit,md,text"
    )]
    format: Vec<Format>,
}

impl Args {
    pub(super) fn execute(self) -> Result<ExitCode> {
        Report::read(&self.run)?.write(&self.out, &self.format)?;
        Ok(ExitCode::SUCCESS)
    }
}
