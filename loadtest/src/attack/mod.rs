//! An attack by goose: the only module that knows it.
//!
//! Goose is the frame here: users, their weights, their tasks, when they start and stop; it is told
//! of every request. What it would do besides is switched off: its reports, its telnet and web
//! socket controllers (the first is on by default, without a password), and its log lines, some of
//! which would go to stdout.
//!
//! Users come to the desk of the [`crate::pacer`] and wait until they are let in. When all are there,
//! the schedule begins. When it is over, goose is told to stop. It lets every user finish the task
//! at hand, so no request is ever cancelled, and the target must have counted exactly what was sent.

mod conduct;

use crate::client::Client;
use crate::evidence::Round;
use crate::interrupt::Interrupt;
use crate::lane::{self, Destination, Lane, LaneChoice};
use crate::live::Board;
use crate::pacer::{Desk, Model};
use crate::population::Population;
use crate::progress::Progress;
use crate::recorder::Recorder;
use crate::traffic::{Part, Traffic};
use crate::visitor::{Shared, Visitor};
use anyhow::{Context, Result};
use conduct::conduct;
use goose::client::GooseClientBuilder;
use goose::config::GooseConfiguration;
use goose::goose::{
    GooseUser, Scenario, Transaction, TransactionError, TransactionFunction, TransactionResult,
};
use goose::{GooseAttack, GooseError};
use reqwest::Url;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// All users have come after a twentieth of a second.
const COMING_PER_SECOND_AND_USER: usize = 20;
/// Jobs in a row that goose sees as one transaction: what it does around each costs as much as a
/// request.
const JOBS_AT_ONCE: usize = 64;
/// How often it is looked whether the schedule is over.
const LOOK: Duration = Duration::from_millis(20);

/// What an attack is to do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What it is called while it runs.
    pub title: String,
    /// Scheme, host and port.
    pub target: Url,
    /// The same, resolved.
    pub destination: Arc<Destination>,
    /// How requests travel.
    pub lane: LaneChoice,
    /// What is sent.
    pub traffic: Arc<Traffic>,
    /// The ids that exist.
    pub population: Arc<Population>,
    /// When it is sent.
    pub model: Model,
    /// The time that each route promises, in the order of the traffic; shown while it runs.
    pub promised: Vec<Option<Duration>>,
    /// Users that are let in at the begin.
    pub users: usize,
    /// Users at most; at least one for each part of the traffic.
    pub max_users: usize,
    /// A longer time in which this program did not run spoils what was measured in it.
    pub gap: Duration,
    /// Length of a block of the record, in seconds.
    pub block_seconds: u32,
    /// The same seed makes the same choices.
    pub seed: u64,
    /// Keeps what this run creates apart from what others create.
    pub run: String,
    /// Where others look on.
    pub live: Option<Arc<Board>>,
}

/// A user's place: their visitor, their lane, and whether they have been let in.
struct Place {
    visitor: Visitor,
    lane: Lane,
    admitted: bool,
}

/// The places of all users, by goose's number for them.
type Places = Arc<[Mutex<Place>]>;

/// Attacks, and gives back what was seen.
///
/// # Errors
/// When goose cannot be set up; what goes wrong later is in the record.
pub async fn attack(plan: &Plan, progress: &Arc<Progress>, interrupt: &Interrupt) -> Result<Round> {
    silence_goose();
    let shared = Arc::new(Shared {
        traffic: Arc::clone(&plan.traffic),
        population: Arc::clone(&plan.population),
        recorder: Recorder::new(&plan.traffic, plan.block_seconds).shown_on(plan.live.clone()),
        desk: Desk::new(&plan.model),
        progress: Arc::clone(progress),
    });
    let place = |number| {
        Mutex::new(Place {
            visitor: Visitor::new(number, plan.seed, &plan.run, &shared),
            lane: Lane::new(plan.lane, &plan.destination),
            admitted: false,
        })
    };
    let places: Places = (0..plan.max_users).map(place).collect();
    let attack = set_up(plan, &places).context("goose cannot be set up")?;
    let executed = Box::pin(attack.execute());
    let conducted = async {
        let conducted = conduct(plan, &shared, interrupt).await;
        goose::trigger_killswitch("the schedule is over");
        conducted
    };
    let (executed, conducted) = tokio::join!(executed, conducted);
    executed.context("goose broke off")?;
    drop(places);
    let shared = Arc::into_inner(shared).context("a user has kept the record")?;
    Ok(conducted.into_round(shared, plan))
}

