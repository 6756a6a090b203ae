//! `loadtest compare`: says whether a second service is slower than a first one.

use super::run::command_line;
use super::telling::OnInconclusive;
use crate::budgets::{Budgets, Gate, Share};
use crate::compare::{
    self, Comparison, Measure, Origin, PAIRS, Plan, Rule, SideChoice, least_pairs,
    least_probability, most_pairs,
};
use crate::interrupt::Interrupt;
use crate::report;
use crate::settings::{self, RunArgs};
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde::de::{IntoDeserializer, value};
use std::io::{Write, stdout};
use std::process::ExitCode;
use std::time::Duration;

/// Users of the closed model, unless somebody says so.
const USERS: u32 = 16;
/// Length of a round, unless somebody says so.
const ROUND: Duration = Duration::from_secs(5);

/// What `--help` says at its end.
const HELP: &str = "\
A side is the address of a service that runs, or a command that starts it. In a command, {port} and
{management_port} stand for free ports of 127.0.0.1, {dir} for a new folder. It is split into words as
a shell does it, without a shell, and stopped with SIGTERM at the end. This service with and without
its cache, on databases that `api seed` has filled:

  loadtest compare --metrics 'http://127.0.0.1:{management_port}/metrics' \\
    --a 'env DATABASE_URL=sqlite:a.db CENTUM_LISTEN=127.0.0.1:{port} CENTUM_MANAGEMENT_LISTEN=127.0.0.1:{management_port} target/release/api serve' \\
    --b 'env CENTUM_CACHE=off DATABASE_URL=sqlite:b.db CENTUM_LISTEN=127.0.0.1:{port} CENTUM_MANAGEMENT_LISTEN=127.0.0.1:{management_port} target/release/api serve'

Exit code 0: B is as fast as A, or faster; 1: B is slower, fails or died; 3: it could not be decided.";

/// The options of `loadtest compare`.
#[derive(clap::Args)]
#[command(after_long_help = HELP)]
#[command(mut_arg("url", |arg| arg.hide(true)), mut_arg("database", |arg| arg.hide(true)))]
#[command(mut_arg("seed_users", |arg| arg.hide(true)), mut_arg("shard", |arg| arg.hide(true)))]
#[command(mut_arg("metrics", |arg| arg.hide(true).long("target-metrics")))]
#[command(mut_arg("rounds", |arg| arg.help("Pairs of rounds that must count [default: 10]")))]
#[command(mut_arg("round_time", |arg| arg.help("Length of a round [default: 5s]")))]
#[command(mut_arg("users", |arg| arg.help("Users at the same time, each waiting for an answer before the next request (closed model) [default: 16]")))]
#[command(mut_arg("rate", |arg| arg.help("Requests per second instead (open model); throughput then decides nothing")))]
pub struct Args {
    /// What there is: an address, or a command with {port}
    #[arg(long, value_name = "URL|CMD", value_parser = Origin::parse)]
    a: Origin,
    /// What may take its place: an address, or a command with {port}
    #[arg(long, value_name = "URL|CMD", value_parser = Origin::parse)]
    b: Origin,
    /// A smaller difference is none [default: by the budgets]
    #[arg(long, value_name = "SHARE", value_parser = share)]
    min_effect: Option<Share>,
    /// Metrics of both; may have placeholders
    #[arg(long = "metrics", id = "metrics_of_both", value_name = "URL")]
    metrics_of_both: Option<String>,
    /// Metrics of A
    #[arg(long, value_name = "URL", conflicts_with = "metrics_of_both")]
    metrics_a: Option<String>,
    /// Metrics of B
    #[arg(long, value_name = "URL", conflicts_with = "metrics_of_both")]
    metrics_b: Option<String>,
    /// A command is ready when this path is answered with 2xx [default: when it accepts connections]
    #[arg(long, value_name = "PATH")]
    ready: Option<String>,
    /// What an inconclusive end is: exit code 0, 1 or 3
    #[arg(long, value_name = "END", default_value = "3")]
    on_inconclusive: OnInconclusive,
    #[command(flatten)]
    run: RunArgs,
}

impl Args {
    pub(super) fn execute(self) -> Result<ExitCode> {
        let on_inconclusive = self.on_inconclusive;
        let plan = self.plan()?;
        let interrupt = Interrupt::install()?;
        let runtime = tokio::runtime::Runtime::new()?;
        let compared = runtime.block_on(compare::compare(&plan, &interrupt));
        runtime.shutdown_background();
        let comparison = compared?;
        let out = &plan.run.out;
        stdout().write_all(compare::text(&comparison, out).as_bytes())?;
        write(&comparison, &plan)?;
        on_inconclusive.end(comparison.verdict, comparison.interrupted)
    }

