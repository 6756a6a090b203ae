//! `loadtest list`: what a run would do and what it would be judged by, without sending anything.

use crate::listing::listing;
use crate::routes::Route;
use crate::settings;
use std::io::{Write, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

/// The options of `loadtest list`.
#[derive(clap::Args)]
pub struct Args {
    /// Budgets to show [default: those that ship]
    #[arg(long, value_name = "FILE")]
    budgets: Option<PathBuf>,
}

impl Args {
    pub(super) fn execute(self) -> anyhow::Result<ExitCode> {
        let budgets = settings::budgets(self.budgets.as_deref())?;
        budgets.check_routes(Route::ALL.map(Route::name))?;
        stdout().write_all(listing(&budgets).as_bytes())?;
        Ok(ExitCode::SUCCESS)
    }
}
