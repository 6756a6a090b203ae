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

use api::{routes::PROBES, telemetry::catalogue::label};

pub use alert::{AlertName, Severity};
pub use settings::{Settings, Target, prometheus_config};
pub use speed::Speed;

use self::file::{Group, Rule, RulesFile};
use crate::{alertmanager, outputs::Output, promql::write::Series};

/// Where alerts point to.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct Links {
    /// Where the runbooks are, without a `/` at the end: a folder of the repository, or a URL that those can open who are woken
    #[arg(long, value_name = "URL", default_value = Self::RUNBOOKS)]
    pub runbooks: String,
    /// Where Grafana is, without a `/` at the end
    #[arg(long, value_name = "URL", default_value = Self::BOARDS)]
    pub boards: String,
}

impl Links {
    const RUNBOOKS: &str = "dashboards/runbooks";
    const BOARDS: &str = "http://localhost:3000";
}

impl Default for Links {
    fn default() -> Self {
        Self {
            runbooks: Self::RUNBOOKS.to_owned(),
            boards: Self::BOARDS.to_owned(),
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
pub fn rules_file(speed: Speed, links: &Links) -> Result<String, RulesError> {
    file::yaml(&rules(speed, links)?)
}

/// The files that are generated from all this.
///
/// # Errors
/// When `slo.toml` promises what cannot be.
pub fn outputs(links: &Links) -> Result<Vec<Output>, RulesError> {
    let catcher = "http://alert-catcher:9099";
    Ok(vec![
        Output::new("prometheus/rules.yml", rules_file(Speed::Normal, links)?),
        Output::new("prometheus/rules-fast.yml", rules_file(Speed::Fast, links)?),
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

/// Those of some requests that are users': a load balancer's probes are no part of a promise, and would drown the few of a quiet night.
fn of_users(requests: Series) -> Series {
    requests.misses(label::ROUTE, PROBES.join("|"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probes_are_routes() {
        for probe in PROBES {
            let is_it = |route: &api::telemetry::RouteDefinition| route.name == probe;
            assert!(api::routes::ROUTES.iter().any(is_it), "{probe}");
        }
    }
}
