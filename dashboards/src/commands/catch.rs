//! `dashboards catch`: the catcher alone, as the receiver of an Alertmanager that runs elsewhere.

use std::io::{Write, stdout};
use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;

use anyhow::{Context, Result};
use loadtest::interrupt::Interrupt;
use loadtest::progress::say;

use crate::catcher::{Catcher, Delivery};

/// The options of `dashboards catch`.
#[derive(clap::Args)]
pub struct Args {
    /// Where it listens; port 0 is a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:9099")]
    listen: SocketAddr,
}

impl Args {
    pub(super) fn execute(&self) -> Result<ExitCode> {
        let interrupt = Interrupt::install()?;
        let runtime = tokio::runtime::Runtime::new()?;
        runtime.block_on(async {
            let listen = self.listen;
            let listener = TcpListener::bind(listen).with_context(|| {
                format!("{listen} cannot be listened on: name another address with --listen")
            })?;
            let catcher = Catcher::start(listener, tell)?;
            say(&format!("catching at http://{}/", catcher.address));
            // It ends by being interrupted, and in no other way.
            let _ = interrupt.or(std::future::pending::<Result<()>>()).await;
            Ok(ExitCode::SUCCESS)
        })
    }
}

/// One line on stdout for each alert.
pub(super) fn tell(delivery: &Delivery) {
    // Whoever reads this may have gone away; what came is kept all the same.
    let _ = writeln!(stdout(), "{delivery}");
}
