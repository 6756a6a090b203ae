//! The requests of one route, by block of time.
//!
//! Nearly all of them belong to the newest block; they are counted in rows, which are put into its
//! histograms when the next block begins. What comes late for an older one goes there directly.

use super::counts::Counts;
use super::slowest::Slowest;
use super::{Outcome, Sample};
use crate::evidence::{Cell, Histogram, RouteRecord};
use crate::pacer::Ticket;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default)]
pub(super) struct Samples {
    blocks: BTreeMap<u32, Block>,
    /// All blocks but what is in `newest` as one, so that those who look on need not add them up
    /// while users wait.
    whole: Cell,
    newest: Newest,
    record: RouteRecord,
    slowest: Slowest,
}

#[derive(Debug, Default)]
struct Block {
    cell: Cell,
    service: Histogram,
}

/// The right answers of the newest block.
#[derive(Debug, Default)]
struct Newest {
    number: u32,
    right: Counts,
    service: Counts,
}

impl Samples {
    pub(super) fn record(
        &mut self,
        number: u32,
        sample: &Sample,
        ticket: Ticket,
        outcome: &Outcome<'_>,
    ) {
        match outcome {
            Outcome::Right(answer) => {
                let elapsed = sample.ended - ticket.intended;
                let service = sample.ended - sample.begun;
                if number > self.newest.number {
                    self.settle();
                    self.newest.number = number;
                }
                if number == self.newest.number {
                    self.newest.right.record(elapsed);
                    self.newest.service.record(service);
                } else {
                    let block = self.blocks.entry(number).or_default();
                    block.cell.right.record(elapsed);
                    block.service.record(service);
                    self.whole.right.record(elapsed);
                }
                let waited = elapsed.saturating_sub(service);
                self.slowest.offer(number, elapsed, waited, answer);
            }
            Outcome::Wrong(message) | Outcome::Lost(message) => {
                self.blocks.entry(number).or_default().cell.wrong += 1;
                self.whole.wrong += 1;
                self.record.message(message, 1);
            }
            Outcome::Unsent(message) => {
                self.blocks.entry(number).or_default().cell.unsent += 1;
                self.whole.unsent += 1;
                self.record.message(message, 1);
            }
        }
    }

    /// Takes down a request that only ended a task.
    pub(super) fn trailing(&mut self, outcome: &Outcome<'_>) {
        match outcome {
            Outcome::Right(_) => self.record.trailing += 1,
            Outcome::Wrong(message) | Outcome::Lost(message) => {
                self.record.trailing += 1;
                self.record.message(message, 1);
            }
            Outcome::Unsent(message) => self.record.message(message, 1),
        }
    }

    /// Adds all of it to a cell.
    pub(super) fn add_to(&self, cell: &mut Cell) {
        cell.merge(&self.whole);
        self.newest.right.add_to(&mut cell.right);
    }

    /// Adds what another part of the record has of this route.
    pub(super) fn merge(&mut self, mut other: Self) {
        other.settle();
        for (number, block) in other.blocks {
            let own = self.blocks.entry(number).or_default();
            own.cell.merge(&block.cell);
            own.service.merge(&block.service);
        }
        for (message, count) in &other.record.messages {
            self.record.message(message, *count);
        }
        self.record.trailing += other.record.trailing;
        self.slowest.merge(other.slowest);
    }

    pub(super) fn finish(mut self, route: &str, tainted: &BTreeSet<u32>) -> RouteRecord {
        self.settle();
        let mut record = self.record;
        route.clone_into(&mut record.route);
        for (number, block) in self.blocks {
            if tainted.contains(&number) {
                // Those that found no connection are not among what the target must have counted.
                record.left_out += block.cell.right.count() + block.cell.wrong;
            } else {
                record.service.merge(&block.service);
                record.blocks.insert(number, block.cell);
            }
        }
        record.slowest = self.slowest.into_requests(record.service.count(), tainted);
        record
    }

    /// Puts the rows into the histograms of their block.
    fn settle(&mut self) {
        let Newest {
            number,
            right,
            service,
        } = &mut self.newest;
        if right.is_empty() {
            return;
        }
        let block = self.blocks.entry(*number).or_default();
        right.add_to(&mut block.cell.right);
        right.add_to(&mut self.whole.right);
        service.add_to(&mut block.service);
        right.clear();
        service.clear();
    }
}
