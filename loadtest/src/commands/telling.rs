//! How a verdict is told, by every command that gives one: on stdout, in files, to CI, and as an
//! exit code. What CI says of itself in the environment is read here.

use crate::interrupt::Interrupted;
use crate::judge::Verdict;
use crate::report::{Format, Report, annotations, append, markdown, text};
use anyhow::Result;
use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};
use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

/// Options of every command that gives a verdict.
#[derive(Args, Clone, Debug)]
pub struct Telling {
    /// What an inconclusive run ends with: exit code 0, 1 or 3
    #[arg(long, value_name = "END", default_value = "3")]
    on_inconclusive: OnInconclusive,
    /// Also write what stands against a pass as annotations of GitHub Actions
    #[arg(long, env = "GITHUB_ACTIONS", hide_env_values = true, value_parser = FalseyValueParser::new())]
    annotations: bool,
    /// Also append the Markdown summary to this file
    #[arg(
        long,
        value_name = "FILE",
        env = "GITHUB_STEP_SUMMARY",
        hide_env_values = true,
        value_parser = clap::builder::OsStringValueParser::new()
    )]
    step_summary: Option<OsString>,
}

/// What an inconclusive run ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OnInconclusive {
    /// Exit code 0
    Pass,
    /// Exit code 1
    Fail,
    /// Exit code 3
    #[value(name = "3")]
    Three,
}

impl Telling {
    /// Tells a report; `folder` is where its files go. The verdict is on stdout even when they
    /// cannot be written.
    ///
    /// # Errors
    /// When something cannot be written.
    pub(super) fn tell(&self, report: &Report, folder: Option<&Path>) -> Result<ExitCode> {
        let write = |folder| report.write(folder, &Format::ALL);
        let written = folder.map(write).transpose();
        let shown = folder.filter(|_| written.is_ok());
        let mut stdout = anstream::stdout();
        if self.annotations {
            stdout.write_all(annotations::render(report).as_bytes())?;
        }
        stdout.write_all(text::render(report, shown).as_bytes())?;
        stdout.flush()?;
        written?;
        if let Some(file) = self.step_summary.as_ref().filter(|file| !file.is_empty()) {
            append(Path::new(file), &markdown::render(report))?;
        }
        Ok(self.on_inconclusive.exit_code(report.verdict()))
    }
}

impl OnInconclusive {
    /// How a command with this verdict ends.
    ///
    /// # Errors
    /// When it was interrupted.
    pub(super) fn end(self, verdict: Verdict, interrupted: bool) -> Result<ExitCode> {
        if interrupted {
            return Err(Interrupted.into());
        }
        Ok(self.exit_code(verdict))
    }

    /// What a program with this verdict ends with.
    fn exit_code(self, verdict: Verdict) -> ExitCode {
        ExitCode::from(match (verdict, self) {
            (Verdict::Pass, _) | (Verdict::Inconclusive, Self::Pass) => 0,
            (Verdict::Fail, _) | (Verdict::Inconclusive, Self::Fail) => 1,
            (Verdict::Inconclusive, Self::Three) => 3,
        })
    }
}
