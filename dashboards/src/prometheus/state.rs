//! What Prometheus does and knows: targets, rules, alerts, metadata, its own version.

use serde::{Deserialize, Deserializer, de::Error};

use super::{Labels, answer::number};

/// Rules that are evaluated one after the other.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct RuleGroup {
    /// Of the group.
    pub name: String,
    /// The file that it is from.
    pub file: String,
    /// Seconds between two evaluations.
    pub interval: f64,
    /// In their order.
    pub rules: Vec<Rule>,
}

/// A recording rule or an alert.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// `alerting` or `recording`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Of the alert, or of the recorded metric.
    pub name: String,
    /// Its expression.
    pub query: String,
    /// `ok`, `err`, or `unknown` before the first evaluation.
    pub health: String,
    /// Why the last evaluation failed.
    pub last_error: Option<String>,
    /// Only of alerts: `inactive`, `pending` or `firing`.
    pub state: Option<String>,
    /// Seconds that the condition must hold before the alert fires.
    #[serde(default)]
    pub duration: f64,
    /// That it adds.
    #[serde(default)]
    pub labels: Labels,
    /// Of an alert, with templates.
    #[serde(default)]
    pub annotations: Labels,
    /// Of an alert: one for each set of labels.
    #[serde(default)]
    pub alerts: Vec<ActiveAlert>,
}

/// An alert that is pending or fires.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActiveAlert {
    /// `alertname` among them.
    pub labels: Labels,
    /// With their templates filled in.
    pub annotations: Labels,
    /// `pending` or `firing`.
    pub state: String,
    /// RFC 3339.
    pub active_at: String,
    /// Of the expression.
    #[serde(deserialize_with = "number")]
    pub value: f64,
}

/// Something that is scraped.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// `job` and `instance` among them.
    pub labels: Labels,
    /// The address that is scraped.
    pub scrape_url: String,
    /// `up`, `down`, or `unknown` before the first scrape.
    pub health: String,
    /// Why the last scrape failed; empty when it did not.
    pub last_error: String,
    /// Seconds that the last scrape took.
    pub last_scrape_duration: f64,
    /// Seconds between two scrapes.
    #[serde(deserialize_with = "duration")]
    pub scrape_interval: f64,
}

/// What a target says about a metric.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Metadata {
    /// `counter`, `gauge`, `histogram` and so on.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its help text.
    pub help: String,
}

/// Which Prometheus it is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Build {
    /// As in `2.42.0`.
    pub version: String,
}

#[derive(Deserialize)]
pub(super) struct Rules {
    pub(super) groups: Vec<RuleGroup>,
}

#[derive(Deserialize)]
pub(super) struct Alerts {
    pub(super) alerts: Vec<ActiveAlert>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Targets {
    pub(super) active_targets: Vec<Target>,
}

fn duration<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    let text = String::deserialize(from)?;
    let duration = super::read_duration(&text).map_err(D::Error::custom)?;
    Ok(duration.as_secs_f64())
}
