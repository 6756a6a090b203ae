//! The alerts besides those on budgets, by what they are about.
//!
//! Thresholds are shares at a boundary of a histogram where there is one: such a share is counted, a quantile is estimated. Where few events
//! make a share meaningless, the expression asks for a hundred of them in an hour.

mod database;
mod processes;
mod requests;
mod sums;
mod telemetry;

use std::time::Duration;

use super::{Links, file::Group, group_of_alerts, speed::Speed};
use crate::promql::write::{Series, buckets, count, sum_by};
use api::telemetry::MetricFamily;

/// The job under which Prometheus scrapes the service.
pub const JOB: &str = "api";
/// The labels of one target.
const TARGET: [&str; 2] = ["job", "instance"];

const fn minutes(minutes: u64) -> Duration {
    Duration::from_mins(minutes)
}

/// The groups of alerts.
#[must_use]
pub fn groups(speed: Speed, links: &Links) -> Vec<Group> {
    [
        ("processes", processes::alerts(speed)),
        ("requests", requests::alerts(speed)),
        ("database", database::alerts(speed)),
        ("telemetry", telemetry::alerts(speed)),
    ]
    .map(|(name, alerts)| group_of_alerts(name, speed, links, alerts))
    .into()
}

/// The share of observations up to a boundary of the histogram, counted and not estimated; one for each set of these labels.
fn share_within(family: &MetricFamily, boundary: f64, labels: &[&str], window: &str) -> String {
    let within = buckets(family).eq("le", boundary).rate(window);
    let all = count(family).rate(window);
    format!("{} / {}", sum_by(labels, within), sum_by(labels, all))
}

/// A figure of a text that is a number of events, without the fraction that `increase` leaves.
const WHOLE: &str = "{{ $value | printf \"%.0f\" }}";

/// A hundred events an hour at least, so that one of them alone is no share; one series for each set of these labels.
fn often_enough(events: &Series, labels: &[&str], speed: Speed) -> String {
    let rate = sum_by(labels, events.rate(&speed.text(Duration::from_hours(1))));
    format!("{rate} > 100 / 3600")
}

/// Counters that have risen within the window. `increase` sees no first event of a series that begins with it: such a series is there now and
/// was not there at the window's beginning, although its target was already known.
fn risen(counter: &Series, window: &str) -> String {
    format!(
        "{} > 0\nor\n({counter} > 0 unless {counter} offset {window}) and on (job, instance) up offset {window}",
        counter.increase(window),
    )
}
