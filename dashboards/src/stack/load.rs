//! The load of a stack: the harness in a process of its own, at a steady rate.

use std::ffi::OsString;
use std::path::Path;

use anyhow::{Context, Result};
use loadtest::launch::{Process, is_ready};
use reqwest::{Client, Url};

use super::Addresses;
use crate::commands::HARNESS;

/// Starts to send so many requests per second, until it is stopped; whatever it finds, nobody asks for its verdict.
///
/// # Errors
/// When the harness ends instead.
pub async fn start(addresses: &Addresses, rate: f64, folder: &Path) -> Result<Process> {
    let program = std::env::current_exe().context("cannot find this program")?;
    let mut words = vec![program.into_os_string()];
    words.extend(
        [
            HARNESS,
            "--",
            "run",
            "--profile",
            "steady",
            "--warmup",
            "0s",
        ]
        .map(OsString::from),
    );
    words.extend(["--round-time", "24h", "--rounds", "1"].map(OsString::from));
    let options = [
        ("--rate", rate.to_string()),
        ("--target", format!("http://{}", addresses.api)),
        (
            "--metrics",
            format!("http://{}/metrics", addresses.management),
        ),
        ("--live", addresses.live.to_string()),
        ("--out", folder.join("load").display().to_string()),
    ];
    for (option, value) in options {
        words.extend([option.into(), value.into()]);
    }
    let mut process = Process::start(&words, &folder.join("load.log"))?;
    let client = Client::builder().no_proxy().build()?;
    let metrics = Url::parse(&format!("http://{}/metrics", addresses.live))?;
    let ready = async || is_ready(addresses.live.port(), Some(&metrics), &client).await;
    process
        .until("show its metrics", ready)
        .await
        .context("the load harness does not run")?;
    Ok(process)
}
