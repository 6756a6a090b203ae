//! What is recorded of each promise: its events, their ratios over several windows, what is left of its budget.

use std::time::Duration;

use api::telemetry::catalogue::{HTTP_DURATION, QUERY_DURATION, QUERY_OVER_BUDGET, label};

use super::{EVENTS, INTERVAL, Kind, Promise, round};
use crate::{
    catalogue::recorded::{self, SLO},
    promql::write::{buckets, count, series, sum_by},
    rules::{
        file::{Group, Labels, Record, Rule},
        of_users,
        speed::Speed,
    },
};

/// How often what changes slowly is evaluated: the windows of days, which read many samples.
const SLOW_INTERVAL: Duration = Duration::from_mins(2);

pub(super) const BAD: &str = "slo:events_bad:increase5m";
const TOTAL: &str = "slo:events_total:increase5m";
const OBJECTIVE: &str = recorded::OBJECTIVE.name;
pub(super) const BUDGET: &str = recorded::BUDGET_REMAINING.name;

/// The name of the share of bad events over a window; that of the normal window at every speed.
pub(super) fn ratio(window: Duration) -> String {
    format!("slo:error_ratio:{}", Speed::Normal.text(window))
}

/// The recorded series: events, then their ratios, then what is left of the budgets. The names are those of the normal windows at every speed.
#[must_use]
pub fn recorded(promises: &[Promise], speed: Speed) -> Vec<Group> {
    let group = |name, interval, rules: Vec<Vec<Rule>>| Group {
        name,
        interval: speed.text(interval),
        rules: rules.concat(),
    };
    let of_each = |rules: &dyn Fn(&Promise) -> Vec<Rule>| promises.iter().map(rules).collect();
    vec![
        group(
            "slo-events",
            INTERVAL,
            of_each(&|promise| events(promise, speed)),
        ),
        group(
            "slo-ratios",
            INTERVAL,
            of_each(&|promise| ratios(promise, speed)),
        ),
        group(
            "slo-budgets",
            SLOW_INTERVAL,
            of_each(&|promise| budgets(promise, speed)),
        ),
    ]
}

fn record(name: impl Into<String>, expr: String, promise: &Promise) -> Rule {
    Rule::Record(Record {
        record: name.into(),
        expr,
        labels: Labels(vec![(SLO, promise.kind.as_str().to_owned())]),
    })
}

fn events(promise: &Promise, speed: Speed) -> Vec<Rule> {
    let window = speed.text(EVENTS);
    vec![
        record(BAD, promise.kind.bad(&window), promise),
        record(TOTAL, promise.kind.total(&window), promise),
    ]
}

/// The windows up to six hours. That of five minutes is the recorded events themselves.
fn ratios(promise: &Promise, speed: Speed) -> Vec<Rule> {
    let slo = promise.kind.as_str();
    let newest = format!("{BAD}{{slo=\"{slo}\"}}\n/\n({TOTAL}{{slo=\"{slo}\"}} > 0)");
    let windows =
        [30, 60, 120, 360].map(|minutes| over(promise, Duration::from_mins(minutes), speed));
    let mut rules = vec![record(ratio(EVENTS), newest, promise)];
    rules.extend(windows);
    rules
}

/// The windows of days, the promise itself, and what is left of its budget.
fn budgets(promise: &Promise, speed: Speed) -> Vec<Rule> {
    let slo = promise.kind.as_str();
    let (whole, budget) = (ratio(promise.window), promise.budget);
    vec![
        over(promise, Duration::from_hours(24), speed),
        over(promise, Duration::from_hours(72), speed),
        over(promise, promise.window, speed),
        record(
            OBJECTIVE,
            format!("vector({})", round(1.0 - budget)),
            promise,
        ),
        record(
            BUDGET,
            format!("1 - {whole}{{slo=\"{slo}\"}} / {budget}"),
            promise,
        ),
    ]
}

/// Weighted by traffic: bad events by all events of the window, not the mean of ratios, in which a quiet night would count like a busy day.
fn over(promise: &Promise, window: Duration, speed: Speed) -> Rule {
    let (slo, time) = (promise.kind.as_str(), speed.text(window));
    let sum = |events| format!("sum_over_time({events}{{slo=\"{slo}\"}}[{time}])");
    let expr = format!("{}\n/\n({} > 0)", sum(BAD), sum(TOTAL));
    record(ratio(window), expr, promise)
}

impl Kind {
    /// All events of a window, one series for each job.
    fn total(self, window: &str) -> String {
        let events = match self {
            Self::HttpAvailability => of_users(count(&HTTP_DURATION)).ne(label::STATUS, 499),
            Self::HttpLatency => of_users(count(&HTTP_DURATION)).misses(label::STATUS, "5..|499"),
            Self::DbQuery => count(&QUERY_DURATION),
        };
        sum_by(&["job"], events.increase(window))
    }

    /// Bad events of a window, one series for each job.
    fn bad(self, window: &str) -> String {
        let bad = match self {
            Self::HttpAvailability => of_users(count(&HTTP_DURATION)).fits(label::STATUS, "5.."),
            Self::DbQuery => series(&QUERY_OVER_BUDGET),
            Self::HttpLatency => {
                let good = of_users(buckets(&HTTP_DURATION))
                    .misses(label::STATUS, "5..|499")
                    .eq("le", 0.1);
                let good = sum_by(&["job"], good.increase(window));
                return format!("{}\n-\n{good}", self.total(window));
            }
        };
        sum_by(&["job"], bad.increase(window))
    }
}
