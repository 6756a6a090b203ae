//! The binary of the harness once more, because Cargo tells tests the paths of their own package's binaries only.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    loadtest::commands::main()
}
