//! `loadtest schema`: prints the JSON Schema of `run.json`.

use crate::report::schema;
use anyhow::Result;
use std::io::{Write, stdout};
use std::process::ExitCode;

pub(super) fn execute() -> Result<ExitCode> {
    let schema = serde_json::to_string_pretty(&schema())?;
    writeln!(stdout(), "{schema}")?;
    Ok(ExitCode::SUCCESS)
}
