//! The alerts on error budgets that burn.

use std::time::Duration;

use super::{
    EVENTS, INTERVAL, Promise,
    record::{BAD, BUDGET, ratio},
    round,
};
use crate::{
    catalogue::recorded::SLO,
    rules::{
        Links,
        alert::{Alert, Severity},
        file::Group,
        group_of_alerts,
        speed::Speed,
    },
};

/// The label that says over which window a budget burns.
const WINDOW: &str = "window";
/// Bad events of this window at least: with fewer, chance alone can look like a fire. `LowVolumeErrors` is there for them.
const FEWEST_BAD: u32 = 10;

/// The alerts on budgets that burn.
#[must_use]
pub fn burn_alerts(promises: &[Promise], speed: Speed, links: &Links) -> Group {
    let alerts = promises
        .iter()
        .flat_map(|promise| BURNS.iter().map(|burn| burn.alert(promise, speed)));
    group_of_alerts("slo-alerts", speed, links, alerts.collect())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::slo::promises;

    #[test]
    fn the_factors_are_those_of_the_workbook() {
        let promises = promises().unwrap();
        let rules = BURNS.map(|burn| burn.alert(&promises[0], Speed::Normal).expression);
        for (rule, factor) in rules.iter().zip(["14.4", "6", "3", "1"]) {
            assert!(rule.contains(&format!("> {factor} * 0.001")), "{rule}");
        }
    }
}
