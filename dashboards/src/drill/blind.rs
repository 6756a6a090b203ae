//! The learner's drill: a fault that nobody names, until it is asked for.
//!
//! The secret is in a file of the folder for temporary files, so that another process can tell it.

use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use api::faults::Fault;
use serde::{Deserialize, Serialize};

use super::switch::switch;

/// The fault that is on.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    fault: String,
    since: SystemTime,
    management: SocketAddr,
}

/// A fault that is on; nobody can be told of it any more when this is dropped.
#[derive(Debug)]
pub struct Secret(PathBuf);

/// What it was.
#[derive(Clone, Copy, Debug)]
pub struct Revealed {
    /// The fault.
    pub fault: Fault,
    /// For how long it was on.
    pub lasted: Duration,
}

fn file() -> PathBuf {
    std::env::temp_dir().join("centum-blind-drill.json")
}

impl Secret {
    /// Switches a random fault on.
    ///
    /// # Errors
    /// When it cannot be switched, or not be written down.
    pub async fn begin(management: SocketAddr) -> Result<Self> {
        let number = fastrand::usize(..Fault::ALL.len());
        let fault = *Fault::ALL.get(number).context("there is no fault")?;
        let kept = Kept {
            fault: fault.as_str().to_owned(),
            since: SystemTime::now(),
            management,
        };
        let path = file();
        // Of a drill that was killed. A file that somebody else put there is not written to, either.
        let _ = fs::remove_file(&path);
        let written = fs::File::create_new(&path)
            .and_then(|mut file| file.write_all(&serde_json::to_vec(&kept)?));
        written.with_context(|| format!("cannot write {}", path.display()))?;
        let secret = Self(path);
        switch(management, fault, true).await?;
        Ok(secret)
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        // It may have been told and thrown away already.
        let _ = fs::remove_file(&self.0);
    }
}

/// Switches the fault off, and says what it was.
///
/// # Errors
/// When no blind drill goes on.
pub async fn reveal() -> Result<Revealed> {
    let none =
        "no blind drill goes on: begin one with `drill --blind`, and ask for it while that runs";
    let text = fs::read(file()).context(none)?;
    let kept: Kept = serde_json::from_slice(&text).context(none)?;
    let fault = Fault::parse(&kept.fault).context(none)?;
    switch(kept.management, fault, false).await.context(none)?;
    let _ = fs::remove_file(file());
    Ok(Revealed {
        fault,
        lasted: kept.since.elapsed().unwrap_or_default(),
    })
}
