//! `loadtest init`: the first scenario and the first budgets for a service that is not ours.

use crate::openapi::{Document, draft};
use anyhow::{Context, Result, bail};
use reqwest::Url;
use std::fs::OpenOptions;
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// What is written without a document: everything explained, nothing known.
pub const SCENARIO: &str = include_str!("../openapi/scenario.toml");
/// The budgets beside it.
pub const BUDGETS: &str = include_str!("../openapi/budgets.toml");

/// How long a document may take to come.
const FETCH_TIMEOUT: Duration = Duration::from_secs(30);

/// The options of `loadtest init`.
#[derive(clap::Args)]
pub struct Args {
    /// OpenAPI 3.0 or 3.1 document of the service, in JSON or YAML [default: none; a template that
    /// explains itself is written]
    #[arg(long, value_name = "FILE|URL")]
    openapi: Option<String>,
    /// Where scenario.toml and budgets.toml go; files that exist are left alone
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
}

impl Args {
    pub(super) fn execute(self) -> Result<ExitCode> {
        let [scenario, budgets] = ["scenario.toml", "budgets.toml"].map(|name| self.out.join(name));
        for file in [&scenario, &budgets] {
            if file.exists() {
                bail!("{} exists already: name another --out", file.display());
            }
        }
        let (scenario_text, budgets_text, summary) = match &self.openapi {
            None => (SCENARIO.to_owned(), BUDGETS.to_owned(), String::new()),
            Some(place) => {
                let document = Document::parse(place, &read(place)?)?;
                let draft = draft(&document)?;
                let (called, left_out) = (draft.called, draft.left_out);
                let summary = format!(
                    "operations in it: {called}; left out, each with its reason at the end: {left_out}\n"
                );
                (draft.scenario, draft.budgets, summary)
            }
        };
        let folder = self.out.display();
        std::fs::create_dir_all(&self.out).with_context(|| format!("cannot make {folder}"))?;
        write(&scenario, &scenario_text)?;
        if let Err(error) = write(&budgets, &budgets_text) {
            // Nothing is left half done.
            let _ = std::fs::remove_file(&scenario);
            return Err(error);
        }
        let (scenario, budgets) = (scenario.display(), budgets.display());
        let told = format!(
            "{scenario}\n{budgets}\n{summary}\
             read them, then: loadtest run --target URL --scenario {scenario} --budgets {budgets}\n"
        );
        stdout().write_all(told.as_bytes())?;
        Ok(ExitCode::SUCCESS)
    }
}

fn write(file: &Path, text: &str) -> Result<()> {
    let written = OpenOptions::new().write(true).create_new(true).open(file);
    let written = written.and_then(|mut open| open.write_all(text.as_bytes()));
    written.with_context(|| format!("cannot write {}", file.display()))
}

/// The text of a document, from a file or from an address.
fn read(place: &str) -> Result<String> {
    let address = Url::parse(place).ok();
    let address = address.filter(|address| matches!(address.scheme(), "http" | "https"));
    let Some(address) = address else {
        return std::fs::read_to_string(place).with_context(|| format!("cannot read {place}"));
    };
    let fetched = async {
        let client = reqwest::Client::builder().timeout(FETCH_TIMEOUT).build()?;
        let accepted = "application/json, application/yaml, */*;q=0.5";
        let answer = client
            .get(address)
            .header("accept", accepted)
            .send()
            .await?;
        answer.error_for_status()?.text().await
    };
    let runtime = tokio::runtime::Runtime::new()?;
    runtime
        .block_on(fetched)
        .with_context(|| format!("no document from {place}"))
}
