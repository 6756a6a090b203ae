//! `loadtest capacity`: the highest rate at which every budget holds, and what gives way above it.
//!
//! `search` says which rate is next; a step at that rate is measured in rounds and judged by the
//! judge of `loadtest run`, with the same budgets; `load` says what it used of the target,
//! `saturation` what gave way, `verdict` what it all comes to, `finding` keeps it.

mod chart;
mod finding;
mod html;
mod load;
mod saturation;
mod search;
mod text;
mod verdict;

pub use finding::{Capacity, PlanShown, Step};
pub use html::render as html;
pub use load::{Footprint, Load};
pub use saturation::{Resource, Saturation};
pub use search::{Next, Outcome, Search, Tried};
pub use text::render as text;

use crate::evidence::{Cell, Evidence, Host};
use crate::interrupt::{Interrupt, Interrupted};
use crate::judge::{Finding, Judgement, Verdict};
use crate::measurements::Measurements;
use crate::numbers::{milliseconds, rank, rate};
use crate::progress::say;
use crate::rounds::{Measured, Rounds};
use crate::settings::{RunArgs, Settings};
use crate::target::Target;
use crate::wording::{per_second, time_or_dash};
use anyhow::{Context, Result};
use chrono::{DateTime, SecondsFormat, Utc};
use finding::SCHEMA;
use reqwest::Client;
use std::time::{Duration, SystemTime};

/// A step in which the generator could not be trusted is made again so often: another program may
/// have needed the processor for a moment.
const MADE_AGAIN: u32 = 2;
/// Confirming may take so many times the rounds of another step: it is what is reported.
const CONFIRMING: u32 = 3;

/// What is looked for, and how.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The target, and how it is attacked.
    pub run: RunArgs,
    /// The first rate.
    pub start: f64,
    /// The bracket may be as wide as this share.
    pub precision: f64,
    /// The highest rate that may be tried.
    pub max: Option<f64>,
    /// Length of a round of a step.
    pub step_time: Duration,
    /// Rounds of a step at most.
    pub rounds: u32,
    /// The command, without passwords.
    pub command: String,
}

/// Looks for the capacity. Interrupted before a step was whole, it is an error; later, it is what
/// was found until then.
///
/// # Errors
/// When it could not be done.
pub async fn capacity(plan: &Plan, interrupt: &Interrupt) -> Result<Capacity> {
    let settings = plan.settings(plan.start)?;
    let out = &settings.out;
    std::fs::create_dir_all(out).with_context(|| format!("cannot make {}", out.display()))?;
    let client = Client::builder().no_proxy().build()?;
    let mut target = interrupt.or(Target::start(&settings, &client)).await?;
    let found = Box::pin(look(plan, &settings, &client, interrupt, &mut target)).await;
    let log = target.log.clone();
    target.stop_and_say().await;
    let found = found?;
    if let Some(log) = log {
        log.keep_and_say(&Evidence::default(), found.verdict == Verdict::Pass);
    }
    Ok(found)
}

async fn look(
    plan: &Plan,
    settings: &Settings,
    client: &Client,
    interrupt: &Interrupt,
    target: &mut Target,
) -> Result<Capacity> {
    let started = DateTime::<Utc>::from(SystemTime::now());
    let mut capacity = Capacity {
        schema: SCHEMA,
        started: started.to_rfc3339_opts(SecondsFormat::Secs, true),
        command: plan.command.clone(),
        host: Host::this(),
        plan: plan.shown(settings),
        ..Capacity::default()
    };
    let run = format!("{:x}", started.timestamp_micros());
    let preparing = Rounds::prepare(settings, client, interrupt, target, run);
    let mut rounds = interrupt.or(preparing).await?;
    let mut search = Search {
        start: plan.start,
        precision: plan.precision,
        max: plan.max.unwrap_or(f64::INFINITY),
        tried: Vec::new(),
    };
    loop {
        let (rate, again) = match search.next() {
            Next::Try(rate) => (rate, false),
            Next::Again(rate) => (rate, true),
            Next::Done => break,
        };
        let number = capacity.steps.len() + 1;
        let (step, end) = plan.step(&mut rounds, number, rate, again).await?;
        if end == End::Interrupted {
            capacity.interrupted = true;
            break;
        }
        if let Some(outcome) = step.outcome {
            search.tried.push(Tried {
                rate,
                outcome,
                again,
            });
        }
        capacity.steps.push(step);
        if let End::Died(died) = end {
            capacity.died = Some(died);
            break;
        }
    }
    if capacity.interrupted && capacity.steps.is_empty() {
        return Err(Interrupted.into());
    }
    capacity.conclude(&search);
    Ok(capacity)
}

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Eq)]
enum End {
    Whole,
    Interrupted,
    Died(String),
}

