//! Reading `run.json` again. A file that is something else is one sentence.

use super::{Report, SCHEMA};
use serde::Deserialize;
use std::io;
use std::path::{Path, PathBuf};

/// Why a file is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is not there, or may not be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is no JSON, or not of this shape.
    #[error("{}: this is no run.json of loadtest", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line and column.
        source: serde_json::Error,
    },
    /// Another version wrote it.
    #[error("{} has schema {found}, but this version of loadtest reads schema {SCHEMA}: use the version that wrote it", path.display())]
    OtherSchema {
        /// The file.
        path: PathBuf,
        /// Its number.
        found: u64,
    },
}

/// The only field that every version has.
#[derive(Deserialize)]
struct Head {
    schema: u64,
}

impl Report {
    /// Reads a `run.json`.
    ///
    /// # Errors
    /// When the file cannot be read, or is none.
    pub fn read(path: &Path) -> Result<Self, ReadError> {
        let text = std::fs::read_to_string(path).map_err(|source| ReadError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(path, &text)
    }

    /// Reads the text of a `run.json`; errors call it by its path.
    ///
    /// # Errors
    /// When it is something else.
    pub fn parse(path: &Path, text: &str) -> Result<Self, ReadError> {
        let malformed = |source| ReadError::Malformed {
            path: path.to_owned(),
            source,
        };
        let head: Head = serde_json::from_str(text).map_err(malformed)?;
        if head.schema != u64::from(SCHEMA) {
            return Err(ReadError::OtherSchema {
                path: path.to_owned(),
                found: head.schema,
            });
        }
        serde_json::from_str(text).map_err(malformed)
    }
}
