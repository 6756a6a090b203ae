//! What a command is told of where to be: two ports that are free, and a folder.

use anyhow::{Context, Result};
use std::net::{Ipv4Addr, TcpListener};

/// The placeholder of the port at which the command is to serve.
const PORT: &str = "{port}";
const MANAGEMENT_PORT: &str = "{management_port}";
const FOLDER: &str = "{dir}";

/// What stands for the placeholders.
#[derive(Debug)]
pub struct Places {
    /// Stands for `{port}`.
    pub port: u16,
    /// Stands for `{management_port}`.
    pub management_port: u16,
    /// Stands for `{dir}`; it goes when this goes.
    folder: tempfile::TempDir,
}

impl Places {
    /// Finds ports that are free at this moment.
    ///
    /// # Errors
    /// When there are none, or there is no room for a folder.
    pub fn find() -> Result<Self> {
        // Both at once: they would else be the same.
        let free = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("there is no free port");
        let listeners = (free()?, free()?);
        Ok(Self {
            port: listeners.0.local_addr()?.port(),
            management_port: listeners.1.local_addr()?.port(),
            folder: tempfile::tempdir().context("cannot make a temporary folder")?,
        })
    }

    /// A text with its placeholders filled.
    #[must_use]
    pub fn fill(&self, text: &str) -> String {
        text.replace(PORT, &self.port.to_string())
            .replace(MANAGEMENT_PORT, &self.management_port.to_string())
            .replace(FOLDER, &self.folder.path().display().to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_wherever_they_stand() {
        let places = Places::find().unwrap();
        let filled = places.fill("A=127.0.0.1:{port} B={management_port} {dir}/x {other}");
        let folder = places.folder.path().display();
        let (port, management) = (places.port, places.management_port);
        let expected = format!("A=127.0.0.1:{port} B={management} {folder}/x {{other}}");
        assert_eq!(filled, expected);
        assert_ne!(port, management);
        assert!(places.folder.path().is_dir());
    }
}
