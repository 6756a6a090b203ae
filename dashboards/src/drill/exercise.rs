//! What is drilled: each fault with the alert that must find it, and the alerts that may come with it.

use api::faults::Fault;

use crate::rules::AlertName::{
    self, ApiTargetDown, ApiTelemetryAbsent, CacheStampede, DbPoolStarved, DbPoolWaitEatsBudget,
    DbQueryErrors, DbQueryOverBudget, HealthCheckFailing, LoadGeneratorUnreliable,
    SloDbQueryBudgetBurn, SloHttpAvailabilityBudgetBurn, SloHttpLatencyBudgetBurn,
    TelemetryDropped, Watchdog, WorkerEventLoopBlocked,
};

use crate::stack::Traffic;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A switch of the service.
    Fault(Fault),
    /// The service is killed, and started again at the end.
    StoppedService,
}

/// One drill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exercise {
    /// What goes wrong.
    pub cause: Cause,
    /// The alert that must fire.
    pub alert: &'static str,
    /// Alerts that may fire, too: what the cause leads to.
    pub consequences: &'static [AlertName],
}

/// The receiver of what a fault switch caused.
pub const DRILL: &str = "drill";
/// Alerts that say nothing about the service: one is always there, the other says that the machine did not let the harness run.
pub const BESIDE: [AlertName; 2] = [Watchdog, LoadGeneratorUnreliable];
/// Alerts on time. A machine that does not let the harness run does not let the service run, either: while it is so, these say nothing about the
/// service.
const ON_TIME: [AlertName; 6] = [
    SloHttpLatencyBudgetBurn,
    SloDbQueryBudgetBurn,
    DbQueryOverBudget,
    DbPoolWaitEatsBudget,
    WorkerEventLoopBlocked,
    CacheStampede,
];

/// Whether an alert says nothing about the service, when the machine has `stalled`, or has not.
#[must_use]
pub fn is_beside(alert: &str, stalled: bool) -> bool {
    let is_one_of = |alerts: &[AlertName]| alerts.iter().any(|own| own.as_str() == alert);
    is_one_of(&BESIDE) || stalled && is_one_of(&ON_TIME)
}

impl Exercise {
    /// Every exercise, on the database of this address.
    #[must_use]
    pub fn all(database: &str) -> Vec<Self> {
        let is_sqlite = database.starts_with("sqlite:");
        let of_fault = |fault: &Fault| {
            let alert = fault.alert();
            Self {
                cause: Cause::Fault(*fault),
                alert: if is_sqlite {
                    alert.sqlite
                } else {
                    alert.postgres
                },
                consequences: consequences(*fault),
            }
        };
        let mut all: Vec<_> = Fault::ALL.iter().map(of_fault).collect();
        all.push(Self {
            cause: Cause::StoppedService,
            alert: ApiTargetDown.as_str(),
            // The requests that were under way have no answer, and so no series.
            consequences: &[ApiTelemetryAbsent],
        });
        all
    }

    /// Its name on the command line.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self.cause {
            Cause::Fault(fault) => fault.as_str(),
            Cause::StoppedService => "stopped_service",
        }
    }

    /// What it does, in one sentence.
    #[must_use]
    pub const fn does(&self) -> &'static str {
        match self.cause {
            Cause::Fault(fault) => fault.does(),
            Cause::StoppedService => "The service is killed.",
        }
    }

    /// The receiver that must be told: nobody is woken by a fault that the service itself knows to be a drill.
    #[must_use]
    pub const fn receiver(&self) -> &'static str {
        match self.cause {
            Cause::Fault(_) => DRILL,
            Cause::StoppedService => "pager",
        }
    }

    /// What must be sent for the fault to show.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        match self.cause {
            // Many must ask for the same thing at once.
            Cause::Fault(Fault::CacheStampede) => Traffic::Crowd,
            _ => Traffic::Usual,
        }
    }

    /// Whether an alert may fire while it goes on, on a machine that has `stalled`, or has not.
    #[must_use]
    pub fn allows(&self, alert: &str, stalled: bool) -> bool {
        let mut expected = self.consequences.iter();
        alert == self.alert
            || is_beside(alert, stalled)
            || expected.any(|expected| expected.as_str() == alert)
    }
}

