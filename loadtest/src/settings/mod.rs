//! What a run is asked to do: the options, checked and completed by what the profile says.

mod options;
mod target;

pub use options::{LoadArgs, RunArgs, TargetArgs, duration};
pub(crate) use options::{length, positive};
pub use target::{TargetChoice, without_password};

use crate::budgets::{Budgets, SHIPPED};
use crate::evidence::{MetricNames, PlanShown};
use crate::lane::LaneChoice;
use crate::numbers::whole;
use crate::pacer::Model;
use crate::profiles::Profile;
use crate::scenario::Scenario;
use crate::schedule::Schedule;
use crate::traffic::Traffic;
use anyhow::{Context, Result, ensure};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Users that are let in at the begin of an open model, at least; more are called as they are needed.
const USERS: f64 = 64.0;
/// The answer that the first users are counted for: with 10 ms, twice as many as are busy at once.
const USUAL_SECONDS: f64 = 0.01;
/// Users at most, unless somebody says so.
const MOST_USERS: f64 = 1_024.0;

/// Everything a run needs to know.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The name of the profile.
    pub profile: String,
    /// Whom to attack.
    pub target: TargetChoice,
    /// What to send instead of what this service's personas do, and the file that says so.
    pub scenario: Option<(PathBuf, Scenario)>,
    /// Certificates to trust, instead of those of this machine.
    pub cacert: Option<PathBuf>,
    /// When requests are sent in a round.
    pub model: Model,
    /// Users at the begin of a round.
    pub users: usize,
    /// Users at most.
    pub max_users: usize,
    /// How requests travel.
    pub lane: LaneChoice,
    /// Kinds of users; all when it is empty.
    pub only: Vec<String>,
    /// Users that an empty database is filled with.
    pub seed_users: u64,
    /// Posts that an empty database is filled with, for each of them.
    pub posts_per_user: u64,
    /// Attack before the measured rounds.
    pub warmup: Duration,
    /// Rounds at least and at most.
    pub rounds: (u32, u32),
    /// What to judge by.
    pub budgets: Budgets,
    /// Whether the run is only shown, not judged.
    pub shown_only: bool,
    /// The seed of data, choices and arrivals.
    pub seed: u64,
    /// Which part of the schedule is sent, and of how many.
    pub shard: (u32, u32),
    /// Where the reports go.
    pub out: PathBuf,
    /// Where this program shows its own metrics.
    pub live: Option<SocketAddr>,
}

impl Settings {
    /// Checks the options and fills in what the profile says.
    ///
    /// # Errors
    /// When an option cannot be meant, or the budgets cannot be read.
    pub fn new(args: RunArgs) -> Result<Self> {
        let RunArgs { target, load, .. } = args;
        let profile = Profile::named(&args.profile).context("there is no such profile")?;
        let profile = profile.scaled(load.rate, load.round_time);
        let scenario = load.scenario.clone().map(|file| {
            let scenario = Scenario::read(&file)?;
            anyhow::Ok((file, scenario))
        });
        let scenario = scenario.transpose()?;
        let budgets = chosen_budgets(args.budgets.as_deref(), scenario.as_ref())?;
        let mut target = target;
        if let Some((_, scenario)) = &scenario {
            target.allow_host.extend_from_slice(&scenario.allow_hosts);
        }
        let (model, users, max_users) = model(&profile, &load, &budgets);
        let (least, most) = profile.rounds;
        let most = load.rounds.unwrap_or(most);
        let settings = Self {
            profile: args.profile,
            cacert: target.cacert.clone(),
            seed_users: target.seed_users.unwrap_or(profile.seed_users),
            posts_per_user: profile.posts_per_user,
            target: target::choose(target)?,
            scenario,
            model,
            users,
            max_users,
            lane: load.lane,
            only: load.only,
            warmup: load.warmup.unwrap_or(profile.warmup),
            rounds: (least.min(most), most),
            budgets,
            shown_only: !profile.verdict,
            seed: load.seed,
            shard: load.shard,
            out: args.out,
            live: args.live,
        };
        let routes = settings.traffic()?.routes;
        let names = routes.iter().map(|route| route.name.as_str());
        settings.budgets.check_routes(names)?;
        Ok(settings)
    }

