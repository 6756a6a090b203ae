//! The generator: whether its clock and its figures can be trusted.

use crate::budgets::{Budgets, GeneratorLimits};
use crate::evidence::{Evidence, GeneratorRecord, Histogram};
use crate::numbers::{milliseconds, ratio, whole};
use crate::wording::{percent, share, time};
use serde::{Deserialize, Serialize};

/// What the generator was like, over all rounds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct GeneratorFigures {
    /// Whole seconds of all rounds.
    pub seconds: u64,
    /// Of which it spoilt so many, because it did not run.
    pub tainted_seconds: u64,
    /// Times in which it did not run.
    pub gaps: u64,
    /// The longest of them.
    pub longest_gap_ms: f64,
    /// The share of the processors it may use that it used; None where that is not known.
    pub cpu_share: Option<f64>,
    /// How long its threads waited for a processor, as a share of the time of the processors it may
    /// use; more than 1 where several waited at once, None where that is not known.
    #[serde(default)]
    pub cpu_wait_share: Option<f64>,
    /// The processors it may use.
    pub cores: f64,
    /// Processor seconds that the host took away from this machine.
    pub stolen_seconds: f64,
    /// 99 of 100 free users began no later than this after the time.
    pub slip_p99_ms: Option<f64>,
    /// Requests that were due; 0 in a closed model.
    pub due: u64,
    /// Of these, those that were begun.
    pub begun: u64,
    /// Of these, those that no user was free for when they were due.
    pub waited: u64,
    /// Users at the end.
    pub users: u64,
    /// Why it cannot be trusted; empty when it can.
    pub doubts: Vec<String>,
}

impl GeneratorFigures {
    /// The share of the seconds that it spoilt.
    #[must_use]
    pub fn tainted_share(&self) -> f64 {
        ratio(self.tainted_seconds, self.seconds)
    }

    /// The share of the requests due that were begun; None in a closed model.
    #[must_use]
    pub fn begun_share(&self) -> Option<f64> {
        (self.due > 0).then(|| ratio(self.begun, self.due))
    }

    /// Whether what it measured can be trusted.
    #[must_use]
    pub fn is_trusted(&self) -> bool {
        self.doubts.is_empty()
    }

    /// Whether it spoilt more seconds than allowed, which more rounds can outweigh.
    #[must_use]
    pub fn is_tainted(&self, limits: &GeneratorLimits) -> bool {
        self.tainted_share() > limits.tainted.0
    }

    /// Whether its own lack of processors may be what made requests late, and how much it wanted.
    ///
    /// A second in which a thread was ready to run and had to wait is one that it would have used,
    /// so it counts like one that was used
    /// (<https://docs.kernel.org/accounting/psi.html>, "some", is the same figure for a machine).
    /// Threads that wake for a moment often wait for longer than they run, above all where the
    /// target is on the same machine. As long as users were free that does no harm which the
    /// lateness of their begins does not show. Where requests waited for a user, though, nobody
    /// can tell whom that user was waiting for. In a closed model no request is known to have
    /// waited: there a generator is doubted that is busy itself.
    fn starved_by(&self, limits: &GeneratorLimits) -> Option<f64> {
        let (used, waited) = (self.cpu_share?, self.cpu_wait_share?);
        let late = match self.due {
            0 => used > limits.cpu.0 / 2.0,
            due => ratio(self.waited, due) > 1.0 - limits.begun.0,
        };
        // A limit of all there is is none.
        let limited = limits.cpu.0 < 1.0;
        (late && limited && used + waited > limits.cpu.0).then_some(waited)
    }

    fn find_doubts(&mut self, limits: &GeneratorLimits) {
        if self.is_tainted(limits) {
            self.doubts.push(format!(
                "it did not run in {} of {} seconds ({}, allowed {})",
                self.tainted_seconds,
                self.seconds,
                percent(self.tainted_share()),
                limits.tainted
            ));
        }
        if let Some(share) = self.cpu_share
            && share > limits.cpu.0
        {
            let (share, allowed) = (percent(share), limits.cpu);
            let doubt = format!("it used {share} of its processors, allowed {allowed}");
            self.doubts.push(doubt);
        } else if let Some(waited) = self.starved_by(limits) {
            let used = percent(self.cpu_share.unwrap_or_default());
            self.doubts.push(format!(
                "it used {used} of its processors and waited for another {}, allowed {} together: \
                 requests may have been late because of it",
                share((waited * 1e3).round() / 1e3),
                limits.cpu
            ));
        }
        if let Some(ms) = self.slip_p99_ms
            && ms > limits.slip_p99.ms()
        {
            let (slip, allowed) = (time(ms), time(limits.slip_p99.ms()));
            let doubt = format!("1 of 100 requests began {slip} late or later, allowed {allowed}");
            self.doubts.push(doubt);
        }
        if let Some(share) = self.begun_share()
            && share < limits.begun.0
        {
            self.doubts.push(format!(
                "it began {} of the requests that were due, at least {} required",
                percent(share),
                limits.begun
            ));
        }
    }
}

pub(super) fn figures(evidence: &Evidence, budgets: &Budgets) -> GeneratorFigures {
    let mut figures = GeneratorFigures::default();
    let mut slip = Histogram::default();
    let (mut used, mut usable, mut waited) = (0.0, 0.0, Some(0.0));
    for round in &evidence.rounds {
        let GeneratorRecord { cores, users, .. } = round.generator;
        let record = &round.generator;
        slip.merge(&record.slip);
        used += record.cpu_seconds;
        waited = waited
            .zip(record.cpu_wait_seconds)
            .map(|(sum, seconds)| sum + seconds);
        usable += cores * round.seconds;
        figures.cores = cores;
        figures.users = users;
        add(&mut figures, record);
        figures.seconds += whole(round.seconds.ceil());
    }
    if usable > 0.0 {
        figures.cpu_share = Some(used / usable);
        figures.cpu_wait_share = waited.map(|waited| waited / usable);
    }
    figures.slip_p99_ms = slip.quantile(0.99).map(milliseconds);
    figures.find_doubts(&budgets.generator);
    figures
}

fn add(figures: &mut GeneratorFigures, record: &GeneratorRecord) {
    let longest = record.gaps.iter().map(|(_, length)| *length);
    figures.longest_gap_ms = longest.fold(figures.longest_gap_ms, f64::max);
    figures.gaps += record.gaps.iter().map(|_| 1).sum::<u64>();
    figures.tainted_seconds += record.tainted.iter().map(|_| 1).sum::<u64>();
    figures.stolen_seconds += record.stolen_seconds;
    figures.due += record.due;
    figures.begun += record.begun;
    figures.waited += record.waited;
}
