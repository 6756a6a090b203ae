//! Tells cargo what the binary embeds, and stamps the build.

#![expect(
    clippy::disallowed_methods,
    reason = "cargo speaks to build scripts through the environment"
)]

use std::{error::Error, fs::File, io::Cursor, path::PathBuf, process::Command};

use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;
use zip::ZipArchive;

/// What the page at `/docs` needs of Swagger UI.
const SWAGGER_UI: [&str; 2] = ["swagger-ui.css", "swagger-ui-bundle.js"];

fn main() -> Result<(), Box<dyn Error>> {
    unpack_swagger_ui()?;
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
    Ok(())
}

/// Puts the files into `OUT_DIR`, from where they are embedded.
fn unpack_swagger_ui() -> Result<(), Box<dyn Error>> {
    let directory = PathBuf::from(std::env::var("OUT_DIR")?);
    let mut archive = ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED))?;
    for name in SWAGGER_UI {
        let path = format!("/dist/{name}");
        let index = (0..archive.len()).find(|index| {
            let path_of = archive.name_for_index(*index);
            path_of.is_some_and(|found| found.is_ok_and(|found| found.ends_with(&path)))
        });
        let mut target = File::create(directory.join(name))?;
        std::io::copy(&mut archive.by_index(index.ok_or(name)?)?, &mut target)?;
    }
    Ok(())
}

fn output(command: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(command).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !text.trim().is_empty()).then(|| text.trim().to_owned())
}
