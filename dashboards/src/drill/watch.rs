//! What Prometheus and the catcher saw since a moment: which alerts were pending or fired when, and who was told.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Result;

use super::exercise::{DRILL, Exercise, is_beside};
use crate::catcher::{Delivery, Status};
use crate::prometheus::{Prometheus, Range, Stream};
use crate::rules::AlertName;

/// Between two points of the past of the alerts; the fast rules are evaluated every 500 ms.
const STEP: Duration = Duration::from_millis(100);

/// Seconds since 1970.
#[must_use]
pub fn now() -> f64 {
    seconds(SystemTime::now())
}

fn seconds(time: SystemTime) -> f64 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
}

/// The states of all alerts since a moment, as Prometheus recorded them.
#[derive(Debug)]
pub struct History(Vec<Stream>);

impl History {
    /// Asks for it.
    ///
    /// # Errors
    /// When Prometheus does not answer.
    pub async fn since(prometheus: &Prometheus, start: f64) -> Result<Self> {
        let range = Range {
            start,
            end: now(),
            step: STEP,
        };
        Ok(Self(prometheus.query_range("ALERTS", range).await?))
    }

    /// When an alert was first in a state, and the severity that it had then.
    #[must_use]
    pub fn first(&self, alert: &str, state: &str) -> Option<(f64, String)> {
        let streams = self
            .0
            .iter()
            .filter(|stream| is(stream, "alertname", alert) && is(stream, "alertstate", state));
        let firsts = streams.filter_map(|stream| {
            Some((
                stream.points.first()?.time,
                stream.labels.get("severity")?.clone(),
            ))
        });
        firsts.min_by(|(one, _), (other, _)| one.total_cmp(other))
    }

    /// Whether the machine did not let the harness run when it had to.
    #[must_use]
    pub fn stalled(&self) -> bool {
        self.first(AlertName::LoadGeneratorUnreliable.as_str(), "firing")
            .is_some()
    }

    /// An alert that fired and should not have, with its labels.
    #[must_use]
    pub fn unexpected(&self, exercise: &Exercise) -> Option<String> {
        let stalled = self.stalled();
        let is_allowed = |stream: &Stream| {
            let name = stream.labels.get("alertname");
            name.is_some_and(|name| exercise.allows(name, stalled))
        };
        let mut fired = self
            .0
            .iter()
            .filter(|stream| is(stream, "alertstate", "firing"));
        let stream = fired.find(|stream| !is_allowed(stream))?;
        Some(described(&stream.labels))
    }
}

fn is(stream: &Stream, label: &str, value: &str) -> bool {
    stream.labels.get(label).is_some_and(|has| has == value)
}

/// The name of an alert, and what tells it from others of the name.
pub(super) fn described(labels: &BTreeMap<String, String>) -> String {
    let hidden = ["__name__", "alertname", "alertstate", "instance", "job"];
    let name = labels.get("alertname").map_or("an alert", String::as_str);
    let labels = labels
        .iter()
        .filter(|(label, _)| !hidden.contains(&label.as_str()));
    let labels: Vec<_> = labels
        .map(|(label, value)| format!("{label}={value:?}"))
        .collect();
    format!("{name}{{{}}}", labels.join(","))
}

/// What was delivered since a moment.
#[derive(Debug)]
pub struct Deliveries(Vec<Delivery>);

impl Deliveries {
    /// Those of all deliveries that came since then.
    #[must_use]
    pub fn since(all: Vec<Delivery>, start: f64) -> Self {
        let all = all.into_iter();
        Self(
            all.filter(|delivery| seconds(delivery.time) >= start)
                .collect(),
        )
    }

    /// When an alert was first delivered as firing.
    #[must_use]
    pub fn first(&self, alert: &str) -> Option<f64> {
        let mut firing = self
            .0
            .iter()
            .filter(|delivery| delivery.status == Status::Firing);
        firing
            .find(|delivery| delivery.alert() == alert)
            .map(|delivery| seconds(delivery.time))
    }

    /// When the last one of an alert at a severity was delivered as resolved, if none is left firing.
    #[must_use]
    pub fn resolved(&self, alert: &str, severity: &str) -> Option<f64> {
        let mut last: BTreeMap<&BTreeMap<String, String>, &Delivery> = BTreeMap::new();
        let is_it = |delivery: &&Delivery| {
            delivery.alert() == alert && delivery.label("severity") == severity
        };
        for delivery in self.0.iter().filter(is_it) {
            last.insert(&delivery.labels, delivery);
        }
        let times = last
            .into_values()
            .map(|delivery| (delivery.status == Status::Resolved).then(|| seconds(delivery.time)));
        times
            .collect::<Option<Vec<_>>>()?
            .into_iter()
            .reduce(f64::max)
    }

    /// A delivery to somebody who should not have been told, on a machine that has `stalled`, or has not.
    #[must_use]
    pub fn astray(&self, exercise: &Exercise, stalled: bool) -> Option<String> {
        let right = exercise.receiver();
        let mut astray = self.0.iter().filter(|delivery| delivery.receiver != right);
        let delivery = astray.find(|delivery| {
            let alert = delivery.alert();
            // Of an exercise that is no drill to the service, consequences are told to whom they are for.
            let judged = right == DRILL || alert == exercise.alert;
            judged && !is_beside(alert, stalled)
        })?;
        Some(format!(
            "{} was delivered to {}",
            described(&delivery.labels),
            delivery.receiver
        ))
    }
}
