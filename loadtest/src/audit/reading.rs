//! One reading of the target's metrics: what it said, how long that took, and how much it was.

use crate::probe::Scrape;
use anyhow::{Context, Result};
use reqwest::{Client, Url};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// How long a reading may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// One reading.
#[derive(Clone, Debug)]
pub struct Reading {
    /// What it said.
    pub scrape: Scrape,
    /// Names of samples that can only grow, by their `# TYPE`.
    pub growing: BTreeSet<String>,
    /// Its size.
    pub bytes: usize,
    /// From asking to the last byte.
    pub took: Duration,
}

impl Reading {
    /// Reads a text exposition that took so long to come.
    #[must_use]
    pub fn of(text: &str, took: Duration) -> Self {
        Self {
            scrape: Scrape::of(text),
            growing: text.lines().flat_map(growing).collect(),
            bytes: text.len(),
            took,
        }
    }

    /// Asks the target.
    ///
    /// # Errors
    /// When it does not answer in time, or not with a text.
    pub async fn fetch(client: &Client, metrics: &Url) -> Result<Self> {
        let begun = Instant::now();
        let text = async {
            let request = client.get(metrics.clone()).timeout(TIMEOUT);
            let answer = request.header("accept", "text/plain; version=0.0.4");
            answer.send().await?.error_for_status()?.text().await
        };
        let text = text.await;
        let text = text.with_context(|| format!("no metrics from {metrics}"))?;
        Ok(Self::of(&text, begun.elapsed()))
    }
}

/// The samples that a line `# TYPE name counter` or `histogram` is about.
fn growing(line: &str) -> Vec<String> {
    let words: Vec<_> = line.split_whitespace().collect();
    match words.as_slice() {
        ["#", "TYPE", name, "counter"] => vec![(*name).to_owned()],
        ["#", "TYPE", name, "histogram"] => {
            let parts = ["_bucket", "_count", "_sum"];
            parts.map(|part| format!("{name}{part}")).to_vec()
        }
        _ => Vec::new(),
    }
}
