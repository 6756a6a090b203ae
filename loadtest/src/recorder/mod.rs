//! Takes down every request of one round, by route and block of time.
//!
//! Users share it: it is split into as many parts as there are processors, so that a lock is
//! hardly ever waited for, and put together when the round is over. Its size does not depend on
//! the number of requests, nor on the length of the round: there are at most [`MAX_BLOCKS`] blocks.

mod counts;
mod samples;
mod slowest;
mod stalls;

#[cfg(test)]
mod tests;

use crate::contract::Answer;
use crate::evidence::{Cell, Round};
use crate::live::Board;
use crate::pacer::Ticket;
use crate::traffic::{RouteId, Traffic};
use counts::Counts;
use samples::Samples;
use stalls::Stalls;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// Blocks that a whole run is divided into at most; a block is at least a second.
pub const MAX_BLOCKS: f64 = 300.0;

/// One request.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Its route.
    pub route: RouteId,
    /// When it was due; None for one that only ended a task.
    pub ticket: Option<Ticket>,
    /// When it was sent.
    pub begun: Instant,
    /// When its last byte arrived.
    pub ended: Instant,
}

/// How one request ended.
#[derive(Debug)]
pub enum Outcome<'a> {
    /// Answered, and the answer was right.
    Right(&'a Answer),
    /// Answered, but not as the contract says.
    Wrong(String),
    /// Sent, but no complete answer came.
    Lost(String),
    /// Not sent: no connection could be made, so the target cannot have counted it.
    Unsent(String),
}

/// The record of one round.
#[derive(Debug)]
pub struct Recorder {
    origin: OnceLock<Instant>,
    block: Duration,
    traffic: Arc<Traffic>,
    shards: Vec<Mutex<Shard>>,
    stalls: Stalls,
    live: Option<Arc<Board>>,
}

#[derive(Debug, Default)]
struct Shard {
    routes: Vec<Samples>,
    slip: Counts,
    begun: u64,
    waited: u64,
}

impl Recorder {
    /// An empty record in blocks of so many seconds.
    #[must_use]
    pub fn new(traffic: &Arc<Traffic>, block_seconds: u32) -> Self {
        let shards = std::thread::available_parallelism().map_or(1, usize::from);
        let shard = || Shard {
            routes: traffic.routes.iter().map(|_| Samples::default()).collect(),
            ..Shard::default()
        };
        Self {
            origin: OnceLock::new(),
            block: Duration::from_secs(u64::from(block_seconds.max(1))),
            traffic: Arc::clone(traffic),
            shards: (0..shards).map(|_| Mutex::new(shard())).collect(),
            stalls: Stalls::default(),
            live: None,
        }
    }

    /// The same, counted on a board as well.
    #[must_use]
    pub fn shown_on(mut self, board: Option<Arc<Board>>) -> Self {
        self.live = board;
        self
    }

    /// Says when the round begins, before the first request of it.
    pub fn open(&self, origin: Instant) {
        // A round begins once.
        let _ = self.origin.set(origin);
        self.stalls.open(origin);
    }

    /// Says that a request is sent now.
    pub fn begin(&self, now: Instant) {
        self.stalls.begin(now);
    }

    /// Takes down a request of user `user`.
    pub fn record(&self, user: usize, sample: &Sample, outcome: &Outcome<'_>) {
        self.stalls.end(
            sample.ended,
            matches!(outcome, Outcome::Right(_) | Outcome::Wrong(_)),
        );
        if let Some((board, ticket)) = self.live.as_ref().zip(sample.ticket) {
            let elapsed = sample.ended - ticket.intended;
            board.count(sample.route, elapsed, ticket.slip, outcome);
        }
        let shards = self.shards.len().max(1);
        let Some(shard) = self.shards.get(user % shards) else {
            return;
        };
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        let shard = &mut *shard;
        let Some(samples) = shard.routes.get_mut(sample.route.0) else {
            return;
        };
        let Some(ticket) = sample.ticket else {
            return samples.trailing(outcome);
        };
        shard.begun += 1;
        match ticket.slip {
            Some(late) => shard.slip.record(late),
            None => shard.waited += 1,
        }
        samples.record(self.block_of(ticket.intended), sample, ticket, outcome);
    }

    /// What was seen so far, over all routes: right answers by duration, and wrong ones.
    #[must_use]
    pub fn so_far(&self) -> Vec<Cell> {
        let mut cells = vec![Cell::default(); self.traffic.routes.len()];
        for shard in &self.shards {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            for (cell, samples) in cells.iter_mut().zip(&shard.routes) {
                samples.add_to(cell);
            }
        }
        cells
    }

    /// Puts the parts together; what belongs to `tainted` blocks is left out, and counted.
    #[must_use]
    pub fn finish(self, tainted: &BTreeSet<u32>, gaps: &[(f64, f64)]) -> Round {
        let mut round = Round {
            block_seconds: u32::try_from(self.block.as_secs()).unwrap_or(u32::MAX),
            longest_stall_ms: self.stalls.longest_ms(gaps),
            ..Round::default()
        };
        let mut whole: Vec<Samples> = Vec::new();
        whole.resize_with(self.traffic.routes.len(), Samples::default);
        for shard in self.shards {
            let shard = shard.into_inner().unwrap_or_else(PoisonError::into_inner);
            shard.slip.add_to(&mut round.generator.slip);
            round.generator.begun += shard.begun;
            round.generator.waited += shard.waited;
            for (whole, part) in whole.iter_mut().zip(shard.routes) {
                whole.merge(part);
            }
        }
        let named = self.traffic.routes.iter().zip(whole);
        round.routes = named
            .map(|(info, samples)| samples.finish(&info.name, tainted))
            .collect();
        round
    }

    fn block_of(&self, time: Instant) -> u32 {
        let origin = self.origin.get().copied().unwrap_or(time);
        let since = time.saturating_duration_since(origin);
        u32::try_from(since.as_secs() / self.block.as_secs()).unwrap_or(u32::MAX)
    }
}
