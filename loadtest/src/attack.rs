//! An attack by goose: the only file that configures it.
//!
//! Goose is the frame here: users, their weights, their tasks, when they start and stop. What it
//! would do besides is switched off: its measurements (ours are in [`crate::client`]), its
//! reports, its telnet and web socket controllers (the first is on by default, without a
//! password), and its log lines, some of which would go to stdout.
//!
//! Goose 0.19 lets every user finish the task at hand before it ends, so no request is ever
//! cancelled, and the target must have counted exactly what was sent.

use crate::client::Client;
use crate::personas::{PERSONAS, Persona, Task};
use crate::progress::Progress;
use crate::recorder::Recorder;
use crate::visitor::{Shared, Visitor};
use anyhow::{Context, Result};
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

/// All users have started after a fifth of a second.
const STARTS_PER_SECOND_AND_USER: usize = 5;
/// A request without an answer in this time has failed.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
/// After so many requests in a row without an answer the target is taken for dead.
const UNANSWERED_IS_DEAD: u64 = 100;

/// What an attack is to do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What it is called while it runs.
    pub title: &'static str,
    /// Scheme, host and port.
    pub target: Url,
    /// Users at the same time; at least one per persona.
    pub users: usize,
    /// How long, in whole seconds, which is as fine as goose can.
    pub duration: Duration,
    /// The same seed makes the same choices.
    pub seed: u64,
    /// Keeps what this run creates apart from what others create.
    pub run: String,
}

/// The visitors of all users, by goose's number for them.
type Visitors = Arc<[Mutex<Visitor>]>;

/// Attacks, and gives back what all users recorded. `empty` is an empty record.
///
/// # Errors
/// When goose cannot be set up; what goes wrong later is in the record.
pub async fn attack(plan: &Plan, shared: &Shared, empty: &Recorder) -> Result<Recorder> {
    silence_goose();
    goose::reset_killswitch();
    let visitor = |number| Visitor::new(number, plan.seed, &plan.run, shared, empty.clone());
    let visitors: Visitors = (0..plan.users).map(visitor).map(Mutex::new).collect();
    let attack = set_up(plan, &visitors).context("goose cannot be set up")?;
    let attack = watched(&shared.progress, attack.execute());
    let attack = shared
        .progress
        .show(plan.title, plan.duration, Box::pin(attack));
    attack.await.context("goose broke off")?;
    let mut all = empty.clone();
    for visitor in visitors.iter() {
        all.merge(&visitor.lock().await.recorder);
    }
    Ok(all)
}

fn set_up(plan: &Plan, visitors: &Visitors) -> Result<GooseAttack, GooseError> {
    let mut configuration = GooseConfiguration::default();
    configuration.host = Some(plan.target.to_string());
    configuration.users = Some(plan.users);
    configuration.increase_rate = Some((plan.users * STARTS_PER_SECOND_AND_USER).to_string());
    configuration.run_time = Some(plan.duration.as_secs().to_string());
    configuration.no_metrics = true;
    configuration.no_telnet = true;
    configuration.quiet = 1;
    let mut attack = GooseAttack::initialize_with_config(configuration)?;
    for persona in PERSONAS {
        attack = attack.register_scenario(scenario(&persona, visitors)?);
    }
    Ok(attack)
}

fn scenario(persona: &Persona, visitors: &Visitors) -> Result<Scenario, GooseError> {
    let arrive = Transaction::new(Arc::new(|user| Box::pin(ready(arrive(user)))));
    let mut scenario = Scenario::new(persona.name)
        .set_weight(persona.weight)?
        .register_transaction(arrive.set_on_start());
    for task in persona.tasks {
        let visitors = Arc::clone(visitors);
        let run: TransactionFunction =
            Arc::new(move |user| Box::pin(run(task, user, Arc::clone(&visitors))));
        let transaction = Transaction::new(run).set_name(task.name);
        scenario = scenario.register_transaction(transaction.set_weight(task.weight)?);
    }
    Ok(scenario)
}

/// Gives a user a connection of their own. No proxy and no redirect may come between the two
/// counts, and compression would measure the generator.
fn arrive(user: &mut GooseUser) -> TransactionResult {
    let client = reqwest::Client::builder()
        .no_proxy()
        .no_gzip()
        .redirect(reqwest::redirect::Policy::none())
        .tcp_nodelay(true)
        .timeout(REQUEST_TIMEOUT);
    user.client = client.build().map_err(|error| Box::new(error.into()))?;
    Ok(())
}

async fn run(task: &Task, user: &mut GooseUser, visitors: Visitors) -> TransactionResult {
    let stranger = || TransactionError::Custom("a user without a visitor".to_owned());
    let visitor = visitors
        .get(user.weighted_users_index)
        .ok_or_else(stranger)?;
    let mut visitor = visitor.lock().await;
    // A task that was broken off has recorded why; the user goes on with the next one.
    let _ = (task.run)(&mut Client::new(user, &mut visitor)).await;
    Ok(())
}

/// Lets the attack run, but tells goose to stop when the target has stopped answering.
async fn watched<T>(progress: &Progress, attack: impl Future<Output = T>) -> T {
    let mut attack = std::pin::pin!(attack);
    let mut tick = tokio::time::interval(Duration::from_millis(100));
    loop {
        tokio::select! {
            result = &mut attack => return result,
            _ = tick.tick() => if progress.unanswered_in_a_row() >= UNANSWERED_IS_DEAD {
                goose::trigger_killswitch("the target does not answer");
            },
        }
    }
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