/// Time that queries take is time that requests take, and that connections are in use.
const SLOW_DATABASE: &[AlertName] = &[
    DbQueryOverBudget,
    SloDbQueryBudgetBurn,
    SloHttpLatencyBudgetBurn,
    DbPoolWaitEatsBudget,
    DbPoolStarved,
    CacheStampede,
];
/// Without a connection requests wait, then fail; so do the checks of the service's health.
const NO_CONNECTIONS: &[AlertName] = &[
    DbPoolStarved,
    DbPoolWaitEatsBudget,
    DbQueryErrors,
    HealthCheckFailing,
    SloHttpAvailabilityBudgetBurn,
    SloHttpLatencyBudgetBurn,
    // What everybody wants is loaded by whoever waits for a connection.
    CacheStampede,
];

const fn consequences(fault: Fault) -> &'static [AlertName] {
    match fault {
        // Without the index another plan is taken, the slower one on a large database.
        Fault::SlowQuery | Fault::DroppedIndex => SLOW_DATABASE,
        // On PostgreSQL the statement waits, on SQLite whoever wants to write.
        Fault::LockWait => &[
            DbQueryOverBudget,
            SloDbQueryBudgetBurn,
            SloHttpLatencyBudgetBurn,
            DbPoolWaitEatsBudget,
            DbPoolStarved,
            DbQueryErrors,
        ],
        Fault::SmallPool | Fault::LeakedConnection => NO_CONNECTIONS,
        // Many small queries in the place of one: the answer is late where the machine is slow.
        Fault::NPlusOne | Fault::CacheStampede => &[SloHttpLatencyBudgetBurn, DbPoolWaitEatsBudget],
        // All that this worker does is late: its requests, its queries, its waits.
        Fault::BlockedWorker => &[
            SloHttpLatencyBudgetBurn,
            SloDbQueryBudgetBurn,
            DbQueryOverBudget,
            DbPoolWaitEatsBudget,
            DbPoolStarved,
        ],
        // A panic is answered 500.
        Fault::Panics => &[SloHttpAvailabilityBudgetBurn],
        Fault::Errors | Fault::Disconnects | Fault::LabelFlood => &[],
        // Who reads the log may be too slow for it.
        Fault::LogFlood => &[TelemetryDropped],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::AlertName::{
        HandlerPanics, LogFlood, QueryPlanChanged, WorkerEventLoopBlocked,
    };

    #[test]
    fn every_fault_is_drilled_and_raises_an_alert_that_exists() {
        for database in ["sqlite:x.db", "postgres://127.0.0.1/x"] {
            let all = Exercise::all(database);
            assert_eq!(all.len(), Fault::ALL.len() + 1);
            for exercise in all {
                let mut known = AlertName::ALL.iter().map(|alert| alert.as_str());
                assert!(known.any(|alert| alert == exercise.alert), "{exercise:?}");
                assert!(
                    exercise.allows(exercise.alert, false) && exercise.allows("Watchdog", false)
                );
            }
        }
    }

    #[test]
    fn what_is_neither_named_nor_a_consequence_is_not_allowed() {
        let all = Exercise::all("sqlite:x.db");
        let flood = all
            .iter()
            .find(|exercise| exercise.name() == "log_flood")
            .unwrap();
        for alert in [
            HandlerPanics,
            LogFlood,
            QueryPlanChanged,
            WorkerEventLoopBlocked,
        ] {
            assert_eq!(
                flood.allows(alert.as_str(), false),
                alert == LogFlood,
                "{alert:?}"
            );
        }
    }

    #[test]
    fn alerts_on_time_say_nothing_while_the_machine_stalls() {
        let all = Exercise::all("sqlite:x.db");
        let panics = all
            .iter()
            .find(|exercise| exercise.name() == "panics")
            .unwrap();
        for (alert, stalled, allowed) in [
            (SloHttpLatencyBudgetBurn, false, false),
            (SloHttpLatencyBudgetBurn, true, true),
            (QueryPlanChanged, true, false),
        ] {
            assert_eq!(panics.allows(alert.as_str(), stalled), allowed, "{alert:?}");
        }
    }
}
