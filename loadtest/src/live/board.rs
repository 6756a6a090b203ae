//! What is counted while a run runs, by names that begin with `loadtest_`.
//!
//! Counters grow over the whole run, from round to round, and the warm-up is counted too: it is told
//! apart by the label `phase`. The buckets are those of the service's own histogram, so that both
//! sides can be divided by each other. Seconds that the generator spoilt are in here: that they
//! were spoilt is known only afterwards.

use super::catalogue::{
    BEGUN, DUE, DURATION, Family, GAPS, Kind, OUTCOMES, OVER_BUDGET, PHASES, REQUESTS, RUN_INFO,
    SLIP, USERS, WAITED,
};
use crate::evidence::PlanShown;
use crate::recorder::Outcome;
use crate::traffic::RouteId;
use anyhow::Result;
use prometheus::core::Collector;
use prometheus::{
    Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    Opts, Registry, TextEncoder,
};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The counters of one run.
#[derive(Debug)]
pub struct Board {
    registry: Registry,
    /// By phase, then by route.
    routes: [Vec<Counters>; 2],
    phase: AtomicUsize,
    users: IntGauge,
    due: IntCounter,
    begun: IntCounter,
    waited: IntCounter,
    slip: Histogram,
    gaps: IntCounter,
    /// What the round at hand has said so far.
    said: Mutex<Said>,
}

/// Of one route in one phase.
#[derive(Debug)]
struct Counters {
    budget: Option<Duration>,
    /// In the order of [`OUTCOMES`].
    requests: [IntCounter; 3],
    over_budget: IntCounter,
    duration: Histogram,
}

/// What a round says of itself while it runs; it begins at 0 with each round.
#[derive(Clone, Copy, Debug, Default)]
pub struct Said {
    /// Requests that were due.
    pub due: u64,
    /// Users that were let in.
    pub users: u64,
    /// Times in which this program did not run.
    pub gaps: u64,
}

impl Board {
    /// Everything at 0, for routes with the time that most of their requests may take.
    ///
    /// # Errors
    /// When two routes have the same name.
    pub fn new(plan: &PlanShown, run: &str, routes: &[(String, Option<Duration>)]) -> Result<Self> {
        let registry = Registry::new();
        info(&registry, plan, run)?;
        let families = Families::new(&registry)?;
        let of_phase = |phase: &str| -> Vec<Counters> {
            let of_route =
                |(route, budget): &(String, Option<Duration>)| families.of(route, *budget, phase);
            routes.iter().map(of_route).collect()
        };
        let counter = |family| registered(&registry, IntCounter::with_opts(described(family))?);
        let users = IntGauge::with_opts(described(&USERS))?;
        let slip = Histogram::with_opts(with_buckets(&SLIP))?;
        Ok(Self {
            routes: PHASES.map(of_phase),
            phase: AtomicUsize::new(0),
            users: registered(&registry, users)?,
            due: counter(&DUE)?,
            begun: counter(&BEGUN)?,
            waited: counter(&WAITED)?,
            slip: registered(&registry, slip)?,
            gaps: counter(&GAPS)?,
            said: Mutex::new(Said::default()),
            registry,
        })
    }

    /// A round begins; round 0 is the warm-up.
    pub fn begin(&self, number: u32) {
        self.phase.store(usize::from(number > 0), Relaxed);
        *self.said.lock().unwrap_or_else(PoisonError::into_inner) = Said::default();
    }

    /// What the round at hand says of itself now.
    pub fn say(&self, now: Said) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        self.due.inc_by(now.due.saturating_sub(said.due));
        self.gaps.inc_by(now.gaps.saturating_sub(said.gaps));
        self.users.set(i64::try_from(now.users).unwrap_or(i64::MAX));
        *said = now;
    }

    /// A request has ended, so long after it was due; `slip` is how late a free user began.
    pub fn count(
        &self,
        route: RouteId,
        elapsed: Duration,
        slip: Option<Duration>,
        outcome: &Outcome<'_>,
    ) {
        self.begun.inc();
        match slip {
            Some(late) => self.slip.observe(late.as_secs_f64()),
            None => self.waited.inc(),
        }
        let phase = self.routes.get(self.phase.load(Relaxed));
        if let Some(counters) = phase.and_then(|routes| routes.get(route.0)) {
            counters.count(elapsed, outcome);
        }
    }

    /// All of it in the text format 0.0.4.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn text(&self) -> Result<String> {
        Ok(TextEncoder::new().encode_to_string(&self.registry.gather())?)
    }
}

impl Counters {
    /// As in the report: a request without a right answer is over budget, however fast, and has no
    /// duration.
    fn count(&self, elapsed: Duration, outcome: &Outcome<'_>) {
        let [right, wrong, unsent] = &self.requests;
        let late = self.budget.is_some_and(|budget| elapsed > budget);
        match outcome {
            Outcome::Right(_) => {
                right.inc();
                self.duration.observe(elapsed.as_secs_f64());
            }
            Outcome::Wrong(_) | Outcome::Lost(_) => wrong.inc(),
            Outcome::Unsent(_) => unsent.inc(),
        }
        let failed = !matches!(outcome, Outcome::Right(_));
        self.over_budget.inc_by(u64::from(late || failed));
    }
}

/// The metrics with a label `route`.
struct Families {
    requests: IntCounterVec,
    over_budget: IntCounterVec,
    duration: HistogramVec,
}

impl Families {
    fn new(registry: &Registry) -> Result<Self> {
        let requests = IntCounterVec::new(described(&REQUESTS), REQUESTS.labels)?;
        let over_budget = IntCounterVec::new(described(&OVER_BUDGET), OVER_BUDGET.labels)?;
        let duration = HistogramVec::new(with_buckets(&DURATION), DURATION.labels)?;
        Ok(Self {
            requests: registered(registry, requests)?,
            over_budget: registered(registry, over_budget)?,
            duration: registered(registry, duration)?,
        })
    }

    fn of(&self, route: &str, budget: Option<Duration>, phase: &str) -> Counters {
        let requests = &self.requests;
        Counters {
            budget,
            requests: OUTCOMES.map(|outcome| requests.with_label_values(&[phase, route, outcome])),
            over_budget: self.over_budget.with_label_values(&[phase, route]),
            duration: self.duration.with_label_values(&[phase, route]),
        }
    }
}

/// `loadtest_run_info`: 1 while the run runs, and in its labels what it does.
fn info(registry: &Registry, plan: &PlanShown, run: &str) -> Result<()> {
    let values = [
        run.to_owned(),
        plan.profile.clone(),
        plan.target.clone(),
        plan.arrival.clone(),
        plan.rate.clone().unwrap_or_default(),
        plan.users.to_string(),
        plan.lane.clone(),
        plan.seed.to_string(),
        env!("CARGO_PKG_VERSION").to_owned(),
    ];
    let info = GaugeVec::new(described(&RUN_INFO), RUN_INFO.labels)?;
    let one: Gauge = registered(registry, info)?.with_label_values(&values);
    one.set(1.0);
    Ok(())
}

fn described(family: &Family) -> Opts {
    Opts::new(family.name, family.help)
}

fn with_buckets(family: &Family) -> HistogramOpts {
    let bounds = match family.kind {
        Kind::Histogram(bounds) => bounds,
        Kind::Counter | Kind::Gauge => &[],
    };
    HistogramOpts::from(described(family)).buckets(bounds.to_vec())
}

fn registered<C: Collector + Clone + 'static>(registry: &Registry, collector: C) -> Result<C> {
    registry.register(Box::new(collector.clone()))?;
    Ok(collector)
}
