//! The load of a stack: the harness in a process of its own, at a steady rate.

use std::ffi::OsString;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use loadtest::launch::{Process, is_ready};
use loadtest::population::Population;
use reqwest::{Client, Url};

use super::Addresses;
use crate::commands::HARNESS;

/// What is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Traffic {
    /// What users of the service do.
    #[default]
    Usual,
    /// Everybody reads the same few users: all that a cache can gain, or lose.
    Crowd,
}

/// Users that a crowd reads. At 80 requests per second each is asked for twenty times in each.
const FEW: usize = 4;
/// A crowd's file, in the language of `loadtest run --scenario`.
const CROWD: &str = "[[scenario]]\nname = \"crowd\"\n[[scenario.step]]\nroute = \"GET /api/v1/users/{user_id}\"\n\
    params = { user_id = \"{user}\" }\ncheck = { status = 200 }\n[data.user]\n";

/// Starts to send so many requests per second, until it is stopped; whatever it finds, nobody asks for its verdict.
///
/// # Errors
/// When the harness ends instead.
pub async fn start(
    addresses: &Addresses,
    rate: f64,
    traffic: Traffic,
    folder: &Path,
) -> Result<Process> {
    let program = std::env::current_exe().context("cannot find this program")?;
    let client = Client::builder().no_proxy().build()?;
    let mut words = vec![program.into_os_string()];
    words.extend([HARNESS, "--", "run", "--profile", "steady"].map(OsString::from));
    words.extend(["--warmup", "0s", "--round-time", "24h", "--rounds", "1"].map(OsString::from));
    let metrics = format!("http://{}/metrics", addresses.management);
    let options = [
        ("--rate", rate.to_string()),
        ("--target", format!("http://{}", addresses.api)),
        ("--metrics", metrics),
        ("--live", addresses.live.to_string()),
        ("--out", folder.join("load").display().to_string()),
    ];
    for (option, value) in options {
        words.extend([option.into(), value.into()]);
    }
    if traffic == Traffic::Crowd {
        words.extend([
            "--scenario".into(),
            crowd(addresses, folder, &client).await?.into(),
        ]);
    }
    let mut process = Process::start(&words, &folder.join("load.log"))?;
    let metrics = Url::parse(&format!("http://{}/metrics", addresses.live))?;
    let ready = async || is_ready(addresses.live.port(), Some(&metrics), &client).await;
    let started = process.until("show its metrics", ready).await;
    started.context("the load harness does not run")?;
    Ok(process)
}

/// Writes a crowd's file, for the newest users.
async fn crowd(addresses: &Addresses, folder: &Path, client: &Client) -> Result<PathBuf> {
    let address = Url::parse(&format!("http://{}/", addresses.api))?;
    let users = Population::of(client, &address).await?.users;
    let few: Vec<_> = (0..FEW).filter_map(|place| users.get(place)).collect();
    let mut text = CROWD.to_owned();
    writeln!(text, "values = {few:?}")?;
    let file = folder.join("crowd.toml");
    std::fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
    Ok(file)
}
