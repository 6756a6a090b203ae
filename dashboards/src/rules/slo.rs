//! The promises of `slo.toml`: what is recorded of them, and the alerts when their error budgets burn.
//!
//! A budget is the share of events that may be bad within the promise's window. How fast it burns is looked at over several windows at once,
//! as in the SRE workbook, "Alerting on SLOs", table 5-8 (<https://sre.google/workbook/alerting-on-slos/>): a long window says that it matters,
//! a short one that it still goes on.

use std::time::Duration;

use serde::Deserialize;

use super::{
    Links, RulesError,
    alert::{Alert, AlertName, Severity},
    file::{Group, Labels, Record, Rule},
    group_of_alerts,
    speed::Speed,
};
use crate::{
    boards,
    catalogue::recorded::{self, SLO},
    promql::write::{buckets, count, series, sum_by},
};
use api::telemetry::catalogue::{HTTP_DURATION, QUERY_DURATION, QUERY_OVER_BUDGET, label};

/// How often rules are evaluated.
pub const INTERVAL: Duration = Duration::from_secs(30);
/// How often what changes slowly is evaluated: the windows of days, which read many samples.
const SLOW_INTERVAL: Duration = Duration::from_mins(2);
/// The window of the events that all others are added up from.
const EVENTS: Duration = Duration::from_mins(5);
/// The label that says over which window a budget burns.
pub const WINDOW: &str = "window";
/// Bad events of this window at least: with fewer, chance alone can look like a fire. `LowVolumeErrors` is there for them.
const FEWEST_BAD: u32 = 10;

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
    read(include_str!("../../slo.toml"))
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
    // Shorter than the longest window of an alert, the budget would be gone before anybody is told.
    if said.window_days < 3 {
        return Err(RulesError(format!(
            "slo.toml: the window of {name} is shorter than 3 days: take 28 or 30"
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

    /// All events of a window, one series for each job.
    fn total(self, window: &str) -> String {
        let events = match self {
            Self::HttpAvailability => count(&HTTP_DURATION).ne(label::STATUS, 499),
            Self::HttpLatency => count(&HTTP_DURATION).misses(label::STATUS, "5..|499"),
            Self::DbQuery => count(&QUERY_DURATION),
        };
        sum_by(&["job"], events.increase(window))
    }

    /// Bad events of a window, one series for each job.
    fn bad(self, window: &str) -> String {
        let bad = match self {
            Self::HttpAvailability => count(&HTTP_DURATION).fits(label::STATUS, "5.."),
            Self::DbQuery => series(&QUERY_OVER_BUDGET),
            Self::HttpLatency => {
                let good = buckets(&HTTP_DURATION)
                    .misses(label::STATUS, "5..|499")
                    .eq("le", 0.1);
                let good = sum_by(&["job"], good.increase(window));
                return format!("{}\n-\n{good}", self.total(window));
            }
        };
        sum_by(&["job"], bad.increase(window))
    }
}

/// A window of the alerts, with a shorter one that says whether it still goes on.
struct Burn {
    severity: Severity,
    /// The share of the budget that is gone when this alert fires.
    spent: f64,
    long: Duration,
    short: Duration,
    hold: Duration,
    keep: Duration,
}

/// SRE workbook, table 5-8: 2 % of the budget in an hour or 5 % in six is somebody's night, 10 % in a day or three is somebody's day.
const BURNS: [Burn; 4] = [
    Burn::page(0.02, Duration::from_hours(1), Duration::from_mins(5)),
    Burn::page(0.05, Duration::from_hours(6), Duration::from_mins(30)),
    Burn::ticket(0.1, Duration::from_hours(24), Duration::from_hours(2)),
    Burn::ticket(0.1, Duration::from_hours(72), Duration::from_hours(6)),
];

impl Burn {
    const fn page(spent: f64, long: Duration, short: Duration) -> Self {
        Self {
            severity: Severity::Page,
            spent,
            long,
            short,
            hold: Duration::from_mins(2),
            keep: Duration::from_mins(5),
        }
    }

    const fn ticket(spent: f64, long: Duration, short: Duration) -> Self {
        Self {
            severity: Severity::Ticket,
            spent,
            long,
            short,
            hold: Duration::from_mins(15),
            keep: Duration::from_mins(30),
        }
    }

    fn alert(&self, promise: &Promise, speed: Speed) -> Alert {
        let slo = promise.kind.as_str();
        let rate = round(self.spent * promise.window.as_secs_f64() / self.long.as_secs_f64());
        let ratio = |window| {
            format!(
                "{}{{slo=\"{slo}\"}} > {rate} * {}",
                ratio(window),
                promise.budget
            )
        };
        // Each event is in so many samples of the recorded increases.
        let samples = EVENTS.as_secs() / INTERVAL.as_secs();
        let expression = format!(
            "{}\nand\n{}\nand on (job)\nsum_over_time({BAD}{{slo=\"{slo}\"}}[{}]) / {samples} >= {FEWEST_BAD}",
            ratio(self.long),
            ratio(self.short),
            speed.text(self.long),
        );
        let (window, [events, bad]) = (Speed::Normal.text(self.long), promise.kind.bad_events());
        let description = format!(
            "Over {window}, {{{{ $value | humanizePercentage }}}} of the {events} {bad}: the budget of {slo} burns at least {rate} times as fast as it \
             comes back. Left of it: {{{{ with query (printf \"{BUDGET}{{job=%q,slo='{slo}'}}\" $labels.job) }}}}{{{{ . | first | value | \
             humanizePercentage }}}}{{{{ else }}}}not known{{{{ end }}}}."
        );
        // The recorded increases of the short window reach back further than it by their own.
        let reach = self.short + EVENTS;
        let alert = Alert::new(promise.kind.alert(), self.severity, reach, expression)
            .hold(self.hold)
            .says(&format!("Too many {events} {bad}"), description)
            .shows(promise.kind.board(), &[("job", "job")]);
        Alert {
            keep: self.keep,
            labels: vec![(SLO, slo.to_owned()), (WINDOW, window)],
            ..alert
        }
    }
}

const BAD: &str = "slo:events_bad:increase5m";
const TOTAL: &str = "slo:events_total:increase5m";
const OBJECTIVE: &str = recorded::OBJECTIVE.name;
const BUDGET: &str = recorded::BUDGET_REMAINING.name;

fn ratio(window: Duration) -> String {
    format!("slo:error_ratio:{}", Speed::Normal.text(window))
}

/// The alerts on budgets that burn.
#[must_use]
pub fn burn_alerts(promises: &[Promise], speed: Speed, links: &Links) -> Group {
    let alerts = promises
        .iter()
        .flat_map(|promise| BURNS.iter().map(|burn| burn.alert(promise, speed)));
    group_of_alerts("slo-alerts", speed, links, alerts.collect())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn fault_with(before: &str, after: &str) -> String {
        let text = include_str!("../../slo.toml");
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
                "\nwindow_days = 1",
                "shorter than 3 days",
            ),
            ("\nwindow_days", "\nwindow", "unknown field `window`"),
            ("[http-availability]", "[availability]", "slo.toml"),
        ] {
            let fault = fault_with(before, after);
            assert!(fault.contains(expected), "{fault}");
        }
    }

    #[test]
    fn the_factors_are_those_of_the_workbook() {
        let promises = promises().unwrap();
        let rules = BURNS.map(|burn| burn.alert(&promises[0], Speed::Normal).expression);
        for (rule, factor) in rules.iter().zip(["14.4", "6", "3", "1"]) {
            assert!(rule.contains(&format!("> {factor} * 0.001")), "{rule}");
        }
    }
}