    fn plan(self) -> Result<Plan> {
        let mut run = self.run;
        let target = &run.target;
        let other = target.url.is_some() || target.metrics.is_some() || target.database.is_some();
        ensure!(
            !other && target.seed_users.is_none(),
            "a comparison has two targets: name them with --a and --b"
        );
        ensure!(
            run.load.shard == (0, 1),
            "a comparison has no parts: leave out --shard"
        );
        let budgets = settings::budgets(run.budgets.as_deref())?;
        let closed = run.load.rate.is_none();
        if closed {
            run.load.users = run.load.users.or(Some(USERS));
        }
        run.load.round_time = run.load.round_time.or(Some(ROUND));
        let pairs = run.load.rounds.unwrap_or(PAIRS);
        let metrics_a = self.metrics_a.or_else(|| self.metrics_of_both.clone());
        let metrics_b = self.metrics_b.or(self.metrics_of_both);
        let both = metrics_a.is_some() && metrics_b.is_some();
        let rule = rule(&budgets, closed, both, self.min_effect);
        check_pairs(pairs, &rule)?;
        let side = |name, origin, metrics| SideChoice {
            name,
            origin,
            metrics,
            ready: self.ready.clone(),
        };
        Ok(Plan {
            a: side("A", self.a, metrics_a),
            b: side("B", self.b, metrics_b),
            run,
            pairs,
            rule,
            most_errors: budgets.run_errors.0,
            command: command_line(),
        })
    }
}

/// What decides: of the measures that the budgets gate, those that can be measured at all.
fn rule(budgets: &Budgets, closed: bool, metrics: bool, min_effect: Option<Share>) -> Rule {
    let gate = &budgets.regression.gate;
    let can_be_measured = |measure: &Measure| {
        let gated = measure.gate().is_some_and(|own| gate.contains(&own));
        let throughput = measure.gate() == Some(Gate::Throughput);
        gated && (closed || !throughput) && (metrics || !measure.needs_metrics())
    };
    Rule {
        gated: Measure::ALL.into_iter().filter(can_be_measured).collect(),
        min_effect: min_effect.unwrap_or(budgets.regression.min_effect).0,
        error: 1.0 - budgets.confidence,
    }
}

fn check_pairs(pairs: u32, rule: &Rule) -> Result<()> {
    let measures = u32::try_from(rule.gated.len()).unwrap_or(u32::MAX);
    ensure!(
        measures > 0,
        "nothing can decide: [regression] gate names no measure that can be had; give --metrics, or leave out --rate"
    );
    let least = least_pairs(measures, rule.error);
    ensure!(
        pairs >= least,
        "{pairs} rounds cannot decide {measures} measures: the least probability there can be is \
         {measures} × 2 / 2^{pairs} = {:.4}, and must be below {:.2}; say --rounds {least} or more",
        least_probability(measures, pairs),
        rule.error
    );
    let most = most_pairs();
    ensure!(
        pairs <= most,
        "more than {most} rounds are not counted out: say --rounds {most}, and a longer --round-time"
    );
    Ok(())
}

fn write(comparison: &Comparison, plan: &Plan) -> Result<()> {
    let json = serde_json::to_string_pretty(comparison).context("the comparison is no JSON")?;
    let files = [
        ("compare.json", json),
        ("compare.html", compare::html(comparison)),
    ];
    report::write(&plan.run.out, &files)
}

pub(super) fn share(text: &str) -> Result<Share, String> {
    let read = Share::deserialize(IntoDeserializer::<value::Error>::into_deserializer(text));
    read.map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped() -> Budgets {
        settings::budgets(None).unwrap()
    }

    #[test]
    fn too_few_rounds_are_refused_with_the_arithmetic() {
        let rule = rule(&shipped(), true, true, None);
        assert_eq!(rule.gated.len(), 4);
        let error = check_pairs(7, &rule).unwrap_err().to_string();
        assert!(error.contains("4 × 2 / 2^7 = 0.0625"), "{error}");
        assert!(error.contains("--rounds 8"), "{error}");
        assert!(check_pairs(8, &rule).is_ok() && check_pairs(PAIRS, &rule).is_ok());
        assert!(check_pairs(21, &rule).is_err());
    }

    #[test]
    fn only_what_can_be_measured_decides() {
        let gated = |closed, metrics| rule(&shipped(), closed, metrics, None).gated;
        assert_eq!(gated(true, false), [Measure::P50, Measure::Throughput]);
        assert_eq!(gated(false, false), [Measure::P50]);
        assert!(!gated(false, true).contains(&Measure::Throughput));
        let nothing = Rule {
            gated: Vec::new(),
            ..rule(&shipped(), true, true, None)
        };
        assert!(check_pairs(PAIRS, &nothing).is_err());
    }

    #[test]
    fn the_least_effect_is_a_share() {
        assert_eq!(share("3%"), Ok(Share(0.03)));
        assert!(share("3").is_err());
    }
}
