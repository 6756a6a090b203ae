//! What is drilled: each fault with the alert that must find it, and the alerts that may come with it.

use api::faults::Fault;

use crate::rules::AlertName::{
    self, ApiTargetDown, ApiTelemetryAbsent, DbPoolStarved, DbPoolWaitEatsBudget, DbQueryErrors,
    DbQueryOverBudget, HealthCheckFailing, LoadGeneratorUnreliable, SloDbQueryBudgetBurn,
    SloHttpAvailabilityBudgetBurn, SloHttpLatencyBudgetBurn, TelemetryDropped, Watchdog,
};

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

/// Alerts that say nothing about the service: one is always there, the other judges the machine that the harness runs on.
pub const BESIDE: [AlertName; 2] = [Watchdog, LoadGeneratorUnreliable];

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
            // The requests that were under way have no answer and no series, but those of its last second may have been slow.
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
            Cause::Fault(_) => "drill",
            Cause::StoppedService => "pager",
        }
    }

    /// Whether an alert may fire while it goes on.
    #[must_use]
    pub fn allows(&self, alert: &str) -> bool {
        let mut expected = self.consequences.iter().chain(&BESIDE);
        alert == self.alert || expected.any(|expected| expected.as_str() == alert)
    }
}

/// Time that queries take is time that requests take, and that connections are in use.
const SLOW_DATABASE: &[AlertName] = &[
    DbQueryOverBudget,
    SloDbQueryBudgetBurn,
    SloHttpLatencyBudgetBurn,
    DbPoolWaitEatsBudget,
    DbPoolStarved,
];
/// Without a connection requests wait, then fail; so do the checks of the service's health.
const NO_CONNECTIONS: &[AlertName] = &[
    DbPoolStarved,
    DbPoolWaitEatsBudget,
    DbQueryErrors,
    HealthCheckFailing,
    SloHttpAvailabilityBudgetBurn,
    SloHttpLatencyBudgetBurn,
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
                assert!(exercise.allows(exercise.alert) && exercise.allows("Watchdog"));
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
            assert_eq!(flood.allows(alert.as_str()), alert == LogFlood, "{alert:?}");
        }
    }
}
