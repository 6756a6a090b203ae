//! `loadtest why`: why routes were slow, from the `run.json` of a run.

use crate::report::Report;
use crate::target_log::FILE;
use crate::why::{Explanation, explain, render, why};
use anyhow::{Context, Result, bail};
use std::io::{Write, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

/// The options of `loadtest why`.
#[derive(clap::Args)]
pub struct Args {
    /// The run.json that a run has written
    #[arg(value_name = "RUN.JSON")]
    file: PathBuf,
    /// Explain this route, whether or not it failed, such as "GET /api/v1/users"; may be repeated
    /// [default: every route that failed]
    #[arg(long, value_name = "ROUTE")]
    route: Vec<String>,
}

impl Args {
    pub(super) fn execute(self) -> Result<ExitCode> {
        let report = Report::read(&self.file)?;
        let explanations = if self.route.is_empty() {
            why(&report.evidence, &report.measured, &report.judgement)
        } else {
            let explained = self.route.iter().map(|route| named(&report, route));
            explained.collect::<Result<_>>()?
        };
        let mut text = render(&explanations);
        let log = self.file.with_file_name(FILE);
        if explanations.is_empty() {
            text.push_str("no route failed; --route explains one all the same\n");
        } else if log.is_file() {
            text.push_str("\nthe target's log has a line for each trace id: ");
            text.push_str(&log.display().to_string());
            text.push('\n');
        }
        stdout().write_all(text.as_bytes())?;
        Ok(ExitCode::SUCCESS)
    }
}

fn named(report: &Report, route: &str) -> Result<Explanation> {
    if report.measured.route(route).is_none() {
        let routes = report.measured.routes.iter();
        let routes: Vec<_> = routes.map(|figures| figures.route.as_str()).collect();
        bail!(
            "the run has no route {route:?}; it has {}",
            routes.join(", ")
        );
    }
    explain(&report.evidence, &report.measured, route)
        .with_context(|| format!("{route} got no right answer that could be explained"))
}
