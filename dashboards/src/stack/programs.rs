//! The programs that are not ours: found by starting them, which also shows that they can run here.

use std::process::{Command, Stdio};

use anyhow::{Result, bail};

/// What Debian calls Alertmanager, and what everybody else does.
const ALERTMANAGER: [&str; 2] = ["prometheus-alertmanager", "alertmanager"];

/// What the programs are called here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Programs {
    /// Prometheus.
    pub prometheus: &'static str,
    /// Alertmanager.
    pub alertmanager: &'static str,
}

impl Programs {
    /// Looks for them in the folders of `PATH`.
    ///
    /// # Errors
    /// When one is missing, with the package that has it.
    pub fn find() -> Result<Self> {
        let prometheus = runs("prometheus").then_some("prometheus");
        let alertmanager = ALERTMANAGER.into_iter().find(|name| runs(name));
        let missing = match (prometheus, alertmanager) {
            (Some(prometheus), Some(alertmanager)) => {
                return Ok(Self {
                    prometheus,
                    alertmanager,
                });
            }
            (None, Some(_)) => ["Prometheus is", "prometheus"],
            (Some(_), None) => ["Alertmanager is", "prometheus-alertmanager"],
            (None, None) => [
                "Prometheus and Alertmanager are",
                "prometheus prometheus-alertmanager",
            ],
        };
        let [who, packages] = missing;
        bail!(
            "{who} not installed: on Debian and Ubuntu `apt install {packages}`, elsewhere put the binaries of https://prometheus.io/download/ into a folder of PATH"
        )
    }
}

fn runs(program: &str) -> bool {
    let mut command = Command::new(program);
    command
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
