//! Tells cargo what the binary embeds, and stamps the build.

#![expect(
    clippy::disallowed_methods,
    reason = "cargo speaks to build scripts through the environment"
)]

use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=../migrations");
    println!("cargo:rerun-if-changed=../.git/HEAD");
    println!("cargo:rerun-if-env-changed=CENTUM_REVISION");
    let revision = std::env::var("CENTUM_REVISION")
        .ok()
        .or_else(|| output("git", &["rev-parse", "--short=12", "HEAD"]));
    println!(
        "cargo:rustc-env=BUILD_REVISION={}",
        revision.as_deref().unwrap_or("unknown")
    );
    let rustc = std::env::var("RUSTC")
        .ok()
        .and_then(|rustc| output(&rustc, &["--version"]));
    println!(
        "cargo:rustc-env=BUILD_RUSTC={}",
        rustc.as_deref().unwrap_or("unknown")
    );
    println!(
        "cargo:rustc-env=BUILD_PROFILE={}",
        std::env::var("PROFILE").as_deref().unwrap_or("unknown")
    );
}

fn output(command: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(command).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !text.trim().is_empty()).then(|| text.trim().to_owned())
}
