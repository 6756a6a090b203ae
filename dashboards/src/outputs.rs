//! Every file that is generated, by its place in `dashboards/`: what the command `generate` writes, and what CI compares.
//!
//! **A new kind of file**: another line in [`all`].

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

use crate::{
    boards, grafana,
    rules::{self, Links},
};

/// A generated file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Its place in `dashboards/`, as in `grafana/api-start.json`.
    pub path: PathBuf,
    /// What it holds.
    pub text: String,
}

impl Output {
    /// A file of this text at this place in `dashboards/`.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            text: text.into(),
        }
    }
}

/// Folders whose files of this extension are all generated: any other is left over from something that is gone.
const WHOLLY_GENERATED: [(&str, &str); 1] = [("grafana", "json")];

/// Every generated file, with these links in its alerts. The same text each time: nothing in it depends on when or where it is generated.
///
/// # Errors
/// When what they are generated from does not fit together.
pub fn all(links: &Links) -> Result<Vec<Output>> {
    Ok(boards().chain(rules::outputs(links)?).collect())
}

/// One file for each board.
fn boards() -> impl Iterator<Item = Output> {
    boards::all().into_iter().map(|board| {
        let text = grafana::text(&grafana::board(&board));
        Output::new(format!("grafana/{}.json", board.uid), text)
    })
}

/// Writes those that differ into `folder`; their places.
///
/// # Errors
/// When `folder` is not this package's, or cannot be written to.
pub fn write(folder: &Path, outputs: &[Output]) -> Result<Vec<PathBuf>> {
    let differing = differing(folder, outputs)?;
    for output in outputs {
        if differing.contains(&output.path) {
            let path = folder.join(&output.path);
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)
                    .with_context(|| format!("cannot make the folder {}", parent.display()))?;
            }
            fs::write(&path, &output.text)
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    Ok(differing)
}

/// The places in `folder` where something else stands than what is generated, or nothing.
///
/// # Errors
/// When `folder` is not this package's, or cannot be read.
pub fn differing(folder: &Path, outputs: &[Output]) -> Result<Vec<PathBuf>> {
    is_ours(folder)?;
    let differs = |output: &&Output| {
        !fs::read_to_string(folder.join(&output.path)).is_ok_and(|text| text == output.text)
    };
    let differing = outputs.iter().filter(differs);
    Ok(differing.map(|output| output.path.clone()).collect())
}

/// The places in `folder` of files that nothing generates any more.
///
/// # Errors
/// When `folder` is not this package's, or cannot be read.
pub fn left_over(folder: &Path, outputs: &[Output]) -> Result<Vec<PathBuf>> {
    is_ours(folder)?;
    let generated: BTreeSet<_> = outputs.iter().map(|output| output.path.clone()).collect();
    let mut found = BTreeSet::new();
    for (name, extension) in WHOLLY_GENERATED {
        let path = folder.join(name);
        let entries = fs::read_dir(&path);
        for entry in entries.with_context(|| format!("cannot read {}", path.display()))? {
            let path = Path::new(name).join(entry?.file_name());
            if path.extension().is_some_and(|found| found == extension) {
                found.insert(path);
            }
        }
    }
    Ok(found.difference(&generated).cloned().collect())
}

fn is_ours(folder: &Path) -> Result<()> {
    ensure!(
        folder.join("grafana").is_dir(),
        "{} holds no folder grafana: run this where the repository begins, or name the package's folder with --folder",
        folder.display()
    );
    Ok(())
}