    /// What is sent.
    ///
    /// # Errors
    /// When somebody asks for users that there are not, or for fewer than there are kinds.
    pub fn traffic(&self) -> Result<Traffic> {
        let traffic = match &self.scenario {
            Some((_, scenario)) => Traffic::of_scenario(scenario),
            None => Traffic::of_personas(),
        };
        let traffic = traffic.only(&self.only)?;
        let kinds = traffic.parts.len();
        ensure!(
            self.max_users >= kinds,
            "there are {kinds} kinds of users: at least so many users are needed"
        );
        Ok(traffic)
    }

    /// What the target's metrics are called.
    #[must_use]
    pub fn metric_names(&self) -> MetricNames {
        let scenario = self.scenario.as_ref();
        scenario.map_or_else(MetricNames::default, |(_, scenario)| {
            scenario.metrics.clone()
        })
    }

    /// The settings for a report, without passwords.
    #[must_use]
    pub fn shown(&self) -> PlanShown {
        let (arrival, rate) = match &self.model {
            Model::Open(schedule) => {
                let arrival = format!("{:?}", schedule.arrival).to_lowercase();
                (arrival, Some(schedule.to_string()))
            }
            Model::Closed(_) => ("closed".to_owned(), None),
        };
        let count = |users| u64::try_from(users).unwrap_or(u64::MAX);
        PlanShown {
            profile: match &self.scenario {
                Some((file, _)) => format!("{} with {}", self.profile, file.display()),
                None => self.profile.clone(),
            },
            target: self.target.to_string(),
            arrival,
            rate,
            users: count(self.users),
            max_users: count(self.max_users),
            lane: format!("{:?}", self.lane).to_lowercase(),
            warmup_seconds: self.warmup.as_secs_f64(),
            round_seconds: self.model.length().as_secs_f64(),
            rounds: self.rounds,
            seed: self.seed,
            shard: self.shard,
            shown_only: self.shown_only,
        }
    }
}

/// By Little's law as many users are busy as requests come in the time that one takes. The first
/// ones are counted for usual answers, the last ones for answers that take twice the p99 budget.
fn model(profile: &Profile, load: &LoadArgs, budgets: &Budgets) -> (Model, usize, usize) {
    let count = |users: f64| usize::try_from(whole(users.ceil())).unwrap_or(usize::MAX);
    if let Some(users) = load.users {
        let users = usize::try_from(users).unwrap_or(usize::MAX);
        let length = Duration::from_secs_f64(profile.seconds());
        return (Model::Closed(length), users, users);
    }
    let (_, shards) = load.shard;
    let peak = profile.peak() / f64::from(shards);
    let busy = |seconds: f64| (peak * seconds * 2.0).clamp(USERS, MOST_USERS);
    let most = load
        .max_users
        .map_or_else(|| busy(budgets.slowest().as_secs_f64()), f64::from);
    let model = Model::Open(Schedule {
        stages: profile.stages.clone(),
        rate: profile.rate,
        arrival: load.arrival.unwrap_or(profile.arrival),
        seed: load.seed,
        shard: load.shard,
    });
    (model, count(busy(USUAL_SECONDS).min(most)), count(most))
}

/// The budgets of a file, or those that ship.
///
/// # Errors
/// When the file cannot be read, or says something that cannot be meant.
pub fn budgets(file: Option<&Path>) -> Result<Budgets> {
    let Some(file) = file else {
        return Ok(Budgets::parse("loadtest/budgets.toml", SHIPPED)?);
    };
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {name}"))?;
    Ok(Budgets::parse(&name, &text)?)
}

/// The budgets of a budgets file, else those in a scenario file, else those that ship.
fn chosen_budgets(file: Option<&Path>, scenario: Option<&(PathBuf, Scenario)>) -> Result<Budgets> {
    match (file, scenario) {
        (None, Some((file, scenario))) => match &scenario.budgets {
            Some(text) => Ok(Budgets::parse(&file.display().to_string(), text)?),
            None => budgets(None),
        },
        _ => budgets(file),
    }
}
