//! `dashboards check`: asks everything that boards ask, of a Prometheus that runs or of a stack of its own.

use std::io::{Write, stderr, stdout};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use loadtest::audit::render;
use loadtest::interrupt::Interrupt;

use super::preview::{down, lost, scrape, see_that_there_is_something};
use crate::check::runbooks::{self, Page};
use crate::drill::watch::now;
use crate::live::{Finding, Verdict, panels, proof, questions};
use crate::preview::{Window, ask};
use crate::prometheus::{Prometheus, read_duration, write_duration};
use crate::rules::Settings;
use crate::{boards, prometheus::Target};

/// The options of `dashboards check`.
#[derive(clap::Args)]
pub struct Args {
    /// The address of a Prometheus that runs [default: a stack of its own is started, under load]
    #[arg(long, value_name = "URL", conflicts_with = "database")]
    prometheus: Option<String>,
    /// How long before now to look
    #[arg(long, value_name = "DURATION", default_value = "15m", value_parser = read_duration, requires = "prometheus")]
    range: Duration,
    /// The database of the stack: `postgres://…` or `sqlite:PATH`, filled if it is empty [default: a new SQLite file]
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// The folder of this package, for its runbooks
    #[arg(long, value_name = "FOLDER", default_value = "dashboards")]
    folder: PathBuf,
}

impl Args {
    pub(super) fn execute(self) -> Result<ExitCode> {
        let folder = self.folder.join("runbooks");
        let pages =
            runbooks::read(&folder).context("name the folder of this package with --folder")?;
        let interrupt = Interrupt::install()?;
        let runtime = tokio::runtime::Runtime::new()?;
        let findings = runtime.block_on(async {
            match &self.prometheus {
                Some(address) => interrupt.or(self.of_a_running_one(address, &pages)).await,
                None => proof::prove(self.database.clone(), &pages, &interrupt)
                    .await
                    .map(Some),
            }
        });
        // Users of the harness may still wait for an answer.
        runtime.shutdown_background();
        let Some(findings) = findings? else {
            return Ok(ExitCode::FAILURE);
        };
        write!(stdout(), "{}", render(&findings))?;
        let wrong = findings
            .iter()
            .any(|finding| finding.verdict == Verdict::Fail);
        Ok(if wrong {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        })
    }

    /// None: what is wrong has been said in one sentence, and makes all else needless.
    async fn of_a_running_one(
        &self,
        address: &str,
        pages: &[Page],
    ) -> Result<Option<Vec<Finding>>> {
        if self.range.is_zero() || self.range.as_secs_f64() >= now() {
            bail!(
                "nothing happens within --range {}: name a time such as 15m",
                write_duration(self.range)
            );
        }
        let prometheus = Prometheus::at(address)?;
        let window = Window {
            end: now(),
            range: self.range,
            scrape: scrape(&prometheus).await?,
        };
        see_that_there_is_something(&prometheus, &window).await?;
        let variables = window.variables();
        let (shown, vanished) =
            ask(&prometheus, &boards::all(), window, &variables, |_| {}).await?;
        let needed: Vec<_> = shown
            .down
            .iter()
            .filter(|target| is_needed(target))
            .cloned()
            .collect();
        if let Some(sentence) = down(&needed).or_else(|| lost(&vanished)) {
            // Nowhere to say it if the terminal is gone.
            let _ = writeln!(stderr(), "error: {sentence}");
            return Ok(None);
        }
        let mut findings = panels::findings(&shown);
        findings.extend(questions::annotations_and_variables(&prometheus, &variables).await?);
        findings.extend(questions::rules(&prometheus).await?);
        findings.extend(questions::runbooks(&prometheus, pages).await?);
        Ok(Some(findings))
    }
}

/// The harness is there only while it runs.
fn is_needed(target: &Target) -> bool {
    target
        .labels
        .get("job")
        .is_none_or(|job| job != Settings::LOADTEST)
}
