//! From the first user's coming to the end of the schedule, while goose runs the users.

use super::{LOOK, Plan};
use crate::evidence::{GeneratorRecord, Round};
use crate::heartbeat::{self, Heartbeat};
use crate::interrupt::Interrupt;
use crate::live::{Board, Said};
use crate::pacer::{Desk, Pacer};
use crate::progress::{Progress, Snapshot};
use crate::visitor::Shared;
use std::time::{Duration, Instant};

/// So long is waited for all users to come.
const ALL_HAVE_COME_WITHIN: Duration = Duration::from_secs(30);
/// After so many requests in a row without an answer the target is taken for dead.
const UNANSWERED_IS_DEAD: u64 = 100;
/// How often those who look on are told how the schedule goes.
const TELL: Duration = Duration::from_millis(100);

/// What is known when the schedule is over; users may still be at their last tasks.
pub(super) struct Conducted {
    heartbeat: Heartbeat,
    seconds: f64,
    cpu_seconds: f64,
    cpu_wait_seconds: Option<f64>,
    /// Ends the schedule for good when it goes.
    pacer: Pacer,
}

/// Opens the desk when all users have come, and waits until the schedule is over.
pub(super) async fn conduct(plan: &Plan, shared: &Shared, interrupt: &Interrupt) -> Conducted {
    let desk = &shared.desk;
    let everybody = u64::try_from(plan.max_users).unwrap_or(u64::MAX);
    let patience = Instant::now() + ALL_HAVE_COME_WITHIN;
    while desk.arrived() < everybody && Instant::now() < patience {
        tokio::time::sleep(LOOK).await;
    }
    let origin = Instant::now();
    shared.recorder.open(origin);
    let heartbeat = Heartbeat::start(origin, plan.gap);
    let users = u64::try_from(plan.users).unwrap_or(u64::MAX);
    let pacer = Pacer::start(desk, &plan.model, origin, users, everybody);
    let over = async {
        tokio::select! {
            () = until_over(shared, interrupt) => {}
            () = tell(plan.live.as_deref(), desk, &heartbeat) => {}
        }
    };
    let progress = &shared.progress;
    let so_far = || Snapshot::of(&shared.recorder.so_far(), &plan.promised);
    let shown = progress.show(&plan.title, plan.model.length(), so_far, over);
    shown.await;
    // Else those whom no ticket called would wait for one for ever, and goose for them.
    desk.let_nobody_in();
    if let Some(board) = &plan.live {
        board.say(said(desk, &heartbeat));
    }
    Conducted {
        seconds: origin.elapsed().as_secs_f64(),
        cpu_seconds: heartbeat.cpu_seconds(),
        cpu_wait_seconds: heartbeat.cpu_wait_seconds(),
        heartbeat,
        pacer,
    }
}

/// Waits until there are no more tickets; ends the schedule when the target has stopped answering,
/// or somebody wants this program to stop.
async fn until_over(shared: &Shared, interrupt: &Interrupt) {
    let desk = &shared.desk;
    while !desk.is_over() {
        tokio::time::sleep(LOOK).await;
        if is_silent(&shared.progress) || interrupt.is_raised() {
            desk.stop();
        }
    }
}

/// Tells those who look on how the schedule goes; never ends.
async fn tell(live: Option<&Board>, desk: &Desk, heartbeat: &Heartbeat) {
    let Some(board) = live else {
        return std::future::pending().await;
    };
    loop {
        board.say(said(desk, heartbeat));
        tokio::time::sleep(TELL).await;
    }
}

fn said(desk: &Desk, heartbeat: &Heartbeat) -> Said {
    Said {
        due: desk.due(),
        users: desk.users(),
        gaps: heartbeat.gaps(),
    }
}

/// Whether the target is taken for dead.
fn is_silent(progress: &Progress) -> bool {
    progress.unanswered_in_a_row() >= UNANSWERED_IS_DEAD
}

impl Conducted {
    /// What was seen, when every user has gone.
    pub(super) fn into_round(self, shared: Shared, plan: &Plan) -> Round {
        let (due, users) = (shared.desk.due(), shared.desk.users());
        drop(self.pacer);
        let beats = self.heartbeat.stop();
        let tainted = Heartbeat::tainted(&beats.gaps, plan.block_seconds);
        let mut round = shared.recorder.finish(&tainted, &beats.gaps);
        round.seconds = self.seconds;
        round.silent = is_silent(&shared.progress);
        round.generator = GeneratorRecord {
            due,
            users,
            gaps: beats.gaps,
            tainted,
            cpu_seconds: self.cpu_seconds,
            cpu_wait_seconds: self.cpu_wait_seconds,
            cores: heartbeat::cores(plan.destination.is_local()),
            stolen_seconds: beats.stolen_seconds,
            ..round.generator
        };
        round
    }
}
