//! Several drills, each on a stack of its own, and the table of how long each alert took.

use std::fmt::Write;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use futures_util::{StreamExt, TryStreamExt, stream};
use loadtest::embedded;
use loadtest::interrupt::{Interrupt, Interrupted};
use loadtest::progress::say;

use super::Exercise;
use super::course::{Times, hold};
use crate::stack::{Plan, Stack};

/// Stacks at once: while one waits for an alert, another one starts. On a database that is named only one: a fault there is everybody's.
const AT_ONCE: usize = 2;
/// Users of a new database: enough that an index matters, and few enough to be there in a second.
const USERS: u64 = 2_000;
/// Posts of each of them.
const POSTS_PER_USER: u64 = 5;

/// How drills are held.
#[derive(Clone, Debug)]
pub struct Ground {
    /// The database; None is a new SQLite file for each drill.
    pub database: Option<String>,
    /// Requests per second.
    pub rate: f64,
}

/// How a drill went: the times of its alert, or one sentence why it did not go as it should.
pub type Outcome = (Exercise, Result<Times, String>);

/// Holds all of these drills.
///
/// # Errors
/// When there can be no stack, or somebody wants it to end.
pub async fn hold_all(
    exercises: Vec<Exercise>,
    ground: &Ground,
    interrupt: &Interrupt,
) -> Result<Vec<Outcome>> {
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let template = folder.path().join("template.db");
    let at_once = if ground.database.is_none() {
        let database = format!("sqlite:{}", template.display());
        let seeding = embedded::seed(&database, USERS, POSTS_PER_USER, 42);
        interrupt.or(seeding).await?;
        AT_ONCE
    } else {
        1
    };
    let plan = Plan {
        database: ground.database.clone(),
        template: Some(template),
        rate: Some(ground.rate),
        ..Plan::fast(USERS)
    };
    let plan = &plan;
    let drills = exercises.into_iter().enumerate();
    let drills = drills.map(|(number, exercise)| async move {
        let outcome = on_a_stack(&exercise, plan, interrupt).await?;
        Ok::<_, anyhow::Error>((number, (exercise, outcome)))
    });
    let mut outcomes: Vec<_> = stream::iter(drills)
        .buffer_unordered(at_once)
        .try_collect()
        .await?;
    outcomes.sort_by_key(|(number, _)| *number);
    Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
}

async fn on_a_stack(
    exercise: &Exercise,
    plan: &Plan,
    interrupt: &Interrupt,
) -> Result<Result<Times, String>> {
    let started = Instant::now();
    let plan = Plan {
        traffic: exercise.traffic(),
        ..plan.clone()
    };
    let mut stack = interrupt.or(Stack::start(&plan, |_| {})).await?;
    let holding = Box::pin(hold(exercise, &mut stack, plan.rate.unwrap_or_default()));
    let held = interrupt.or(holding).await;
    // In order, whatever happened: only so the service undoes its faults, of which one would stay in the database.
    stack.stop().await;
    if interrupt.is_raised() {
        return Err(Interrupted.into());
    }
    let seconds = started.elapsed().as_secs();
    let outcome = held.map_err(|error| format!("{error:#}"));
    let how = outcome.as_ref().map_or_else(
        |why| format!("FAILED: {why}"),
        |_| "went as it should".to_owned(),
    );
    say(&format!("{:<18} {how}, in {seconds} s", exercise.name()));
    Ok(outcome)
}

/// The table, and a line over all of it.
#[must_use]
pub fn table(outcomes: &[Outcome], took: Duration) -> String {
    let mut text = format!(
        "{:<18} {:<30} {:>8} {:>8} {:>9} {:>9}\n",
        "drill", "alert", "pending", "firing", "delivered", "resolved"
    );
    for (exercise, outcome) in outcomes {
        let (name, alert) = (exercise.name(), exercise.alert);
        // Writing to a string cannot fail.
        let _ = match outcome {
            Ok(times) => {
                let pending = times.pending.map_or("-".to_owned(), seconds);
                let [firing, delivered, resolved] =
                    [times.firing, times.delivered, times.resolved].map(seconds);
                writeln!(
                    text,
                    "{name:<18} {alert:<30} {pending:>8} {firing:>8} {delivered:>9} {resolved:>9}"
                )
            }
            Err(why) => writeln!(text, "{name:<18} {alert:<30} FAILED: {why}"),
        };
    }
    let (all, right) = (
        outcomes.len(),
        outcomes
            .iter()
            .filter(|(_, outcome)| outcome.is_ok())
            .count(),
    );
    let _ = writeln!(
        text,
        "\n{right} of {all} drills went as they should, in {} s; resolved is counted from the end of the fault, all else from its begin",
        took.as_secs()
    );
    text
}

fn seconds(seconds: f64) -> String {
    format!("{seconds:.1} s")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_the_times_of_what_went_well_and_the_reason_of_what_did_not() {
        let all = Exercise::all("sqlite:x.db");
        let times = Times {
            pending: None,
            firing: 3.21,
            delivered: 4.0,
            resolved: 12.0,
        };
        let missed = "CacheStampede was pending, but did not fire within 90 s".to_owned();
        let outcomes = [(all[0], Ok(times)), (all[6], Err(missed))];
        let table = table(&outcomes, Duration::from_secs(75));
        insta::assert_snapshot!(table, @r"
        drill              alert                           pending   firing delivered  resolved
        slow_query         DbQueryOverBudget                     -    3.2 s     4.0 s    12.0 s
        cache_stampede     CacheStampede                  FAILED: CacheStampede was pending, but did not fire within 90 s

        1 of 2 drills went as they should, in 75 s; resolved is counted from the end of the fault, all else from its begin
        ");
    }
}
