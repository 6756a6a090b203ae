//! The settings of Prometheus and Alertmanager, written into a stack's folder.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use super::{Addresses, Pace};

/// The file of Prometheus' settings.
pub const PROMETHEUS: &str = "prometheus.yml";
/// The file of Alertmanager's settings.
pub const ALERTMANAGER: &str = "alertmanager.yml";
const RULES: &str = "rules.yml";

/// Writes all of them.
///
/// # Errors
/// When the folder cannot be written to.
pub fn write(folder: &Path, addresses: &Addresses, pace: Pace) -> Result<()> {
    let put = |name: &str, text: &str| {
        let file = folder.join(name);
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))
    };
    put(RULES, "groups: []\n")?;
    put(ALERTMANAGER, &alertmanager(addresses))?;
    put(PROMETHEUS, &prometheus(addresses, pace.interval()))
}

fn prometheus(addresses: &Addresses, interval: Duration) -> String {
    let Addresses {
        management,
        live,
        prometheus,
        alertmanager,
        ..
    } = addresses;
    let interval = interval.as_secs();
    let job = |name: &str, target| {
        format!("  - {{ job_name: {name}, static_configs: [{{ targets: ['{target}'] }}] }}\n")
    };
    let jobs = [
        ("api", management),
        ("loadtest", live),
        ("prometheus", prometheus),
        ("alertmanager", alertmanager),
    ];
    let jobs: String = jobs
        .iter()
        .map(|(name, target)| job(name, *target))
        .collect();
    format!(
        "global: {{ scrape_interval: {interval}s, evaluation_interval: {interval}s, scrape_timeout: {interval}s }}\n\
         rule_files: [{RULES}]\n\
         alerting: {{ alertmanagers: [{{ static_configs: [{{ targets: ['{alertmanager}'] }}] }}] }}\n\
         scrape_configs:\n{jobs}"
    )
}

fn alertmanager(addresses: &Addresses) -> String {
    let catcher = addresses.catcher;
    format!(
        "route: {{ receiver: tickets, group_wait: 1s }}\n\
         receivers: [{{ name: tickets, webhook_configs: [{{ url: 'http://{catcher}/tickets' }}] }}]\n"
    )
}
