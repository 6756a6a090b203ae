//! Runs the tools of Prometheus and Alertmanager. Without them a test says so and is over, unless `REQUIRE_PROMETHEUS=1`.

use std::{
    ffi::OsStr,
    path::Path,
    process::{Command, Output},
};

use tests::is_installed;

/// The folder of this package.
pub fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What the tool does; None without the tool.
pub fn output(tool: &str, arguments: &[&OsStr]) -> Option<Output> {
    is_installed(&[tool]).then(|| Command::new(tool).args(arguments).output().unwrap())
}

/// The tool must find nothing wrong.
pub fn run(tool: &str, arguments: &[&OsStr]) {
    if let Some(output) = output(tool, arguments) {
        let said = [output.stdout, output.stderr].concat();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&said)
        );
    }
}
