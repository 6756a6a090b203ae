//! `loadtest compare`: two services side by side, both live, and whether the second is slower.
//!
//! Rounds come in pairs: one of each side, the order of the two by a coin, so that whatever the
//! machine does besides meets both alike. A pair in which the generator cannot be trusted is left
//! out and made again, which neither side can bring about. `side` starts them, `figures` says
//! what a round came to, `decision` decides about each measure, `verdict` about all, `comparison` says it.

mod comparison;
mod decision;
mod figures;
mod html;
mod side;
#[cfg(test)]
mod tests;
mod text;
mod verdict;

pub use comparison::{Comparison, Pair, PlanShown, SideShown};
pub use decision::{
    Compared, ComparedRoute, Difference, PAIRS, Rule, least_pairs, least_probability, most_pairs,
};
pub use figures::{Figures, Measure};
pub use html::render as html;
pub use side::{Origin, SideChoice};
pub use text::render as text;

use crate::evidence::{Evidence, Host};
use crate::interrupt::{Interrupt, Interrupted};
use crate::measurements::Measurements;
use crate::progress::say;
use crate::rounds::Rounds;
use crate::settings::{RunArgs, Settings};
use anyhow::{Context, Result, bail};
use chrono::{DateTime, SecondsFormat, Utc};
use comparison::SCHEMA;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use reqwest::Client;
use side::Side;
use std::time::SystemTime;

/// What is compared, and how.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The first side: what there is.
    pub a: SideChoice,
    /// The second side: what may take its place.
    pub b: SideChoice,
    /// How both are attacked.
    pub run: RunArgs,
    /// Pairs that must count.
    pub pairs: u32,
    /// What may be called a difference.
    pub rule: Rule,
    /// The share of the requests that may fail.
    pub most_errors: f64,
    /// The command, without passwords.
    pub command: String,
}

/// Starts both sides, compares them, stops them. Interrupted before a pair was whole, it is an
/// error; later, it is a comparison of what was seen.
///
/// # Errors
/// When it could not be done.
pub async fn compare(plan: &Plan, interrupt: &Interrupt) -> Result<Comparison> {
    let out = &plan.run.out;
    std::fs::create_dir_all(out).with_context(|| format!("cannot make {}", out.display()))?;
    let client = Client::builder().no_proxy().build()?;
    let mut a = Side::start(&plan.a, &plan.run, interrupt, &client).await?;
    let mut b = match Side::start(&plan.b, &plan.run, interrupt, &client).await {
        Ok(b) => b,
        Err(error) => {
            a.stop(true).await;
            return Err(error);
        }
    };
    let compared = Box::pin(measure(plan, &mut a, &mut b, interrupt, &client)).await;
    let keep_logs = !compared.as_ref().is_ok_and(Comparison::is_without_failures);
    a.stop(keep_logs).await;
    b.stop(keep_logs).await;
    compared
}

impl Comparison {
    /// Whether nobody needs to look into the logs.
    fn is_without_failures(&self) -> bool {
        let sides = [&self.a, &self.b];
        sides
            .iter()
            .all(|side| side.errors == 0 && side.died.is_none())
    }
}

async fn measure(
    plan: &Plan,
    a: &mut Side,
    b: &mut Side,
    interrupt: &Interrupt,
    client: &Client,
) -> Result<Comparison> {
    let started = DateTime::<Utc>::from(SystemTime::now());
    let settings = a.settings.clone();
    let mut comparison = Comparison {
        schema: SCHEMA,
        started: started.to_rfc3339_opts(SecondsFormat::Secs, true),
        command: plan.command.clone(),
        host: Host::this(),
        plan: plan.shown(&settings),
        ..Comparison::default()
    };
    (comparison.a.what, comparison.b.what) = (plan.a.origin.to_string(), plan.b.origin.to_string());
    let run = format!("{:x}", started.timestamp_micros());
    let mut attacks = (
        Attacked::prepare(a, client, interrupt, &run).await?,
        Attacked::prepare(b, client, interrupt, &run).await?,
    );
    for attacked in [&mut attacks.0, &mut attacks.1] {
        attacked.warm_up(&settings).await?;
    }
    pairs(plan, &mut attacks, &mut comparison, interrupt).await?;
    (comparison.a, comparison.b) = (attacks.0.shown(comparison.a), attacks.1.shown(comparison.b));
    comparison.interrupted = interrupt.is_raised();
    comparison.a.died = comparison.a.died.map(|died| a.ended().unwrap_or(died));
    comparison.b.died = comparison.b.died.map(|died| b.ended().unwrap_or(died));
    let died = [("a", &comparison.a.died), ("b", &comparison.b.died)];
    for (name, died) in died {
        if let Some(died) = died.as_ref().filter(|_| comparison.pairs.is_empty()) {
            bail!("--{name}: {died}");
        }
    }
    if comparison.interrupted && comparison.counted().next().is_none() {
        return Err(Interrupted.into());
    }
    let counted: Vec<_> = comparison.counted().cloned().collect();
    for pair in &counted {
        comparison.a.add(&pair.a);
        comparison.b.add(&pair.b);
    }
    let counted: Vec<_> = counted.into_iter().map(|pair| (pair.a, pair.b)).collect();
    comparison.measures = decision::decide(&counted, &plan.rule);
    comparison.routes = decision::routes(&counted, &plan.rule);
    comparison.judge();
    Ok(comparison)
}

