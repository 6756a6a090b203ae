//! `loadtest capacity`: finds the highest rate at which every budget holds.

use super::compare::share;
use super::run::command_line;
use super::telling::OnInconclusive;
use crate::budgets::Share;
use crate::capacity::{self, Capacity, Plan};
use crate::interrupt::Interrupt;
use crate::report;
use crate::settings::{RunArgs, length, positive};
use anyhow::{Context, Result, ensure};
use std::io::{Write, stdout};
use std::process::ExitCode;
use std::time::Duration;

/// Rounds of a step at most, unless somebody says so.
const ROUNDS: u32 = 3;

/// The options of `loadtest capacity`.
///
/// Doubles the rate until a budget does not hold, then halves the bracket until it is narrow enough,
/// then runs the highest rate that held again. Exit code 0: found; 1: no rate holds, or the target
/// died; 3: the limit is the generator's, or too few requests decide nothing.
#[derive(clap::Args)]
#[command(mut_arg("rate", |arg| arg.hide(true)), mut_arg("users", |arg| arg.hide(true)))]
#[command(mut_arg("round_time", |arg| arg.hide(true)), mut_arg("shard", |arg| arg.hide(true)))]
#[command(mut_arg("rounds", |arg| arg.help("Rounds of a step at most, until it is decided [default: 3]")))]
pub struct Args {
    /// Requests per second of the first step
    #[arg(long, value_name = "RATE", value_parser = positive, default_value = "200")]
    start: f64,
    /// The bracket between the highest rate that holds and the lowest that does not
    #[arg(long, value_name = "SHARE", value_parser = share, default_value = "3%")]
    precision: Share,
    /// The highest rate that is tried [default: none]
    #[arg(long, value_name = "RATE", value_parser = positive)]
    max: Option<f64>,
    /// Length of a round of a step
    #[arg(long, value_name = "TIME", value_parser = length, default_value = "10s")]
    step_time: Duration,
    /// What an inconclusive end is: exit code 0, 1 or 3
    #[arg(long, value_name = "END", default_value = "3")]
    on_inconclusive: OnInconclusive,
    #[command(flatten)]
    run: RunArgs,
}

impl Args {
    pub(super) fn execute(self) -> Result<ExitCode> {
        let on_inconclusive = self.on_inconclusive;
        let plan = self.plan()?;
        let interrupt = Interrupt::install()?;
        let runtime = tokio::runtime::Runtime::new()?;
        let found = runtime.block_on(capacity::capacity(&plan, &interrupt));
        runtime.shutdown_background();
        let found = found?;
        let out = &plan.run.out;
        stdout().write_all(capacity::text(&found, out).as_bytes())?;
        write(&found, &plan)?;
        on_inconclusive.end(found.verdict, found.interrupted)
    }

    fn plan(self) -> Result<Plan> {
        let load = &self.run.load;
        let rated = load.rate.is_some() || load.users.is_some();
        ensure!(
            !rated,
            "the rate is what is looked for: begin it with --start"
        );
        ensure!(
            load.round_time.is_none(),
            "the length of a round is --step-time here"
        );
        ensure!(
            load.shard == (0, 1),
            "a search has no parts: leave out --shard"
        );
        ensure!(
            self.precision.0 >= 0.001,
            "a precision is at least 0.1%: no rate is the same twice"
        );
        ensure!(
            self.max.is_none_or(|max| max >= self.start),
            "--max is less than --start"
        );
        Ok(Plan {
            start: self.start,
            precision: self.precision.0,
            max: self.max,
            step_time: self.step_time,
            rounds: load.rounds.unwrap_or(ROUNDS),
            command: command_line(),
            run: self.run,
        })
    }
}

fn write(found: &Capacity, plan: &Plan) -> Result<()> {
    let json = serde_json::to_string_pretty(found).context("the finding is no JSON")?;
    let files = [
        ("capacity.json", json),
        ("capacity.html", capacity::html(found)),
    ];
    report::write(&plan.run.out, &files)
}
