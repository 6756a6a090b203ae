//! What Alertmanager sends to a webhook, as far as anybody here asks.

use std::collections::BTreeMap;
use std::fmt;
use std::time::SystemTime;

use serde::{Deserialize, Serialize, Serializer};

/// The body of a webhook, version 4 of <https://prometheus.io/docs/alerting/latest/configuration/#webhook_config>.
#[derive(Debug, Deserialize)]
pub(super) struct Message {
    receiver: String,
    alerts: Vec<Alert>,
}

#[derive(Debug, Deserialize)]
struct Alert {
    status: Status,
    labels: BTreeMap<String, String>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

/// Whether an alert is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It is.
    Firing,
    /// It was.
    Resolved,
}

/// One alert in one message.
#[derive(Clone, Debug, Serialize)]
pub struct Delivery {
    /// When it came; written in UTC as RFC 3339 has it.
    #[serde(serialize_with = "rfc3339")]
    pub time: SystemTime,
    /// The receiver of Alertmanager that it was routed to.
    pub receiver: String,
    /// Whether the alert is there, or was.
    pub status: Status,
    /// The alert's labels; `alertname` is its name.
    pub labels: BTreeMap<String, String>,
    /// The alert's annotations.
    pub annotations: BTreeMap<String, String>,
}

impl Message {
    pub(super) fn deliveries(self, now: SystemTime) -> impl Iterator<Item = Delivery> {
        let Self { receiver, alerts } = self;
        alerts.into_iter().map(move |alert| Delivery {
            time: now,
            receiver: receiver.clone(),
            status: alert.status,
            labels: alert.labels,
            annotations: alert.annotations,
        })
    }
}

impl Delivery {
    /// The name of the alert.
    #[must_use]
    pub fn alert(&self) -> &str {
        self.label("alertname")
    }

    /// The value of a label; nothing where it has none.
    #[must_use]
    pub fn label(&self, name: &str) -> &str {
        self.labels.get(name).map_or("", String::as_str)
    }
}

/// As a line for people: time, receiver, status, name, and the labels that tell it from others of the name.
impl fmt::Display for Delivery {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = humantime::format_rfc3339_seconds(self.time).to_string();
        let time = time.get(11..19).unwrap_or_default();
        let status = match self.status {
            Status::Firing => "firing",
            Status::Resolved => "resolved",
        };
        let (receiver, alert) = (&self.receiver, self.alert());
        write!(formatter, "{time}  {receiver:<8} {status:<8}  {alert}")?;
        for (name, value) in self.labels.iter().filter(|(name, _)| *name != "alertname") {
            write!(formatter, "  {name}={value:?}")?;
        }
        Ok(())
    }
}

fn rfc3339<S: Serializer>(time: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&humantime::format_rfc3339_millis(*time))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = r#"{"version":"4","receiver":"drill","status":"firing","alerts":[
        {"status":"firing","labels":{"alertname":"CacheStampede","severity":"ticket"},"annotations":{"summary":"s"},
         "startsAt":"2024-01-01T00:00:00Z","endsAt":"0001-01-01T00:00:00Z","generatorURL":"","fingerprint":"f"},
        {"status":"resolved","labels":{"alertname":"Watchdog"}}]}"#;

    #[test]
    fn a_message_is_read_alert_by_alert() {
        let message: Message = serde_json::from_str(BODY).unwrap();
        let now = SystemTime::UNIX_EPOCH;
        let lines: Vec<_> = message
            .deliveries(now)
            .map(|delivery| delivery.to_string())
            .collect();
        assert_eq!(
            lines,
            [
                "00:00:00  drill    firing    CacheStampede  severity=\"ticket\"",
                "00:00:00  drill    resolved  Watchdog"
            ]
        );
    }
}
