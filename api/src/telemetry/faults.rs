//! Which faults are switched on, and how often each was done.

use prometheus::{IntCounter, IntGauge, Registry, Result};

use super::catalogue;
use crate::faults::Fault;

/// Metrics of faults. Their series are there at zero, whether faults can be switched on or not.
pub struct FaultMetrics {
    active: Vec<IntGauge>,
    done: Vec<IntCounter>,
}

impl FaultMetrics {
    pub(super) fn new(registry: &Registry) -> Result<Self> {
        let active = catalogue::FAULT_ACTIVE.int_gauge(registry)?;
        let done = catalogue::FAULTS_INJECTED.int_counter(registry)?;
        let names = || Fault::ALL.iter().map(|fault| [fault.as_str()]);
        Ok(Self {
            active: names()
                .map(|name| active.with_label_values(&name))
                .collect(),
            done: names().map(|name| done.with_label_values(&name)).collect(),
        })
    }

    /// Shows whether `fault` is switched on.
    pub fn switched(&self, fault: Fault, on: bool) {
        if let Some(active) = self.active.get(fault as usize) {
            active.set(i64::from(on));
        }
    }

    /// Counts that `fault` was done so many times.
    pub fn done(&self, fault: Fault, times: u64) {
        if let Some(done) = self.done.get(fault as usize) {
            done.inc_by(times);
        }
    }
}
