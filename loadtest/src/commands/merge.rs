//! `loadtest merge`: puts together what several generators saw of one run, and judges that.

use super::Telling;
use super::judge::choose;
use crate::evidence;
use crate::report::Report;
use anyhow::{Result, ensure};
use std::path::PathBuf;
use std::process::ExitCode;

/// The options of `loadtest merge`.
#[derive(clap::Args)]
pub struct Args {
    /// What every part of the run (`loadtest run --shard I/N`) has left: its `run.json`
    #[arg(value_name = "RUN.json", required = true)]
    runs: Vec<PathBuf>,
    /// Budgets to judge by [default: those that the parts were judged by]
    #[arg(long, value_name = "FILE")]
    budgets: Option<PathBuf>,
    /// Where the reports go
    #[arg(long, value_name = "DIR", default_value = "loadtest-reports/")]
    out: PathBuf,
    #[command(flatten)]
    telling: Telling,
}

impl Args {
    pub(super) fn execute(self) -> Result<ExitCode> {
        let mut parts = Vec::new();
        let mut budgets = None;
        for path in &self.runs {
            let part = Report::read(path)?;
            let first = budgets.get_or_insert_with(|| part.budgets.clone());
            ensure!(
                self.budgets.is_some() || first.text == part.budgets.text,
                "{} was judged by other budgets than the first one: name those to judge by with --budgets",
                path.display()
            );
            parts.push((path.display().to_string(), part.evidence));
        }
        let whole = evidence::merge(parts)?;
        let budgets = budgets.unwrap_or_default();
        let budgets = choose(self.budgets.as_deref(), &budgets, &whole)?;
        let report = Report::of(whole, &budgets);
        self.telling.tell(&report, Some(&self.out))
    }
}
