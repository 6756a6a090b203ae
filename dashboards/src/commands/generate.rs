//! `generate`: writes every generated file, or says which ones are not up to date.

use std::{
    io::{Write, stdout},
    path::PathBuf,
    process::ExitCode,
};

use clap::Args;

use crate::{outputs, rules::Links};

/// The options of `generate`.
#[derive(Args, Debug)]
pub struct Options {
    /// Write nothing; name the files that differ, and exit with 1 if there are any
    #[arg(long)]
    check: bool,
    /// The folder of this package
    #[arg(long, value_name = "FOLDER", default_value = "dashboards")]
    folder: PathBuf,
    #[command(flatten)]
    links: Links,
}

/// Does it.
///
/// # Errors
/// When the folder is another one, or a file cannot be read or written.
pub fn execute(options: &Options) -> anyhow::Result<ExitCode> {
    let outputs = outputs::all(&options.links)?;
    let changed = if options.check {
        outputs::differing(&options.folder, &outputs)?
    } else {
        outputs::write(&options.folder, &outputs)?
    };
    let left_over = outputs::left_over(&options.folder, &outputs)?;
    let mut out = stdout().lock();
    let said = if options.check {
        "differs from what is generated"
    } else {
        "written"
    };
    for path in &changed {
        writeln!(out, "{}: {said}", options.folder.join(path).display())?;
    }
    for path in &left_over {
        let path = options.folder.join(path);
        writeln!(out, "{}: nothing generates it, remove it", path.display())?;
    }
    let is_stale = !left_over.is_empty() || (options.check && !changed.is_empty());
    if options.check && is_stale {
        writeln!(
            out,
            "`cargo run -p dashboards -- generate` writes what differs"
        )?;
    }
    writeln!(
        out,
        "{} files, {} of them new",
        outputs.len(),
        changed.len()
    )?;
    Ok(ExitCode::from(u8::from(is_stale)))
}
