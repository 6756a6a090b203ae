//! The settings of Prometheus and Alertmanager, written into a stack's folder by the generators of those that are committed.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use api::telemetry::catalogue::{FAULT_ACTIVE, FAULTS_INJECTED};

use super::Addresses;
use crate::alertmanager;
use crate::rules::{Links, Settings, Speed, Target, prometheus_config, rules_file};

/// The file of Prometheus' settings.
pub const PROMETHEUS: &str = "prometheus.yml";
/// The file of Alertmanager's settings.
pub const ALERTMANAGER: &str = "alertmanager.yml";
const RULES: &str = "rules.yml";

/// Writes all of them.
///
/// # Errors
/// When the folder cannot be written to.
pub fn write(folder: &Path, addresses: &Addresses, speed: Speed, blind: bool) -> Result<()> {
    let put = |name: &str, text: &str| {
        let file = folder.join(name);
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))
    };
    put(RULES, &rules_file(speed, &Links::default())?)?;
    let catcher = format!("http://{}", addresses.catcher);
    put(ALERTMANAGER, &alertmanager::config(&catcher, speed)?)?;
    put(
        PROMETHEUS,
        &prometheus_config(&settings(addresses, speed, blind))?,
    )
}

fn settings(addresses: &Addresses, speed: Speed, blind: bool) -> Settings {
    let mut api = Target::api(&addresses.management.to_string());
    if blind {
        api.dropped = vec![FAULT_ACTIVE.name, FAULTS_INJECTED.name];
    }
    Settings {
        speed,
        // Beside the settings themselves.
        rules: RULES.to_owned(),
        alertmanager: Some(addresses.alertmanager.to_string()),
        targets: vec![
            api,
            Target::new(Settings::LOADTEST, &addresses.live.to_string()),
            Target::new("prometheus", &addresses.prometheus.to_string()),
            Target::new("alertmanager", &addresses.alertmanager.to_string()),
        ],
    }
}
