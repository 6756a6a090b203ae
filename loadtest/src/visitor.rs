//! What one simulated user carries through an attack: their dice, their notes, their preferences.

use crate::pacer::Desk;
use crate::population::{Ids, Population};
use crate::progress::Progress;
use crate::recorder::Recorder;
use crate::routes::Route;
use crate::traffic::{Job, Traffic};
use crate::walk::Walk;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Zipf};
use std::collections::HashMap;
use std::sync::Arc;

/// The skew of popularity: 1 is what word counts and page views show.
const SKEW: f64 = 1.0;

/// What all visitors of an attack have in common.
#[derive(Debug)]
pub struct Shared {
    /// What is sent.
    pub traffic: Arc<Traffic>,
    /// The ids that exist.
    pub population: Arc<Population>,
    /// Where they get their tickets.
    pub desk: Arc<Desk>,
    /// Where everything is taken down.
    pub recorder: Recorder,
    /// What everybody did so far.
    pub progress: Arc<Progress>,
}

/// One user's state; it belongs to one user only, so nothing in it is shared but what is common.
#[derive(Debug)]
pub struct Visitor {
    /// The long lists that this user is reading through.
    pub walks: HashMap<Route, Walk>,
    shared: Arc<Shared>,
    number: usize,
    dice: ChaCha8Rng,
    users: Popularity,
    posts: Popularity,
    name: String,
    serial: u64,
}

impl Visitor {
    /// User number `number` of a run. `run` keeps the addresses of different runs apart.
    #[must_use]
    pub fn new(number: usize, seed: u64, run: &str, shared: &Arc<Shared>) -> Self {
        let mut dice = ChaCha8Rng::seed_from_u64(seed);
        // Stream 0 is the schedule's.
        dice.set_stream(u64::try_from(number).unwrap_or(u64::MAX).saturating_add(1));
        Self {
            walks: HashMap::new(),
            shared: Arc::clone(shared),
            number,
            dice,
            users: Popularity::of(&shared.population.users),
            posts: Popularity::of(&shared.population.posts),
            name: format!("{run}-{number}"),
            serial: 0,
        }
    }

    /// What all visitors have in common.
    #[must_use]
    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Which user this is, from 0 on.
    #[must_use]
    pub fn number(&self) -> usize {
        self.number
    }

    /// The id of an existing user, the newer the likelier.
    pub fn user_id(&mut self) -> String {
        self.users
            .choose(&mut self.dice, &self.shared.population.users)
    }

    /// The id of an existing post, the newer the likelier.
    pub fn post_id(&mut self) -> String {
        self.posts
            .choose(&mut self.dice, &self.shared.population.posts)
    }

    /// One of several jobs, by their weights.
    pub fn choose_job<'a>(&mut self, jobs: &'a [Job]) -> Option<&'a Job> {
        let total: usize = jobs.iter().map(|job| job.weight).sum();
        let mut left = self.dice.random_range(0..total.max(1));
        jobs.iter().find(|job| {
            let chosen = left < job.weight;
            left = left.saturating_sub(job.weight);
            chosen
        })
    }

    /// What existed when the attack began.
    #[must_use]
    pub fn population(&self) -> Arc<Population> {
        Arc::clone(&self.shared.population)
    }

    /// One of several things, each as likely.
    pub fn choose<T: Copy + Default>(&mut self, things: &[T]) -> T {
        let index = self.number_between(0, things.len().saturating_sub(1));
        things.get(index).copied().unwrap_or_default()
    }

    /// A number from `least` to `most`, each as likely.
    pub fn number_between(&mut self, least: usize, most: usize) -> usize {
        self.dice.random_range(least..=most.max(least))
    }

    /// A number from 1 to `most`, 1 the likeliest.
    pub fn small_number(&mut self, most: usize) -> usize {
        rank(zipf(most), &mut self.dice)
    }

    /// A number from 0 to below `count`, each as likely.
    pub fn below(&mut self, count: usize) -> usize {
        self.dice.random_range(0..count.max(1))
    }

    /// A number from `from` to `to`, each as likely.
    pub fn between(&mut self, from: u64, to: u64) -> u64 {
        self.dice.random_range(from..=to.max(from))
    }

    /// A random UUID, by RFC 9562 version 4.
    pub fn uuid(&mut self) -> String {
        let dice = &mut self.dice;
        let (low, middle): (u32, u16) = (dice.random(), dice.random());
        let version = 0x4000 | dice.random_range(0..0x1000_u16);
        let variant = 0x8000 | dice.random_range(0..0x4000_u16);
        let node = dice.random_range(0..1_u64 << 48);
        format!("{low:08x}-{middle:04x}-{version:04x}-{variant:04x}-{node:012x}")
    }

    /// A word which no user of any run has used before.
    pub fn unique(&mut self) -> String {
        self.serial += 1;
        format!("{}-{}", self.name, self.serial)
    }
}

/// How popular each of several ids is: by Zipf's law, the first most of all.
#[derive(Clone, Copy, Debug)]
struct Popularity(Option<Zipf<f64>>);

impl Popularity {
    fn of(ids: &Ids) -> Self {
        Self(zipf(ids.len()))
    }

    fn choose(self, dice: &mut ChaCha8Rng, ids: &Ids) -> String {
        let place = rank(self.0, dice) - 1;
        ids.get(place).unwrap_or_default().to_owned()
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "nobody chooses from more than 2^52 things"
)]
fn zipf(count: usize) -> Option<Zipf<f64>> {
    Zipf::new(count as f64, SKEW).ok()
}

/// A number from 1 on; 1 where there is nothing to choose from.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the distribution gives whole numbers from 1 on, which are small"
)]
fn rank(zipf: Option<Zipf<f64>>, dice: &mut ChaCha8Rng) -> usize {
    zipf.map_or(1, |zipf| (zipf.sample(dice) as usize).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pacer::Model;
    use std::time::Duration;

    fn visitor(number: usize) -> Visitor {
        let ids = |count: u32| (1..=count).map(|id| id.to_string()).collect();
        let population = Population {
            users: ids(1_000),
            posts: ids(10),
        };
        let traffic = Arc::new(Traffic::of_personas());
        let shared = Shared {
            population: Arc::new(population),
            desk: Desk::new(&Model::Closed(Duration::ZERO)),
            recorder: Recorder::new(&traffic, 1),
            progress: Arc::default(),
            traffic,
        };
        Visitor::new(number, 42, "run", &Arc::new(shared))
    }

    #[test]
    fn the_same_seed_and_number_make_the_same_choices() {
        let ids = |number| -> Vec<_> {
            let mut visitor = visitor(number);
            (0..100).map(|_| visitor.user_id()).collect()
        };
        assert_eq!(ids(1), ids(1));
        assert_ne!(ids(1), ids(2));
    }

    #[test]
    fn the_head_of_the_list_is_popular_and_the_tail_is_reached() {
        let mut visitor = visitor(0);
        let ids: Vec<u32> = (0..10_000)
            .map(|_| visitor.user_id().parse().unwrap())
            .collect();
        let share = |from, to| ids.iter().filter(|id| (from..=to).contains(*id)).count();
        assert!(share(1, 10) > share(11, 100));
        assert!(share(900, 1_000) > 0);
    }

    #[test]
    fn no_two_words_are_the_same() {
        let (mut one, mut other) = (visitor(1), visitor(2));
        let words = [one.unique(), one.unique(), other.unique()];
        assert_eq!(words, ["run-1-1", "run-1-2", "run-2-1"]);
    }
}
