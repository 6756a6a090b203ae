//! `loadtest plan`: what a run would send, and what it could decide; sends nothing.

use crate::budgets::Budgets;
use crate::numbers::whole;
use crate::personas::expected_shares;
use crate::profiles::{Profile, names};
use crate::prospects::{Load, Prospect, prospects, remedy};
use crate::report::Table;
use crate::schedule::{Schedule, Stage};
use crate::settings::{self, length, positive};
use crate::traffic::Traffic;
use crate::wording::{count, percent};
use anyhow::{Context, Result};
use clap::builder::PossibleValuesParser;
use std::io::{Write, stdout};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Looks whose least samples are shown; later ones need more.
const LOOKS_SHOWN: usize = 4;

/// The options of `loadtest plan`.
#[derive(clap::Args)]
pub struct Args {
    /// How long and how hard; see `loadtest list`
    #[arg(long, default_value = "smoke", value_parser = PossibleValuesParser::new(names()))]
    profile: String,
    /// Requests per second [default: by profile]
    #[arg(long, value_name = "N", value_parser = positive)]
    rate: Option<f64>,
    /// Length of a round, such as 20s [default: by profile]
    #[arg(long, value_name = "TIME", value_parser = length)]
    round_time: Option<Duration>,
    /// Rounds at most [default: by profile]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    rounds: Option<u32>,
    /// Only these kinds of users, by name
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    only: Vec<String>,
    /// Budgets to judge by [default: those that ship]
    #[arg(long, value_name = "FILE")]
    budgets: Option<PathBuf>,
}

impl Args {
    pub(super) fn execute(self) -> Result<ExitCode> {
        let budgets = settings::budgets(self.budgets.as_deref())?;
        let traffic = Traffic::of_personas().only(&self.only)?;
        budgets.check_routes(traffic.routes.iter().map(|route| route.name.as_str()))?;
        let profile = Profile::named(&self.profile).context("there is no such profile")?;
        let profile = profile.scaled(self.rate, self.round_time);
        let (least, most) = profile.rounds;
        let most = self.rounds.unwrap_or(most);
        let due: f64 = profile.stages.iter().map(|stage| area(*stage)).sum();
        let load = Load {
            per_round: due * profile.rate,
            rounds: (least.min(most), most),
            shares: expected_shares(&self.only),
        };
        let prospects = prospects(&load, &budgets);
        let text = [
            schedule(&profile, &load),
            table(&prospects),
            conclusion(&prospects, &profile, &budgets),
        ];
        stdout().write_all(text.join("\n").as_bytes())?;
        let undecided = prospects.iter().any(Prospect::is_against);
        Ok(ExitCode::from(if undecided { 3 } else { 0 }))
    }
}

/// What is due in a stage at a base rate of 1.
fn area(stage: Stage) -> f64 {
    stage.seconds * f64::midpoint(stage.from, stage.to)
}

fn schedule(profile: &Profile, load: &Load) -> String {
    let stages = Schedule {
        stages: profile.stages.clone(),
        rate: profile.rate,
        arrival: profile.arrival,
        seed: 0,
        shard: (0, 1),
    };
    let (least, most) = load.rounds;
    let requests = count(whole(load.per_round));
    let all = count(whole(load.per_round * f64::from(most)));
    let arrival = format!("{:?}", profile.arrival).to_lowercase();
    format!(
        "profile   {}: {}\n\
         warm-up   {} s, not counted\n\
         round     {stages}, {arrival} arrivals: {requests} requests in {} s\n\
         rounds    {least} to {most}, {all} requests at most; a run ends when everything is decided\n",
        profile.name,
        profile.about,
        profile.warmup.as_secs_f64(),
        profile.seconds(),
    )
}

fn table(prospects: &[Prospect]) -> String {
    let mut table = Table::new([
        "ROUTE",
        "promise",
        "requests a round",
        "needed at look 1, 2, …",
        "can be decided",
    ]);
    for prospect in prospects {
        let looks = prospect.least.iter().take(LOOKS_SHOWN);
        let mut looks: Vec<_> = looks.map(|least| count(*least)).collect();
        if prospect.least.len() > LOOKS_SHOWN {
            looks.push("…".to_owned());
        }
        let decided = match (prospect.round, prospect.counts) {
            (Some(round), _) => format!("in round {round} at the earliest"),
            (None, true) => "no".to_owned(),
            (None, false) => "no, but all routes together".to_owned(),
        };
        table.row([
            prospect.subject.clone(),
            prospect.promise.clone(),
            count(whole(prospect.per_round)),
            looks.join(", "),
            decided,
        ]);
    }
    table.render()
}

fn conclusion(prospects: &[Prospect], profile: &Profile, budgets: &Budgets) -> String {
    let against = prospects.iter().filter(|prospect| prospect.is_against());
    let confidence = percent(budgets.confidence);
    let undecided = against.map(|_| 1).sum::<u64>();
    if undecided == 0 {
        return format!(
            "Every promise can be decided with {confidence} confidence, if none is close to its \
             budget.\nQueries are judged from as many calls as the target makes of them.\n"
        );
    }
    let what = match undecided {
        1 => "1 promise cannot".to_owned(),
        number => format!("{} promises cannot", count(number)),
    };
    let remedy = remedy(prospects, profile.rate, profile.seconds()).map_or_else(
        || "no rate would decide them: no user calls these routes".to_owned(),
        |remedy| format!("{remedy} would do"),
    );
    format!("{what} be decided with {confidence} confidence: {remedy}.\n")
}
