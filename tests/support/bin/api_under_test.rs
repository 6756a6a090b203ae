//! The binary of the service once more, because Cargo tells tests the paths of their own package's binaries only.

use std::process::ExitCode;

fn main() -> ExitCode {
    api::run(std::env::args_os())
}
