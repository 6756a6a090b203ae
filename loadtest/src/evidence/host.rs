//! The machine that the load came from: figures of two machines are not compared.

use serde::{Deserialize, Serialize};
use std::fs::read_to_string;

/// The machine that the load came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Host {
    /// Model of the processor.
    pub cpu: String,
    /// Processors that this program may use.
    pub cores: u64,
    /// Operating system and release.
    pub kernel: String,
    /// Version of this program.
    pub version: String,
}

impl Host {
    /// This machine, as far as it says; what it does not say is empty.
    #[must_use]
    pub fn this() -> Self {
        let cpu = read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = cpu.lines().find_map(|line| line.strip_prefix("model name"));
        let model = model.and_then(|rest| rest.split_once(':'));
        let release = read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        Self {
            cpu: model.map_or(String::new(), |(_, name)| name.trim().to_owned()),
            cores: u64::try_from(cores).unwrap_or(0),
            kernel: format!("{} {}", std::env::consts::OS, release.trim()),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}
