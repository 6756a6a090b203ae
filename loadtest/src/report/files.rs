//! The files that reports are written to. All of them are written beside their places first, and
//! put there when they are complete: on a full disk the old ones stay.

use super::{Report, html, junit, markdown, text};
use anyhow::{Context, Result};
use clap::ValueEnum;
use std::fs::{OpenOptions, Permissions, create_dir_all};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// What a report can be written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// `run.json`: everything
    Json,
    /// `report.html`: one page, for people
    Html,
    /// `junit.xml`: one case per promise, for CI
    Junit,
    /// `summary.md`: for the summary of a CI job
    #[value(name = "md")]
    Markdown,
    /// `report.txt`: what a terminal shows
    Text,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Json,
        Self::Html,
        Self::Junit,
        Self::Markdown,
        Self::Text,
    ];

    fn file(self) -> &'static str {
        match self {
            Self::Json => "run.json",
            Self::Html => "report.html",
            Self::Junit => "junit.xml",
            Self::Markdown => "summary.md",
            Self::Text => "report.txt",
        }
    }

    fn render(self, report: &Report) -> Result<String> {
        Ok(match self {
            Self::Json => serde_json::to_string(report)? + "\n",
            Self::Html => html::render(report),
            Self::Junit => junit::render(report)?,
            Self::Markdown => markdown::render(report),
            Self::Text => text::plain(&text::render(report, None)),
        })
    }
}

impl Report {
    /// Writes reports into a folder, which is made if it is not there.
    ///
    /// # Errors
    /// When one of them cannot be written; then none of them has changed.
    pub fn write(&self, folder: &Path, formats: &[Format]) -> Result<()> {
        let file = |format: &Format| anyhow::Ok((format.file(), format.render(self)?));
        let files = formats.iter().map(file).collect::<Result<Vec<_>>>()?;
        write(folder, &files)
    }
}

/// Writes files, by name and text, into a folder, which is made if it is not there.
///
/// # Errors
/// When one of them cannot be written; then none of them has changed.
pub fn write(folder: &Path, files: &[(&str, String)]) -> Result<()> {
    create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut complete: Vec<(NamedTempFile, PathBuf)> = Vec::new();
    for (name, text) in files {
        let path = folder.join(name);
        let staged = stage(folder, text).with_context(|| cannot_write(&path))?;
        complete.push((staged, path));
    }
    for (staged, path) in complete {
        let kept = staged.persist(&path);
        kept.map_err(|error| error.error)
            .with_context(|| cannot_write(&path))?;
    }
    Ok(())
}

fn stage(folder: &Path, text: &str) -> io::Result<NamedTempFile> {
    let mut file = tempfile::Builder::new()
        .prefix(".report-")
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder)?;
    file.as_file_mut().write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    Ok(file)
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write {}", path.display())
}

/// Appends a text to a file that others append to, too.
///
/// # Errors
/// When it cannot be written.
pub fn append(path: &Path, text: &str) -> Result<()> {
    let file = OpenOptions::new().create(true).append(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| cannot_write(path))
}
