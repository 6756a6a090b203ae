//! `report.json`: the complete report, stable within one number of its schema.
//!
//! Fields may be added; when one is removed or changes its meaning, [`SCHEMA`] goes up.

use crate::judge::{Judgement, Reason, Verdict};
use crate::measurements::Measurements;
use crate::settings::{Settings, SettingsShown};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

/// The version of the shape.
pub const SCHEMA: u32 = 1;

/// A whole report.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// The version of this shape: 1.
    pub schema: u32,
    /// Over the whole run.
    pub verdict: Verdict,
    /// What stands against a pass.
    pub reasons: Vec<Reason>,
    /// When the run began, RFC 3339 in UTC.
    pub started: String,
    /// The command, without passwords.
    pub command: String,
    /// What it amounted to.
    pub settings: SettingsShown,
    /// The text of the budgets file.
    pub budgets: String,
    /// Everything that was measured.
    #[serde(flatten)]
    pub measured: Measurements,
}

impl Report {
    /// Puts a report together.
    #[must_use]
    pub fn new(
        settings: &Settings,
        command: String,
        started: DateTime<Utc>,
        measured: Measurements,
        judgement: Judgement,
    ) -> Self {
        Self {
            schema: SCHEMA,
            verdict: judgement.verdict,
            reasons: judgement.reasons,
            started: started.to_rfc3339_opts(SecondsFormat::Secs, true),
            command,
            settings: settings.shown(),
            budgets: settings.budgets.text().to_owned(),
            measured,
        }
    }

    /// The verdict over one route or query, or the `target`.
    #[must_use]
    pub fn verdict_of(&self, subject: &str) -> Verdict {
        Reason::worst(&self.reasons, subject)
    }
}
