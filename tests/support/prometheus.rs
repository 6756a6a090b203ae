//! A real Prometheus in a process and a folder of its own.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::nobody;

/// A server that looks five times a second. It is killed when it is dropped.
pub struct Prometheus {
    /// Scheme, host and port.
    pub base: String,
    child: Child,
    _folder: TempDir,
}

impl Prometheus {
    /// Looks at these targets, as those of the job `api`.
    pub fn of(targets: &[&str]) -> Self {
        Self::start(|_, _| {
            format!(
                "scrape_configs: [{{ job_name: api, static_configs: [{{ targets: {targets:?} }}] }}]\n"
            )
        })
    }

    /// With the settings that `settings` makes of its address and its folder.
    pub fn start(settings: impl FnOnce(&str, &Path) -> String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = nobody().to_string();
        let file = folder.path().join("prometheus.yml");
        let text = settings(&address, folder.path());
        let how_often = "global: { scrape_interval: 200ms, scrape_timeout: 200ms }\n";
        std::fs::write(&file, how_often.to_owned() + &text).unwrap();
        let child = Command::new("prometheus")
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.tsdb.path={}", folder.path().display()))
            .arg(format!("--web.listen-address={address}"))
            .arg("--enable-feature=exemplar-storage")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            base: format!("http://{address}"),
            child,
            _folder: folder,
        }
    }

    /// The answer of its API; None while it is not there yet.
    pub async fn ask(&self, path: &str) -> Option<Value> {
        let answer = reqwest::get(format!("{}{path}", self.base)).await.ok()?;
        let text = answer.text().await.ok()?;
        serde_json::from_str(&text).ok()
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
