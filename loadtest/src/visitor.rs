//! What one simulated user carries through an attack: their dice, their notes, their preferences.

use crate::population::Population;
use crate::progress::Progress;
use crate::recorder::Recorder;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Zipf};
use std::sync::Arc;

/// The skew of popularity: 1 is what word counts and page views show.
const SKEW: f64 = 1.0;

/// One user's state; it belongs to one user only, so nothing in it is shared but the progress.
#[derive(Debug)]
pub struct Visitor {
    /// What this user saw.
    pub recorder: Recorder,
    /// What everybody did so far.
    pub progress: Arc<Progress>,
    dice: ChaCha8Rng,
    population: Arc<Population>,
    name: String,
    serial: u64,
}

impl Visitor {
    /// User number `number` of a run. `run` keeps the addresses of different runs apart.
    #[must_use]
    pub fn new(number: usize, seed: u64, run: &str, shared: &Shared, recorder: Recorder) -> Self {
        let mut dice = ChaCha8Rng::seed_from_u64(seed);
        dice.set_stream(u64::try_from(number).unwrap_or(u64::MAX));
        Self {
            recorder,
            progress: Arc::clone(&shared.progress),
            dice,
            population: Arc::clone(&shared.population),
            name: format!("{run}-{number}"),
            serial: 0,
        }
    }

    /// The id of an existing user, the newer the likelier.
    pub fn user_id(&mut self) -> String {
        popular(&mut self.dice, &self.population.users)
    }

    /// The id of an existing post, the newer the likelier.
    pub fn post_id(&mut self) -> String {
        popular(&mut self.dice, &self.population.posts)
    }

    /// One of several things, each as likely.
    pub fn choose<'a>(&mut self, things: &[&'a str]) -> &'a str {
        let index = self.dice.random_range(0..things.len().max(1));
        things.get(index).copied().unwrap_or_default()
    }

    /// A number from 1 to `most`, 1 the likeliest.
    pub fn small_number(&mut self, most: usize) -> usize {
        rank(&mut self.dice, most) + 1
    }

    /// A word which no user of any run has used before.
    pub fn unique(&mut self) -> String {
        self.serial += 1;
        format!("{}-{}", self.name, self.serial)
    }
}

/// What all visitors of an attack have in common.
#[derive(Clone, Debug)]
pub struct Shared {
    /// The ids that exist.
    pub population: Arc<Population>,
    /// What everybody did so far.
    pub progress: Arc<Progress>,
}

fn popular(dice: &mut ChaCha8Rng, ids: &[String]) -> String {
    ids.get(rank(dice, ids.len())).cloned().unwrap_or_default()
}

/// A Zipf-distributed index into `count` things.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "the distribution gives whole numbers from 1 to count, which is small"
)]
fn rank(dice: &mut ChaCha8Rng, count: usize) -> usize {
    Zipf::new(count.max(1) as f64, SKEW).map_or(0, |zipf| zipf.sample(dice) as usize - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visitor(number: usize) -> Visitor {
        let ids = |count: u32| (1..=count).map(|id| id.to_string()).collect();
        let population = Population {
            users: ids(1_000),
            posts: ids(10),
        };
        let shared = Shared {
            population: Arc::new(population),
            progress: Arc::new(Progress::default()),
        };
        Visitor::new(number, 42, "run", &shared, Recorder::default())
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
