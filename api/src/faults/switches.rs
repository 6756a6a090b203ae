//! The switches: which faults are on. Where faults are not wired there are none, and every question is answered without touching memory that
//! others share.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use tokio::sync::watch;

use super::Fault;
use crate::{
    config::{Config, Environment},
    telemetry::Metrics,
};

/// Above the bits of faults: plans of queries may be others than before, so fast calls are explained again.
const LOOKING: u32 = 1 << 30;
/// Above the bits of faults: the service stops, and nothing is switched on any more.
const ENDED: u32 = 1 << 31;

/// The switches. Clones are the same ones. The default has none: nothing can be switched on.
#[derive(Clone, Default)]
pub struct Faults(Option<Arc<Switches>>);

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self
            .0
            .as_ref()
            .map(|switches| switches.on.load(Ordering::Relaxed));
        f.debug_tuple("Faults").field(&state).finish()
    }
}

struct Switches {
    /// What requests look at: a copy of what is in `state`.
    on: AtomicU32,
    /// What tasks wait for.
    state: watch::Sender<u32>,
    /// How often each fault was asked whether it is its turn.
    asked: Vec<AtomicU32>,
    metrics: Arc<Metrics>,
    is_sqlite: bool,
}

impl Faults {
    /// The switches, all off, where the settings want them.
    ///
    /// # Errors
    /// A sentence, where the settings contradict each other.
    pub(crate) fn wired(config: &Config, metrics: &Arc<Metrics>) -> Result<Self, String> {
        if !config.faults.is_on() {
            return Ok(Self::default());
        }
        if config.environment == Environment::Production {
            return Err("CENTUM_FAULTS=on is refused with CENTUM_ENV=production, where nobody may break the service on purpose: leave out one of the two".to_owned());
        }
        if !config.telemetry.is_on() {
            return Err("CENTUM_FAULTS=on is refused with CENTUM_TELEMETRY=off, where no fault would be seen: leave out one of the two".to_owned());
        }
        tracing::warn!(
            event = "faults.wired",
            "CENTUM_FAULTS=on: whoever reaches the management listener can break this service; only for drills"
        );
        Ok(Self(Some(Arc::new(Switches {
            on: AtomicU32::new(0),
            state: watch::Sender::new(0),
            asked: Fault::ALL.iter().map(|_| AtomicU32::new(0)).collect(),
            metrics: Arc::clone(metrics),
            is_sqlite: config.database_url.starts_with("sqlite:"),
        }))))
    }

    /// Whether faults can be switched on at all.
    #[must_use]
    pub fn are_wired(&self) -> bool {
        self.0.is_some()
    }

    /// Whether `fault` is on.
    #[must_use]
    pub fn is_on(&self, fault: Fault) -> bool {
        self.has(fault.bit())
    }

    /// Whether `fault` is on and it is its turn, which it is once in `each` times. Then it is counted as done.
    #[must_use]
    pub fn is_due(&self, fault: Fault, each: u32) -> bool {
        if !self.is_on(fault) {
            return false;
        }
        let asked = self
            .0
            .as_ref()
            .and_then(|one| one.asked.get(fault as usize));
        let due = asked.is_some_and(|asked| asked.fetch_add(1, Ordering::Relaxed) % each == 0);
        if due {
            self.done(fault, 1);
        }
        due
    }

    /// Whether fast calls are explained again, because their plans may be others than before.
    #[must_use]
    pub(crate) fn look_at_plans(&self) -> bool {
        self.has(LOOKING)
    }

    /// The alert that `fault` must raise on the database of this service.
    #[must_use]
    pub fn alert(&self, fault: Fault) -> &'static str {
        let on_sqlite = self.0.as_ref().is_some_and(|one| one.is_sqlite);
        if on_sqlite {
            fault.alert().sqlite
        } else {
            fault.alert().postgres
        }
    }

    /// Switches `fault`. What it is already it stays, and once the service stops everything stays off.
    pub fn switch(&self, fault: Fault, on: bool) {
        self.change(|state| {
            if on {
                state | fault.bit()
            } else {
                state & !fault.bit()
            }
        });
    }

    /// Switches all faults off.
    pub fn switch_all_off(&self) {
        self.change(|state| state & (LOOKING | ENDED));
    }

    /// Switches all faults off for good: the service stops.
    pub(crate) fn end(&self) {
        self.change(|state| (state & LOOKING) | ENDED);
    }

    /// From now on fast calls are explained again, or no longer.
    pub(super) fn set_look_at_plans(&self, on: bool) {
        self.change(|state| {
            if on {
                state | LOOKING
            } else {
                state & !LOOKING
            }
        });
    }

    /// Counts that `fault` was done.
    pub(crate) fn done(&self, fault: Fault, times: u64) {
        if let Some(switches) = &self.0 {
            switches.metrics.faults.done(fault, times);
        }
    }

    /// Waits until `fault` is on. False: it never will be, because the service stops.
    pub(super) async fn turned_on(&self, fault: Fault) -> bool {
        let Some(switches) = &self.0 else {
            return false;
        };
        let mut state = switches.state.subscribe();
        let found = state.wait_for(|state| state & (fault.bit() | ENDED) != 0);
        found.await.is_ok_and(|state| *state & ENDED == 0)
    }

    /// Waits until `fault` is off.
    pub(super) async fn turned_off(&self, fault: Fault) {
        if let Some(switches) = &self.0 {
            let mut state = switches.state.subscribe();
            // The sender is here, so it cannot be gone.
            drop(state.wait_for(|state| state & fault.bit() == 0).await);
        }
    }

    /// Waits until plans are as they were before faults.
    pub(crate) async fn plans_are_back(&self) {
        if let Some(switches) = &self.0 {
            let mut state = switches.state.subscribe();
            // The sender is here, so it cannot be gone.
            drop(state.wait_for(|state| state & LOOKING == 0).await);
        }
    }

    fn has(&self, bit: u32) -> bool {
        self.0
            .as_ref()
            .is_some_and(|switches| switches.on.load(Ordering::Relaxed) & bit != 0)
    }

    /// One change after the other, so that the copy, the gauges and the log say what the switches say.
    fn change(&self, change: impl FnOnce(u32) -> u32) {
        let Some(switches) = &self.0 else {
            return;
        };
        switches.state.send_if_modified(|state| {
            let before = *state;
            let allowed = if before & ENDED == 0 {
                u32::MAX
            } else {
                LOOKING | ENDED
            };
            *state = change(before) & allowed;
            switches.on.store(*state, Ordering::Relaxed);
            for fault in Fault::ALL {
                let on = *state & fault.bit() != 0;
                if on != (before & fault.bit() != 0) {
                    switches.metrics.faults.switched(*fault, on);
                    let fault = fault.as_str();
                    tracing::warn!(event = "faults.switched", fault, on, "a fault was switched");
                }
            }
            *state != before
        });
    }
}