/// Makes pairs until enough of them count, too many do not, or a side is dead.
async fn pairs<'a>(
    plan: &Plan,
    attacks: &mut (Attacked<'a>, Attacked<'a>),
    comparison: &mut Comparison,
    interrupt: &Interrupt,
) -> Result<()> {
    let mut dice = ChaCha8Rng::seed_from_u64(plan.run.load.seed);
    let (mut counted, mut left_out) = (0, 0);
    let mut number = 0;
    while counted < plan.pairs && left_out <= plan.pairs {
        number += 1;
        let mut pair = Pair {
            b_first: dice.random_bool(0.5),
            ..Pair::default()
        };
        for is_b in [pair.b_first, !pair.b_first] {
            let attacked = if is_b { &mut attacks.1 } else { &mut attacks.0 };
            let (figures, doubts) = attacked.round(number).await?;
            *(if is_b { &mut pair.b } else { &mut pair.a }) = figures;
            pair.left_out.extend(doubts);
            if interrupt.is_raised() || attacked.died.is_some() {
                return Ok(());
            }
        }
        for doubt in &pair.left_out {
            say(&format!(
                "pair {number} is left out, and made again: {doubt}"
            ));
        }
        if pair.counts() {
            counted += 1;
        } else {
            left_out += 1;
        }
        comparison.pairs.push(pair);
    }
    Ok(())
}

/// A side under attack.
struct Attacked<'a> {
    name: &'static str,
    settings: &'a Settings,
    rounds: Rounds<'a>,
    last: Option<Evidence>,
    died: Option<String>,
}

impl<'a> Attacked<'a> {
    async fn prepare(
        side: &'a mut Side,
        client: &'a Client,
        interrupt: &'a Interrupt,
        run: &str,
    ) -> Result<Self> {
        let (name, settings) = (side.name, &side.settings);
        let run = format!("{run}-{name}");
        let preparing = Rounds::prepare(settings, client, interrupt, &mut side.target, run);
        let rounds = interrupt.or(preparing).await;
        Ok(Self {
            name,
            settings,
            rounds: rounds.with_context(|| format!("--{}", name.to_lowercase()))?,
            last: None,
            died: None,
        })
    }

    async fn warm_up(&self, settings: &Settings) -> Result<()> {
        if !settings.warmup.is_zero() {
            let title = format!("{} warm-up", self.name);
            let model = settings.model.over(settings.warmup);
            self.rounds.attack(0, &title, model).await?;
        }
        Ok(())
    }

    /// One round, and why the generator cannot be trusted in it.
    async fn round(&mut self, number: u32) -> Result<(Figures, Vec<String>)> {
        let before = match self.rounds.settled().await {
            Ok(before) => before,
            Err(error) => {
                self.died = Some(format!("{error:#}"));
                return Ok(<_>::default());
            }
        };
        let title = format!("pair {number} {}", self.name);
        let model = self.settings.model.clone();
        let round = self.rounds.attack(number, &title, model).await?;
        let silent = round.silent.then(|| "it stopped answering".to_owned());
        let mut evidence = Evidence {
            rounds: vec![round],
            metrics: self.settings.metric_names(),
            ..Evidence::default()
        };
        self.rounds
            .compare_counts(before.as_ref(), &mut evidence)
            .await;
        self.died = silent.or(evidence.target_died.take());
        let budgets = &self.settings.budgets;
        let figures = Figures::of(&evidence, budgets);
        let mut doubts = Measurements::of(&evidence, budgets).generator.doubts;
        if figures.requests == 0 && self.died.is_none() {
            doubts.push(format!("it spoilt all of the round of {}", self.name));
        }
        self.last = Some(evidence);
        Ok((figures, doubts))
    }

    /// What the side said of itself.
    fn shown(self, side: SideShown) -> SideShown {
        let last = self.last.as_ref();
        let window = last.and_then(|last| Some((last.target.as_ref()?, &last.metrics)));
        let info = window.map(|(window, names)| {
            let after = &window.after;
            (after.info(&names.build), after.info(&names.config))
        });
        let (build, config) = info.unwrap_or_default();
        SideShown {
            build: build.into_iter().collect(),
            config: config.into_iter().collect(),
            died: self.died,
            ..side
        }
    }
}

impl Plan {
    fn shown(&self, settings: &Settings) -> PlanShown {
        let shown = settings.shown();
        let load = shown.rate.map_or_else(
            || format!("{} users, each waiting for an answer", shown.users),
            |rate| format!("{rate}, {}", shown.arrival),
        );
        PlanShown {
            load,
            pairs: self.pairs,
            round_seconds: shown.round_seconds,
            warmup_seconds: shown.warmup_seconds,
            min_effect: self.rule.min_effect,
            error: self.rule.error,
            most_errors: self.most_errors,
            seed: settings.seed,
        }
    }
}