fn set_up(plan: &Plan, places: &Places) -> Result<GooseAttack, GooseError> {
    let mut configuration = GooseConfiguration::default();
    configuration.host = Some(plan.target.to_string());
    configuration.users = Some(plan.max_users);
    configuration.increase_rate = Some((plan.max_users * COMING_PER_SECOND_AND_USER).to_string());
    configuration.no_print_metrics = true;
    // It is told of requests; of tasks, statuses and errors there is nothing that it alone knows.
    configuration.no_transaction_metrics = true;
    configuration.no_scenario_metrics = true;
    configuration.no_status_codes = true;
    configuration.no_error_summary = true;
    configuration.no_telnet = true;
    configuration.quiet = 1;
    // One client for everybody, who do not use it: to make one takes longer than a user's whole life.
    // Those who go over goose's lane get their own ([`arrive`]).
    let client = GooseClientBuilder::new().without_cookies();
    let mut attack = GooseAttack::initialize_with_config(configuration)?
        .set_client_builder_without_cookies(client)?;
    for part in &plan.traffic.parts {
        attack = attack.register_scenario(scenario(part, plan.lane, places)?);
    }
    Ok(attack)
}

fn scenario(part: &Part, lane: LaneChoice, places: &Places) -> Result<Scenario, GooseError> {
    let mut scenario = Scenario::new(&part.name).set_weight(part.weight)?;
    if lane == LaneChoice::Goose {
        let arrive = Transaction::new(Arc::new(|user| Box::pin(ready(arrive(user)))));
        scenario = scenario.register_transaction(arrive.set_on_start());
    }
    // One transaction for all jobs: goose would give every user the same order of them, and users
    // who start together would then all do the same at the same time.
    let (part, places) = (Arc::new(part.clone()), Arc::clone(places));
    let run: TransactionFunction =
        Arc::new(move |user| Box::pin(run(Arc::clone(&part), user, Arc::clone(&places))));
    Ok(scenario.register_transaction(Transaction::new(run)))
}

/// Gives a user a client of their own.
fn arrive(user: &mut GooseUser) -> TransactionResult {
    user.client = lane::goose_client().map_err(|error| Box::new(error.into()))?;
    Ok(())
}

async fn run(part: Arc<Part>, user: &mut GooseUser, places: Places) -> TransactionResult {
    let stranger = || TransactionError::Custom("a user without a place".to_owned());
    let place = places.get(user.weighted_users_index).ok_or_else(stranger)?;
    let mut place = place.lock().await;
    let Place {
        visitor,
        lane,
        admitted,
    } = &mut *place;
    if !*admitted {
        *admitted = visitor.shared().desk.admit().await;
        if *admitted {
            lane.open().await;
        }
    }
    if !*admitted {
        // The schedule is over, and goose will say so in a moment.
        tokio::time::sleep(LOOK).await;
        return Ok(());
    }
    for _ in 0..JOBS_AT_ONCE {
        let Some(job) = visitor.choose_job(&part.jobs) else {
            break;
        };
        // A job that was broken off has recorded why; the user goes on with the next one.
        let done = (job.run)(&mut Client::new(user, visitor, lane)).await;
        if done.is_err() && visitor.shared().desk.is_over() {
            break;
        }
    }
    Ok(())
}

/// Takes the place of the logger which goose would install, and which writes to stdout.
fn silence_goose() {
    struct Silence;
    impl log::Log for Silence {
        fn enabled(&self, _: &log::Metadata<'_>) -> bool {
            false
        }
        fn log(&self, _: &log::Record<'_>) {}
        fn flush(&self) {}
    }
    // There is a logger already from the attack before this one: that is as well.
    let _ = log::set_logger(&Silence);
}
