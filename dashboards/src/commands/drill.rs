//! `dashboards drill`: breaks something on purpose and sees that it is found; or lets a learner find it.

use std::io::{Write, stdout};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::builder::PossibleValuesParser;
use loadtest::interrupt::{Interrupt, Interrupted};
use loadtest::progress::say;

use super::up;
use crate::drill::Exercise;
use crate::drill::blind::{Revealed, Secret, reveal};
use crate::drill::course::calm;
use crate::drill::matrix::{Ground, hold_all, table};
use crate::prometheus::Prometheus;
use crate::stack::{Plan, Ports, Stack};

/// Users of a learner's new database.
const USERS: u64 = 10_000;
/// Every drill.
const ALL: &str = "all";

/// The options of `dashboards drill`.
#[derive(clap::Args)]
pub struct Args {
    /// What is broken
    #[arg(value_name = "NAME", default_value = ALL, value_parser = PossibleValuesParser::new(names()))]
    name: String,
    /// Break something at random, and say only where to look
    #[arg(long, conflicts_with_all = ["name", "reveal"])]
    blind: bool,
    /// Say what a blind drill has broken, and mend it
    #[arg(long, conflicts_with_all = ["name", "database"])]
    reveal: bool,
    /// The service's database, one that may be broken: `postgres://…` or `sqlite:PATH` [default: a new SQLite file for each drill]
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Requests per second
    #[arg(long, value_name = "N", default_value_t = 60.0, value_parser = up::rate)]
    rate: f64,
    #[command(flatten)]
    ports: Ports,
}

fn names() -> Vec<&'static str> {
    // Both databases have the same ones.
    let all = Exercise::all("sqlite:");
    std::iter::once(ALL)
        .chain(all.iter().map(Exercise::name))
        .collect()
}

impl Args {
    pub(super) fn execute(self) -> Result<ExitCode> {
        let interrupt = Interrupt::install()?;
        let runtime = tokio::runtime::Runtime::new()?;
        runtime.block_on(async {
            if self.reveal {
                tell(&reveal().await?)?;
                Ok(ExitCode::SUCCESS)
            } else if self.blind {
                self.blind(&interrupt).await
            } else {
                self.matrix(&interrupt).await
            }
        })
    }

    async fn matrix(self, interrupt: &Interrupt) -> Result<ExitCode> {
        ensure!(
            self.ports == Ports::USUAL,
            "ports are for --blind: leave them out, every other drill takes free ones"
        );
        let started = Instant::now();
        let mut exercises = Exercise::all(self.database.as_deref().unwrap_or("sqlite:"));
        exercises.retain(|exercise| self.name == ALL || self.name == exercise.name());
        let ground = Ground {
            database: self.database,
            rate: self.rate,
        };
        let outcomes = hold_all(exercises, &ground, interrupt).await?;
        write!(stdout(), "{}", table(&outcomes, started.elapsed()))?;
        let right = outcomes.iter().all(|(_, outcome)| outcome.is_ok());
        Ok(if right {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    async fn blind(self, interrupt: &Interrupt) -> Result<ExitCode> {
        let plan = Plan {
            ports: self.ports,
            database: self.database,
            rate: Some(self.rate),
            blind: true,
            ..Plan::fast(USERS)
        };
        let mut stack = interrupt
            .or(Stack::start(&plan, super::catch::tell))
            .await?;
        let exercised = interrupt.or(exercise(&mut stack, self.rate)).await;
        say("stopping");
        stack.stop().await;
        match exercised {
            Err(error) if error.is::<Interrupted>() => Ok(ExitCode::SUCCESS),
            other => other,
        }
    }
}

async fn exercise(stack: &mut Stack, rate: f64) -> Result<ExitCode> {
    let prometheus = Prometheus::at(&format!("http://{}", stack.addresses.prometheus))?;
    say("waiting until the load is steady and all is well");
    calm("blind", "", &prometheus, rate).await?;
    let _secret = Secret::begin(stack.addresses.management).await?;
    let (address, log) = (&stack.addresses.prometheus, stack.service.log().display());
    writeln!(
        stdout(),
        "{}\n\
         Something is broken. Find it.\n\n\
         alerts         below, and http://{address}/alerts; each names its runbook in dashboards/runbooks/\n\
         log            {log}\n\
         solution       cargo run -p dashboards -- drill --reveal\n",
        up::addresses(&stack.addresses)
    )?;
    up::watch(stack).await
}

fn tell(revealed: &Revealed) -> Result<()> {
    let Revealed { fault, lasted } = revealed;
    let (name, does, alerts) = (fault.as_str(), fault.does(), fault.alert());
    let lasted = humantime::format_duration(Duration::from_secs(lasted.as_secs()));
    let alert = if alerts.sqlite == alerts.postgres {
        alerts.sqlite.to_owned()
    } else {
        format!(
            "{} on SQLite, {} on PostgreSQL",
            alerts.sqlite, alerts.postgres
        )
    };
    writeln!(
        stdout(),
        "It was {name}, for {lasted}: {does} Its alert is {alert}. It is off now."
    )?;
    Ok(())
}
