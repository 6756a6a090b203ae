//! What Prometheus records and when it raises an alert, written down in its own format.
//!
//! - [`slo`] reads `slo.toml`: what is promised. From it come the recorded series and the alerts on budgets that burn.
//! - [`alerts`] has all other alerts, by what they are about. **A new alert**: a line in [`alert::AlertName`], its function there, a page in
//!   `runbooks/`, and a firing and a silent case in `prometheus/tests/`: tests ask for all of them.
//! - [`speed`] divides all times by 60 for drills; [`mod@file`] is the format.
//!
//! Alertmanager's settings are in `alertmanager`.

pub mod alert;
pub mod alerts;
pub mod file;
pub mod slo;
pub mod speed;

mod index;
mod settings;

use std::fmt;

pub use alert::{AlertName, Severity};
pub use settings::{Settings, Target, prometheus_config};
pub use speed::Speed;

use self::file::{Group, Rule, RulesFile};
use crate::{alertmanager, outputs::Output};

/// Where alerts point to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Links {
    /// Where the runbooks are: a folder of the repository, or a URL.
    pub runbooks: String,
    /// Where Grafana is.
    pub boards: String,
}

impl Default for Links {
    fn default() -> Self {
        Self {
            runbooks: "dashboards/runbooks".to_owned(),
            boards: "http://localhost:3000".to_owned(),
        }
    }
}

/// Rules that cannot be written: one sentence why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesError(pub String);

impl fmt::Display for RulesError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for RulesError {}

/// All rules, at this speed.
///
/// # Errors
/// When `slo.toml` promises what cannot be.
pub fn rules(speed: Speed, links: &Links) -> Result<RulesFile, RulesError> {
    let promises = slo::promises()?;
    let mut groups = slo::recorded(&promises, speed);
    groups.push(slo::burn_alerts(&promises, speed, links));
    groups.extend(alerts::groups(speed, links));
    Ok(RulesFile { groups })
}

/// The file of all rules, at this speed.
///
/// # Errors
/// When `slo.toml` promises what cannot be.
pub fn rules_file(speed: Speed) -> Result<String, RulesError> {
    file::yaml(&rules(speed, &Links::default())?)
}

/// The files that are generated from all this.
///
/// # Errors
/// When `slo.toml` promises what cannot be.
pub fn outputs() -> Result<Vec<Output>, RulesError> {
    let catcher = "http://alert-catcher:9099";
    Ok(vec![
        Output::new("prometheus/rules.yml", rules_file(Speed::Normal)?),
        Output::new("prometheus/rules-fast.yml", rules_file(Speed::Fast)?),
        Output::new(
            "prometheus/prometheus.yml",
            prometheus_config(&Settings::compose())?,
        ),
        Output::new("runbooks/README.md", index::index()),
        Output::new(
            "alertmanager/alertmanager.yml",
            alertmanager::config(catcher, Speed::Normal)?,
        ),
    ])
}

/// A group of alerts; all are evaluated as often.
fn group_of_alerts(
    name: &'static str,
    speed: Speed,
    links: &Links,
    alerts: Vec<alert::Alert>,
) -> Group {
    let rules = alerts.into_iter().map(|alert| alert.rule(speed, links));
    Group {
        name,
        interval: speed.text(slo::INTERVAL),
        rules: rules.collect(),
    }
}

/// Every alerting rule of a file: a name may occur several times.
pub fn alert_rules(file: &RulesFile) -> impl Iterator<Item = &file::AlertRule> {
    let rules = file.groups.iter().flat_map(|group| &group.rules);
    rules.filter_map(|rule| match rule {
        Rule::Alert(alert) => Some(alert.as_ref()),
        Rule::Record(_) => None,
    })
}
