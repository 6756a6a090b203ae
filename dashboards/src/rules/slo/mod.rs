//! The promises of `slo.toml`: what is recorded of them, and the alerts when their error budgets burn.
//!
//! A budget is the share of events that may be bad within the promise's window. How fast it burns is looked at over several windows at once,
//! as in the SRE workbook, "Alerting on SLOs", table 5-8 (<https://sre.google/workbook/alerting-on-slos/>): a long window says that it matters,
//! a short one that it still goes on.
//!
//! Here is what is promised; `record` has the recorded series, `burn` the alerts. **A new promise**: a section of `slo.toml`, a
//! [`Kind`], and what its events are in `record`.

mod burn;
mod record;

use std::time::Duration;

use serde::Deserialize;

pub use self::{burn::burn_alerts, record::recorded};
use super::{RulesError, alert::AlertName};
use crate::boards;

/// How often rules are evaluated.
pub const INTERVAL: Duration = Duration::from_secs(30);
/// The window of the events that all others are added up from.
const EVENTS: Duration = Duration::from_mins(5);

/// One promise.
#[derive(Clone, Debug)]
pub struct Promise {
    /// What it is about.
    pub kind: Kind,
    /// The share of events that may be bad.
    pub budget: f64,
    /// The window of the budget.
    pub window: Duration,
}

/// What a promise is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Answers that are no 5xx.
    HttpAvailability,
    /// Answers within 100 ms.
    HttpLatency,
    /// Queries within their budgets.
    DbQuery,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Toml {
    http_availability: Said,
    #[serde(rename = "http-latency-100ms")]
    http_latency: Said,
    #[serde(rename = "db-query-100ms")]
    db_query: Said,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    objective: f64,
    window_days: u32,
    /// Not used by the rules: for whoever reads the file.
    #[serde(rename = "description")]
    _description: String,
}

/// What `slo.toml` promises.
///
/// # Errors
/// A sentence that says which line promises what cannot be.
pub fn promises() -> Result<[Promise; 3], RulesError> {
    read(include_str!("../../../slo.toml"))
}

fn read(text: &str) -> Result<[Promise; 3], RulesError> {
    let toml: Toml = toml::from_str(text)
        .map_err(|error| RulesError(format!("slo.toml: {}", error.message())))?;
    Ok([
        promise(Kind::HttpAvailability, &toml.http_availability)?,
        promise(Kind::HttpLatency, &toml.http_latency)?,
        promise(Kind::DbQuery, &toml.db_query)?,
    ])
}

fn promise(kind: Kind, said: &Said) -> Result<Promise, RulesError> {
    let name = kind.as_str();
    if !(said.objective > 0.0 && said.objective < 1.0) {
        let objective = said.objective;
        return Err(RulesError(format!(
            "slo.toml: the objective of {name} is {objective}: take a share above 0 and below 1"
        )));
    }
    // The longest window of an alert is three days: the budget's is longer.
    if said.window_days < 7 {
        return Err(RulesError(format!(
            "slo.toml: the window of {name} is shorter than a week: take 28 or 30 days"
        )));
    }
    Ok(Promise {
        kind,
        budget: round(1.0 - said.objective),
        window: Duration::from_hours(24 * u64::from(said.window_days)),
    })
}

/// Without the noise of binary fractions: 1 - 0.999 is meant to be 0.001.
fn round(number: f64) -> f64 {
    (number * 1e9).round() / 1e9
}

impl Kind {
    /// The value of the label `slo`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HttpAvailability => "http-availability",
            Self::HttpLatency => "http-latency-100ms",
            Self::DbQuery => "db-query-100ms",
        }
    }

    const fn alert(self) -> AlertName {
        match self {
            Self::HttpAvailability => AlertName::SloHttpAvailabilityBudgetBurn,
            Self::HttpLatency => AlertName::SloHttpLatencyBudgetBurn,
            Self::DbQuery => AlertName::SloDbQueryBudgetBurn,
        }
    }

    /// What is counted, and what a bad one did.
    const fn bad_events(self) -> [&'static str; 2] {
        match self {
            Self::HttpAvailability => ["requests", "end with a 5xx"],
            Self::HttpLatency => ["answers", "take longer than 100 ms"],
            Self::DbQuery => ["queries", "take longer than their budget"],
        }
    }

    const fn board(self) -> &'static str {
        match self {
            Self::HttpAvailability | Self::HttpLatency => boards::RED,
            Self::DbQuery => boards::QUERIES,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault_with(before: &str, after: &str) -> String {
        let text = include_str!("../../../slo.toml");
        assert!(text.contains(before), "{before}");
        read(&text.replacen(before, after, 1)).unwrap_err().0
    }

    #[test]
    fn a_promise_that_cannot_be_is_refused_in_one_sentence() {
        for (before, after, expected) in [
            (
                "\nobjective = 0.999",
                "\nobjective = 99.9",
                "http-availability is 99.9: take a share",
            ),
            (
                "\nobjective = 0.999",
                "\nobjective = 1.0",
                "above 0 and below 1",
            ),
            (
                "\nwindow_days = 30",
                "\nwindow_days = 6",
                "shorter than a week",
            ),
            ("\nwindow_days", "\nwindow", "unknown field `window`"),
            ("[http-availability]", "[availability]", "slo.toml"),
        ] {
            let fault = fault_with(before, after);
            assert!(fault.contains(expected), "{fault}");
        }
    }
}