impl Plan {
    /// The settings of a step at this rate.
    fn settings(&self, rate: f64) -> Result<Settings> {
        let mut run = self.run.clone();
        run.load.rate = Some(rate);
        run.load.round_time = Some(self.step_time);
        let mut settings = Settings::new(run)?;
        settings.model = settings.model.over(self.step_time);
        settings.rounds = (1, self.rounds);
        Ok(settings)
    }

    async fn step(
        &self,
        rounds: &mut Rounds<'_>,
        number: usize,
        rate: f64,
        again: bool,
    ) -> Result<(Step, End)> {
        let mut settings = self.settings(rate)?;
        if number > 1 {
            settings.warmup = Duration::ZERO;
        }
        if again {
            settings.rounds = (1, self.rounds.saturating_mul(CONFIRMING));
        }
        let mut attempt = 0;
        loop {
            attempt += 1;
            let what = if again { ", to confirm it" } else { "" };
            say(&format!("step {number}: {}{what}", per_second(rate)));
            let title = format!("step {number} try {attempt} ");
            let evidence = Evidence {
                metrics: settings.metric_names(),
                ..Evidence::default()
            };
            let measured = rounds.measure_as(&settings, &title, evidence).await?;
            let end = match &measured.0 {
                Evidence {
                    target_died: Some(died),
                    ..
                } => End::Died(died.clone()),
                Evidence {
                    interrupted: true, ..
                } => End::Interrupted,
                _ => End::Whole,
            };
            let step = Step::of(&measured, rate, again);
            say(&format!("step {number}: {}", step.words()));
            let untrusted = step.outcome == Some(Outcome::Untrusted);
            if end != End::Whole || !untrusted || attempt > MADE_AGAIN {
                return Ok((step, end));
            }
            settings.warmup = Duration::ZERO;
        }
    }

    fn shown(&self, settings: &Settings) -> PlanShown {
        PlanShown {
            target: settings.target.to_string(),
            start: self.start,
            precision: self.precision,
            max: self.max,
            step_seconds: self.step_time.as_secs_f64(),
            rounds: self.rounds,
            seed: settings.seed,
            budgets: settings.budgets.file().to_owned(),
        }
    }
}

impl Step {
    fn of((evidence, measured, judgement): &Measured, due: f64, again: bool) -> Self {
        let mut whole = Cell::default();
        for round in &evidence.rounds {
            whole.merge(&round.whole());
        }
        let quantile = |q| {
            let found = whole.right.at_rank(rank(q, whole.requests()));
            found.map(milliseconds)
        };
        Self {
            rate: due,
            again,
            outcome: Some(outcome(evidence, measured, judgement)),
            rounds: evidence.rounds.len(),
            requests: whole.requests(),
            achieved: rate(whole.right.count(), measured.usable_seconds),
            p50_ms: quantile(0.50),
            p99_ms: quantile(0.99),
            error_share: measured.error_share(),
            reasons: judgement.against().map(Finding::to_string).collect(),
            doubts: measured.generator.doubts.clone(),
            load: Load::of(evidence, measured),
            footprint: Footprint::of(evidence, measured),
        }
    }

    fn words(&self) -> String {
        let outcome = self
            .outcome
            .map_or(String::new(), |outcome| outcome.to_string());
        let why = match self.outcome {
            Some(Outcome::Holds) => None,
            Some(Outcome::Untrusted) => self.doubts.first(),
            _ => self.reasons.first(),
        };
        let why = why.map_or(String::new(), |why| format!(": {why}"));
        let (p50, p99) = (time_or_dash(self.p50_ms), time_or_dash(self.p99_ms));
        format!(
            "{}, p50 {p50}, p99 {p99}: {outcome}{why}",
            per_second(self.achieved)
        )
    }
}

/// What became of a step, by the judge's verdict.
fn outcome(evidence: &Evidence, measured: &Measurements, judgement: &Judgement) -> Outcome {
    if evidence.target_died.is_some() {
        return Outcome::Breaks;
    }
    if !measured.generator.is_trusted() {
        return Outcome::Untrusted;
    }
    // Within its budget as far as was seen.
    let seen_within = |finding: &Finding| {
        let share = finding.share.zip(finding.allowed);
        share.is_none_or(|(share, allowed)| share <= allowed)
    };
    match judgement.verdict {
        Verdict::Pass => Outcome::Holds,
        Verdict::Fail => Outcome::Breaks,
        Verdict::Inconclusive if judgement.against().all(seen_within) => Outcome::TooFew,
        Verdict::Inconclusive => Outcome::Undecided,
    }
}
