//! What is counted while a run runs, by names that begin with `loadtest_`.
//!
//! Counters grow over the whole run, from round to round, and the warm-up is counted too: it is told
//! apart by the label `phase`. The buckets are those of the service's own histogram, so that both
//! sides can be divided by each other. Seconds that the generator spoilt are in here: that they
//! were spoilt is known only afterwards.

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

/// Upper bounds in seconds: those of the service's `http_server_request_duration_seconds`.
const BUCKETS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 1.0, 2.5,
];
/// Upper bounds in seconds of how late a free user begins.
const SLIPS: [f64; 7] = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1];
/// The values of the label `phase`.
const PHASES: [&str; 2] = ["warm-up", "measured"];
/// The values of the label `outcome`: a right answer; a wrong one, or none; no connection.
const OUTCOMES: [&str; 3] = ["right", "wrong", "unsent"];

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
        let counter = |name: &str, help: &str| {
            let counter = IntCounter::new(name, help)?;
            registered(&registry, counter)
        };
        let slip = HistogramOpts::new(
            "loadtest_generator_slip_seconds",
            "How late a free user began a request; this program's own lateness.",
        );
        let users = IntGauge::new("loadtest_users", "Users that were let in.")?;
        Ok(Self {
            routes: PHASES.map(of_phase),
            phase: AtomicUsize::new(0),
            users: registered(&registry, users)?,
            due: counter(
                "loadtest_tickets_due_total",
                "Requests that the schedule wanted; 0 in a closed model.",
            )?,
            begun: counter(
                "loadtest_tickets_begun_total",
                "Requests that were begun and have ended.",
            )?,
            waited: counter(
                "loadtest_tickets_waited_total",
                "Requests that no user was free for when they were due; all of them in a closed model.",
            )?,
            slip: registered(
                &registry,
                Histogram::with_opts(slip.buckets(SLIPS.to_vec()))?,
            )?,
            gaps: counter(
                "loadtest_generator_gaps_total",
                "Times of over 50 ms in which this program did not run.",
            )?,
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
        let requests = Opts::new(
            "loadtest_requests_total",
            "Requests that have ended, by how: right, wrong (or no answer), unsent (no connection).",
        );
        let over_budget = Opts::new(
            "loadtest_over_budget_total",
            "Requests that took longer than the route's first promise allows, or failed.",
        );
        let duration = HistogramOpts::new(
            "loadtest_request_duration_seconds",
            "Right answers, from when the request was due to the last byte.",
        );
        let duration = duration.buckets(BUCKETS.to_vec());
        let requests = IntCounterVec::new(requests, &["phase", "route", "outcome"])?;
        let over_budget = IntCounterVec::new(over_budget, &["phase", "route"])?;
        let duration = HistogramVec::new(duration, &["phase", "route"])?;
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
    let labels = [
        ("run", run.to_owned()),
        ("profile", plan.profile.clone()),
        ("target", plan.target.clone()),
        ("arrival", plan.arrival.clone()),
        ("rate", plan.rate.clone().unwrap_or_default()),
        ("users", plan.users.to_string()),
        ("lane", plan.lane.clone()),
        ("seed", plan.seed.to_string()),
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
    ];
    let (names, values): (Vec<_>, Vec<_>) = labels.into_iter().unzip();
    let help = "1 while the run runs; the labels say what it does.";
    let info = GaugeVec::new(Opts::new("loadtest_run_info", help), &names)?;
    let one: Gauge = registered(registry, info)?.with_label_values(&values);
    one.set(1.0);
    Ok(())
}

fn registered<C: Collector + Clone + 'static>(registry: &Registry, collector: C) -> Result<C> {
    registry.register(Box::new(collector.clone()))?;
    Ok(collector)
}
