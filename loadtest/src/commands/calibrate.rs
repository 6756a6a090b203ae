//! `loadtest calibrate`: says how much this machine can send, and how exactly.

use crate::calibrate::calibrate;
use crate::interrupt::Interrupt;
use std::io::{Write, stdout};
use std::process::ExitCode;
use std::time::Duration;

/// The options of `loadtest calibrate`.
#[derive(clap::Args)]
pub struct Args {
    /// Seconds at each rate
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
}

impl Args {
    pub(super) fn execute(self) -> anyhow::Result<ExitCode> {
        let interrupt = Interrupt::install()?;
        let runtime = tokio::runtime::Runtime::new()?;
        let found = runtime.block_on(calibrate(Duration::from_secs(self.seconds), &interrupt));
        runtime.shutdown_background();
        stdout().write_all(found?.render().as_bytes())?;
        Ok(ExitCode::SUCCESS)
    }
}
