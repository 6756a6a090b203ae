//! `loadtest stub`: a server whose latency is known exactly, to test a load generator with.

use crate::stub::{Options, Stub};
use anyhow::{Context, Result};
use std::fs::File;
use std::io::{Read, Write, stdin, stdout};
use std::os::fd::AsFd;
use std::os::unix::fs::FileTypeExt;
use std::process::ExitCode;
use std::sync::mpsc::{Sender, channel};

/// The options of `loadtest stub`.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    options: Options,
}

impl Args {
    pub(super) fn execute(self) -> Result<ExitCode> {
        let (stop, stopped) = channel();
        let signalled = stop.clone();
        ctrlc::set_handler(move || {
            let _ = signalled.send(());
        })
        .context("cannot listen for Ctrl-C")?;
        stop_with_parent(stop)?;
        let stub = Stub::start(self.options)?;
        writeln!(stdout(), "http://{}", stub.address)?;
        stopped.recv()?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Whoever starts this with a pipe as its standard input and goes away, however that came about,
/// ends that pipe. A terminal is left alone: reading it would stop a job in the background.
fn stop_with_parent(stop: Sender<()>) -> Result<()> {
    let mut input = File::from(stdin().as_fd().try_clone_to_owned()?);
    let kind = input.metadata()?.file_type();
    if kind.is_fifo() || kind.is_socket() {
        std::thread::spawn(move || {
            let _ = input.read_to_end(&mut Vec::new());
            let _ = stop.send(());
        });
    }
    Ok(())
}
