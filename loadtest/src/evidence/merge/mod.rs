//! Several generators that each sent a part of one schedule (`--shard 0/3`): their evidence, added
//! up. Integers are added, so that the parts give the whole exactly. What cannot be added is taken
//! from the part that looks worst, so that no part hides behind the others.

use super::{Evidence, GeneratorRecord, Host, PlanShown, Round, RouteRecord};
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// Parts that are not of one run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// Nothing was given.
    #[error("there is nothing to merge")]
    Nothing,
    /// What was asked for differs.
    #[error(
        "{name} was run with {key} {this}, the first one with {first}: the parts of one run have the same plan"
    )]
    OtherPlan {
        /// The file.
        name: String,
        /// What differs.
        key: String,
        /// What it was in this part …
        this: String,
        /// … and in the first one.
        first: String,
    },
    /// The same part twice, or a whole run among parts.
    #[error("{name} has shard {shard}/{of}, which is there already")]
    Twice {
        /// The file.
        name: String,
        /// Its number, counted from 0.
        shard: u32,
        /// Of so many.
        of: u32,
    },
    /// Rounds that do not lie over each other.
    #[error(
        "{name} has {this} rounds, the first one {first}: give every shard the same number of them, and let none be interrupted"
    )]
    OtherRounds {
        /// The file.
        name: String,
        /// Rounds of this part …
        this: usize,
        /// … and of the first one.
        first: usize,
    },
}

/// Adds up the parts of one run, each with the name that errors call it by. What is not there is
/// in [`Evidence::missing_shards`].
///
/// # Errors
/// When they are not parts of one run.
pub fn merge(parts: Vec<(String, Evidence)>) -> Result<Evidence, MergeError> {
    let mut parts = parts;
    // The same result in whatever order they are named.
    parts.sort_by_key(|(_, part)| (part.plan.shard, part.started.clone()));
    let mut parts = parts.into_iter();
    let (_, mut whole) = parts.next().ok_or(MergeError::Nothing)?;
    let mut present = whole.shards();
    let of = whole.plan.shard.1.max(1);
    for (name, part) in parts {
        check(&name, &part, &whole)?;
        for shard in part.shards() {
            if !present.insert(shard) {
                return Err(MergeError::Twice { name, shard, of });
            }
        }
        whole.add(part);
    }
    whole.missing_shards = (0..of).filter(|shard| !present.contains(shard)).collect();
    if whole.missing_shards.is_empty() {
        whole.plan.shard = (0, 1);
    }
    Ok(whole)
}

fn check(name: &str, part: &Evidence, first: &Evidence) -> Result<(), MergeError> {
    let (theirs, ours) = (comparable(&part.plan), comparable(&first.plan));
    let differs = theirs.iter().zip(&ours).find(|(this, first)| this != first);
    if let Some(((key, this), (_, first))) = differs {
        return Err(MergeError::OtherPlan {
            name: name.to_owned(),
            key: (*key).to_owned(),
            this: this.clone(),
            first: first.clone(),
        });
    }
    let (this, first) = (part.rounds.len(), first.rounds.len());
    if this != first {
        let name = name.to_owned();
        return Err(MergeError::OtherRounds { name, this, first });
    }
    Ok(())
}

/// What all parts have in common; users differ.
fn comparable(plan: &PlanShown) -> [(&'static str, String); 9] {
    let rate = plan.rate.clone().unwrap_or_else(|| "none".to_owned());
    [
        ("profile", plan.profile.clone()),
        ("target", plan.target.clone()),
        ("arrival", plan.arrival.clone()),
        ("rate", rate),
        ("lane", plan.lane.clone()),
        ("seed", plan.seed.to_string()),
        ("round length", format!("{} s", plan.round_seconds)),
        ("rounds", format!("{} to {}", plan.rounds.0, plan.rounds.1)),
        ("number of shards", plan.shard.1.to_string()),
    ]
}

impl Evidence {
    /// Which shards this is the evidence of, counted from 0.
    #[must_use]
    pub fn shards(&self) -> BTreeSet<u32> {
        let (shard, of) = self.plan.shard;
        if self.missing_shards.is_empty() {
            return BTreeSet::from([shard]);
        }
        let missing = &self.missing_shards;
        (0..of).filter(|shard| !missing.contains(shard)).collect()
    }

    fn add(&mut self, other: Self) {
        self.started = self.started.clone().min(other.started);
        self.plan.users += other.plan.users;
        self.plan.max_users += other.plan.max_users;
        self.host.add(&other.host);
        for (round, other) in self.rounds.iter_mut().zip(other.rounds) {
            round.add(other);
        }
        self.target = match (self.target.take(), other.target) {
            (Some(ours), Some(theirs)) => Some(ours.union(theirs)),
            (ours, theirs) => ours.or(theirs),
        };
        self.target_died = self.target_died.take().or(other.target_died);
        self.interrupted |= other.interrupted;
    }
}

impl Host {
    /// Machines of one kind stay one description; others are named beside it.
    fn add(&mut self, other: &Self) {
        for (ours, theirs) in [
            (&mut self.cpu, &other.cpu),
            (&mut self.kernel, &other.kernel),
            (&mut self.version, &other.version),
        ] {
            if !ours.split("; ").any(|one| one == theirs) {
                *ours = format!("{ours}; {theirs}");
            }
        }
        self.cores = self.cores.min(other.cores);
    }
}

impl Round {
    fn add(&mut self, other: Self) {
        self.seconds = self.seconds.max(other.seconds);
        self.silent |= other.silent;
        self.longest_stall_ms = self.longest_stall_ms.max(other.longest_stall_ms);
        for record in other.routes {
            let mut own = self.routes.iter_mut();
            match own.find(|own| own.route == record.route) {
                Some(own) => own.add(record),
                None => self.routes.push(record),
            }
        }
        self.generator.add(other.generator);
    }
}

impl RouteRecord {
    fn add(&mut self, other: Self) {
        for (block, cell) in &other.blocks {
            self.blocks.entry(*block).or_default().merge(cell);
        }
        self.service.merge(&other.service);
        for (message, count) in other.messages {
            *self.messages.entry(message).or_default() += count;
        }
        self.left_out += other.left_out;
        self.trailing += other.trailing;
        let kept = self.slowest.len().max(other.slowest.len());
        self.slowest.extend(other.slowest);
        self.slowest
            .sort_by(|left, right| right.ms.total_cmp(&left.ms));
        self.slowest.truncate(kept);
    }
}

impl GeneratorRecord {
    fn add(&mut self, other: Self) {
        // The busiest one: an average would hide it.
        if self.wanted().total_cmp(&other.wanted()) == Ordering::Less {
            self.cpu_seconds = other.cpu_seconds;
            self.cpu_wait_seconds = other.cpu_wait_seconds;
            self.cores = other.cores;
        }
        self.due += other.due;
        self.begun += other.begun;
        self.waited += other.waited;
        self.users += other.users;
        self.slip.merge(&other.slip);
        self.gaps.extend(other.gaps);
        self.gaps.sort_by(|left, right| {
            let begin = left.0.total_cmp(&right.0);
            begin.then_with(|| left.1.total_cmp(&right.1))
        });
        self.tainted.extend(other.tainted);
        self.stolen_seconds = self.stolen_seconds.max(other.stolen_seconds);
    }

    /// Processor seconds that it used or waited for, for each processor that it may use.
    fn wanted(&self) -> f64 {
        let wanted = self.cpu_seconds + self.cpu_wait_seconds.unwrap_or_default();
        wanted / self.cores.max(f64::MIN_POSITIVE)
    }
}

#[cfg(test)]
mod tests;
