//! The shape of a file of rules, as Prometheus reads it.

use serde::Serialize;

use super::RulesError;

/// A file.
#[derive(Clone, Debug, Serialize)]
pub struct RulesFile {
    /// Groups; the rules of one are evaluated one after the other.
    pub groups: Vec<Group>,
}

/// Rules that are evaluated together.
#[derive(Clone, Debug, Serialize)]
pub struct Group {
    /// Its name, unique in the file.
    pub name: &'static str,
    /// How often.
    pub interval: String,
    /// In their order: a later one sees what an earlier one has recorded.
    pub rules: Vec<Rule>,
}

/// One rule: recording or alerting.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Rule {
    /// Writes a series.
    Record(Record),
    /// Raises an alert for each series of its expression.
    Alert(Box<AlertRule>),
}

/// Writes a series.
#[derive(Clone, Debug, Serialize)]
pub struct Record {
    /// The name of the series.
    pub record: String,
    /// What is written.
    pub expr: String,
    /// Labels that are added.
    #[serde(skip_serializing_if = "Labels::is_empty")]
    pub labels: Labels,
}

/// Raises an alert.
#[derive(Clone, Debug, Serialize)]
pub struct AlertRule {
    /// The name of the alert.
    pub alert: &'static str,
    /// What must not be.
    pub expr: String,
    /// For how long it must be so before the alert fires.
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    pub hold: Option<String>,
    /// For how long the alert goes on firing once it is no longer so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_firing_for: Option<String>,
    /// Labels that are added.
    pub labels: Labels,
    /// What is said to whoever is told.
    pub annotations: Labels,
}

/// Names and values, in the order in which they are written.
#[derive(Clone, Debug, Default)]
pub struct Labels(pub Vec<(&'static str, String)>);

impl Labels {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a label.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut labels = self.0.iter();
        labels
            .find(|(label, _)| *label == name)
            .map(|(_, value)| value.as_str())
    }
}

impl Serialize for Labels {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// Who wrote the file, so that nobody mends it by hand.
const HEAD: &str =
    "# Written by `cargo run -p dashboards -- generate`: change the code there, not this file.\n";

/// The file as YAML; text of several lines stays text of several lines.
///
/// # Errors
/// When it cannot be written down.
pub fn yaml(file: &impl Serialize) -> Result<String, RulesError> {
    let options = serde_saphyr::ser_options! {
        compact_list_indent: false,
        folded_wrap_chars: 140,
    };
    let text = serde_saphyr::to_string_with_options(file, options)
        .map_err(|error| RulesError(format!("YAML cannot be written: {error}")))?;
    Ok(format!("{HEAD}{text}"))
}
