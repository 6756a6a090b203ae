//! What the generator saw in one round: per route and block of time, and of itself.

use super::Histogram;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Distinct error messages kept per route; what comes after is counted as one.
const MESSAGES_KEPT: usize = 20;

/// One round: an attack of a given length, after which every answer has come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Round {
    /// Seconds from the first intended start to the end of the schedule.
    pub seconds: f64,
    /// Length of a block in whole seconds: 1, or more where the round is long.
    pub block_seconds: u32,
    /// By route, in the order in which `loadtest list` shows them.
    pub routes: Vec<RouteRecord>,
    /// The longest time, in milliseconds, in which requests were under way and none was answered.
    pub longest_stall_ms: f64,
    /// Whether the round was ended early, because no request was answered any more.
    pub silent: bool,
    /// What the generator knows of itself.
    pub generator: GeneratorRecord,
}

/// What was seen of one route in one round. Seconds that the generator spoilt are left out of
/// `blocks` and counted in `left_out`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RouteRecord {
    /// Its name: method, space, path template.
    pub route: String,
    /// Requests by the block in which they were meant to start, counted from the round's begin.
    pub blocks: BTreeMap<u32, Cell>,
    /// The same requests by the time from their sending on, without their wait for a free user.
    pub service: Histogram,
    /// What wrong answers were wrong with, and how often; those left out are in here too.
    pub messages: BTreeMap<String, u64>,
    /// Requests in seconds that the generator spoilt.
    pub left_out: u64,
    /// Requests that ended a task after the schedule had ended; nobody times them.
    pub trailing: u64,
    /// The slowest right answers, slowest first, and what the target said about each.
    pub slowest: Vec<SlowRequest>,
}

/// Requests of one route in one block.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Cell {
    /// The right answers, from the intended start to the last byte.
    pub right: Histogram,
    /// Requests that were sent and got a wrong answer, or none.
    pub wrong: u64,
    /// Requests that found no connection, so that the target cannot have counted them.
    pub unsent: u64,
}

/// One slow request.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SlowRequest {
    /// From the intended start to the last byte.
    pub ms: f64,
    /// Of which it waited for a free user.
    pub waited_ms: f64,
    /// Its trace id, if the target names one in `traceresponse`.
    pub trace_id: Option<String>,
    /// Its request id, if the target names one in `X-Request-Id`.
    pub request_id: Option<String>,
    /// Milliseconds by phase, from `Server-Timing`.
    pub phases: BTreeMap<String, f64>,
}

/// What the generator knows of itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct GeneratorRecord {
    /// Requests that the schedule wanted; 0 in a closed model.
    pub due: u64,
    /// Of these, those that were begun.
    pub begun: u64,
    /// Of these, those that no user was free for when they were due.
    pub waited: u64,
    /// How late a free user began.
    pub slip: Histogram,
    /// Times in which this process did not run, as milliseconds from the round's begin and length.
    pub gaps: Vec<(f64, f64)>,
    /// The seconds which they spoil.
    pub tainted: BTreeSet<u32>,
    /// Processor seconds that the generator used.
    pub cpu_seconds: f64,
    /// Seconds in which its threads were ready to run and waited for a processor, added up; None
    /// where the kernel does not say.
    #[serde(default)]
    pub cpu_wait_seconds: Option<f64>,
    /// Processors that it may use: those it is allowed, half of them when the target is on this machine.
    pub cores: f64,
    /// Processor seconds that the host took away from this machine.
    pub stolen_seconds: f64,
    /// Users at the end of the round.
    pub users: u64,
}

impl Cell {
    /// All requests.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.right.count() + self.wrong + self.unsent
    }

    /// Requests without a right answer.
    #[must_use]
    pub fn errors(&self) -> u64 {
        self.wrong + self.unsent
    }

    /// Adds what another cell counted.
    pub fn merge(&mut self, other: &Self) {
        self.right.merge(&other.right);
        self.wrong += other.wrong;
        self.unsent += other.unsent;
    }
}

impl Round {
    /// All routes as one.
    #[must_use]
    pub fn whole(&self) -> Cell {
        let mut whole = Cell::default();
        for route in &self.routes {
            whole.merge(&route.whole());
        }
        whole
    }
}

impl RouteRecord {
    /// All blocks as one.
    #[must_use]
    pub fn whole(&self) -> Cell {
        let mut whole = Cell::default();
        for cell in self.blocks.values() {
            whole.merge(cell);
        }
        whole
    }

    /// Requests that were sent, whenever that was.
    #[must_use]
    pub fn sent(&self) -> u64 {
        let cells = self.blocks.values();
        let timed: u64 = cells.map(|cell| cell.right.count() + cell.wrong).sum();
        timed + self.left_out + self.trailing
    }

    /// Requests that were sent, and whose time from their sending on is not in `service`.
    #[must_use]
    pub fn untimed(&self) -> u64 {
        self.whole().wrong + self.left_out + self.trailing
    }

    /// Counts a message, up to the number that is kept.
    pub fn message(&mut self, message: &str, count: u64) {
        let known = self.messages.contains_key(message);
        let kept = known || self.messages.len() < MESSAGES_KEPT;
        let message = if kept { message } else { "other errors" };
        *self.messages.entry(message.to_owned()).or_default() += count;
    }
}
