//! Runs the tools of Prometheus and Alertmanager. Without them a test says so and is over, unless `REQUIRE_PROMETHEUS=1`.

use std::{
    ffi::OsStr,
    io::Write,
    path::Path,
    process::{Command, Output},
};

/// The folder of this package.
pub fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What the tool does; None without the tool.
#[expect(clippy::disallowed_methods, reason = "the tests' own setting")]
pub fn output(tool: &str, arguments: &[&OsStr]) -> Option<Output> {
    if let Ok(output) = Command::new(tool).args(arguments).output() {
        return Some(output);
    }
    let required = std::env::var("REQUIRE_PROMETHEUS").is_ok_and(|value| value == "1");
    assert!(!required, "REQUIRE_PROMETHEUS=1, but there is no {tool}");
    // Past the capture of a test's output: everybody is to see it.
    let line = format!(
        "skipped: no {tool} here; Debian's packages prometheus and prometheus-alertmanager add the test\n"
    );
    std::io::stderr().write_all(line.as_bytes()).unwrap();
    None
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
