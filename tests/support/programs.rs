//! Programs beside the tests: those of Prometheus, which may be missing, and those that a test started, which must end.

use std::{
    path::PathBuf,
    process::{Command, Stdio},
};

use crate::say_skipped;

/// Whether a program of Prometheus or Alertmanager is here, under one of these names. Without it a test says so and is over, unless
/// `REQUIRE_PROMETHEUS=1`.
#[expect(clippy::disallowed_methods, reason = "the tests' own setting")]
pub fn is_installed(names: &[&str]) -> bool {
    let runs = |name: &&str| {
        let mut command = Command::new(name);
        command.arg("--version");
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok()
    };
    if names.iter().any(runs) {
        return true;
    }
    let name = names.join(" or ");
    let required = std::env::var("REQUIRE_PROMETHEUS").is_ok_and(|value| value == "1");
    assert!(!required, "REQUIRE_PROMETHEUS=1, but there is no {name}");
    say_skipped(&format!(
        "{name}: Debian's packages prometheus and prometheus-alertmanager have it"
    ));
    false
}

/// The folders in `/proc` of all processes with this variable in their environment that still do something.
pub fn processes(variable: &str, value: &str) -> Vec<PathBuf> {
    let mark = format!("{variable}={value}");
    let folders = std::fs::read_dir("/proc").unwrap().flatten();
    let belongs = |folder: &PathBuf| {
        let environment = std::fs::read(folder.join("environ")).unwrap_or_default();
        let mut variables = environment.split(|byte| *byte == 0);
        variables.any(|variable| variable == mark.as_bytes())
    };
    folders.map(|entry| entry.path()).filter(belongs).collect()
}
