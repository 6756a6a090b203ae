//! What is left of a run: one [`Report`], written as text, as `report.json` and as `report.html`.
//!
//! All three say the same; the JSON says it completely. A figure that one of them shows belongs
//! into [`crate::measurements`] first.

pub mod html;
mod json;
mod svg;
mod table;
pub mod text;

pub use json::Report;
pub use table::Table;

use anyhow::{Context, Result};
use std::path::Path;

impl Report {
    /// Writes `report.json` and `report.html` into a folder.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let json = serde_json::to_string_pretty(self).context("the report is no JSON")?;
        for (name, text) in [("report.json", json), ("report.html", html::render(self))] {
            let path = folder.join(name);
            std::fs::write(&path, text)
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(())
    }
}
