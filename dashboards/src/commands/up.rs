//! `dashboards up`: the whole stack, until Ctrl-C.

use std::io::{Write, stdout};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, bail};
use loadtest::interrupt::{Interrupt, Interrupted};
use loadtest::progress::say;

use super::catch::tell;
use crate::rules::Speed;
use crate::stack::{Addresses, Plan, Ports, Stack};

/// How often it is looked whether everything still runs.
const LOOK: Duration = Duration::from_millis(500);

/// The options of `dashboards up`.
#[derive(clap::Args)]
pub struct Args {
    /// The service's database: `postgres://…` or `sqlite:PATH`, filled if it is empty [default: a new SQLite file, gone at the end]
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Users that an empty database is filled with, and five posts for each
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..))]
    seed_users: u64,
    /// Send so many requests per second, too
    #[arg(long, value_name = "RATE", num_args = 0..=1, default_missing_value = "50", value_parser = rate)]
    load: Option<f64>,
    /// Rules with windows and waits divided by 60: what pages after minutes pages after seconds
    #[arg(long)]
    fast: bool,
    #[command(flatten)]
    ports: Ports,
}

pub(super) fn rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.parse().map_err(|error| format!("{error}"))?;
    if rate > 0.0 && rate <= 10_000.0 {
        Ok(rate)
    } else {
        Err("a rate is more than 0 and at most 10000 requests per second".to_owned())
    }
}

impl Args {
    pub(super) fn execute(self) -> Result<ExitCode> {
        let speed = if self.fast {
            Speed::Fast
        } else {
            Speed::Normal
        };
        let plan = Plan {
            ports: self.ports,
            speed,
            database: self.database,
            rate: self.load,
            ..Plan::fast(self.seed_users)
        };
        let interrupt = Interrupt::install()?;
        let runtime = tokio::runtime::Runtime::new()?;
        runtime.block_on(async {
            let mut stack = interrupt.or(Stack::start(&plan, tell)).await?;
            writeln!(stdout(), "{}", addresses(&stack.addresses))?;
            let watched = interrupt.or(watch(&mut stack)).await;
            say("stopping");
            stack.stop().await;
            match watched {
                // That is how it is meant to end.
                Err(error) if error.is::<Interrupted>() => Ok(ExitCode::SUCCESS),
                other => other,
            }
        })
    }
}

/// What one opens, and what one runs beside it.
pub(super) fn addresses(addresses: &Addresses) -> String {
    let Addresses {
        api,
        management,
        prometheus,
        alertmanager,
        catcher,
        ..
    } = addresses;
    format!(
        "service        http://{api}/        metrics http://{management}/metrics\n\
         Prometheus     http://{prometheus}/graph  alerts http://{prometheus}/alerts\n\
         Alertmanager   http://{alertmanager}/\n\
         deliveries     http://{catcher}/        and below\n\n\
         boards         cargo run -p dashboards -- preview --prometheus http://{prometheus}\n\
         checks         cargo run -p dashboards -- check --prometheus http://{prometheus}\n\
         Ctrl-C stops all of it.\n"
    )
}

/// A service or a load that ends is told, and seen on the boards; without Prometheus and Alertmanager there is nothing to see.
pub(super) async fn watch(stack: &mut Stack) -> Result<ExitCode> {
    loop {
        tokio::time::sleep(LOOK).await;
        if let Some(ended) = stack.ended() {
            bail!("{ended}");
        }
        if let Some(ended) = stack.service.ended() {
            say(&format!(
                "{ended}: ApiTargetDown is to come; Ctrl-C stops the rest"
            ));
        }
        let load = stack.load.as_mut();
        if let Some(status) = load.and_then(loadtest::launch::Process::ended) {
            let words = stack
                .load
                .take()
                .map(|load| load.last_words())
                .unwrap_or_default();
            say(&format!("the load has ended ({status}){words}"));
        }
    }
}
