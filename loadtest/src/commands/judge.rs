//! `loadtest judge`: gives a verdict again, by other budgets, without sending anything.

use super::Telling;
use crate::budgets::{Budgets, BudgetsError};
use crate::evidence::Evidence;
use crate::report::{BudgetsShown, Report};
use crate::settings;
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The options of `loadtest judge`.
#[derive(clap::Args)]
pub struct Args {
    /// What a run has left: its `run.json`
    #[arg(value_name = "RUN.json")]
    run: PathBuf,
    /// Budgets to judge by [default: those that the run was judged by]
    #[arg(long, value_name = "FILE")]
    budgets: Option<PathBuf>,
    /// Where to write reports [default: nowhere]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    telling: Telling,
}

impl Args {
    pub(super) fn execute(self) -> Result<ExitCode> {
        let Report {
            evidence, budgets, ..
        } = Report::read(&self.run)?;
        let budgets = choose(self.budgets.as_deref(), &budgets, &evidence)?;
        let report = Report::of(evidence, &budgets);
        self.telling.tell(&report, self.out.as_deref())
    }
}

/// The budgets of a file, or those that a run was judged by; what they name must be in the evidence.
pub(super) fn choose(
    file: Option<&Path>,
    of_the_run: &BudgetsShown,
    evidence: &Evidence,
) -> Result<Budgets> {
    let budgets = match file {
        Some(file) => settings::budgets(Some(file))?,
        None => Budgets::parse(&of_the_run.file, &of_the_run.text)?,
    };
    check(&budgets, evidence)?;
    Ok(budgets)
}

fn check(budgets: &Budgets, evidence: &Evidence) -> Result<(), BudgetsError> {
    let routes = evidence.rounds.iter().flat_map(|round| &round.routes);
    if !evidence.rounds.is_empty() {
        budgets.check_routes(routes.map(|record| record.route.as_str()))?;
    }
    if let Some(target) = &evidence.target {
        let names = &evidence.metrics;
        let queries = target
            .after
            .label_values(&names.query_budgets, &names.query_label);
        budgets.check_queries(&queries)?;
    }
    Ok(())
}
