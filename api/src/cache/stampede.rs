//! The fault `cache_stampede`: what is asked for most leaves the cache all at once, and is slow to load. Everybody who asks meanwhile waits
//! for the same load.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::generations::Generations;
use crate::faults::{Fault, Faults};

/// How often the hot ids leave the cache.
const ROUND: Duration = Duration::from_secs(2);
/// How many ids are hot: by Zipf's law about a quarter of all questions about ten thousand ids.
const HOT: usize = 8;
/// How much longer their loads take: most of a round, and within the deadline of a request.
const SLOWER: Duration = Duration::from_millis(1800);

/// Knows which ids of one cache are hot.
pub(super) struct Stampede {
    faults: Faults,
    round: Mutex<Round>,
}

#[derive(Default)]
struct Round {
    began: Option<Instant>,
    asked: HashMap<i64, u32>,
    hot: Vec<i64>,
}

impl Stampede {
    /// Where it may be switched on.
    pub fn wired(faults: &Faults) -> Option<Self> {
        let stampede = || Self {
            faults: faults.clone(),
            round: Mutex::default(),
        };
        faults.are_wired().then(stampede)
    }

    /// Somebody asks for `id`. Says how much longer its load takes.
    pub fn asked(&self, id: i64, generations: &Generations) -> Option<Duration> {
        if !self.faults.is_on(Fault::CacheStampede) {
            return None;
        }
        let mut round = self.round.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if round.began.is_none_or(|began| now - began >= ROUND) {
            round.begin(now);
            generations.advance_all(&round.hot);
            self.faults
                .done(Fault::CacheStampede, round.hot.len() as u64);
        }
        *round.asked.entry(id).or_default() += 1;
        round.hot.contains(&id).then_some(SLOWER)
    }
}

impl Round {
    /// Hot is what was asked for most in the round before.
    fn begin(&mut self, now: Instant) {
        let mut asked: Vec<_> = self.asked.drain().collect();
        asked.sort_unstable_by_key(|(id, times)| (std::cmp::Reverse(*times), *id));
        asked.truncate(HOT);
        self.hot = asked.into_iter().map(|(id, _)| id).collect();
        self.began = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hot_is_what_was_asked_for_most_in_the_round_before() {
        let mut round = Round::default();
        for id in 1..=20_i64 {
            round.asked.insert(id, u32::try_from(id).unwrap());
        }
        round.begin(Instant::now());
        assert_eq!(round.hot, [20, 19, 18, 17, 16, 15, 14, 13]);
        assert!(round.asked.is_empty());
        round.begin(Instant::now());
        assert!(round.hot.is_empty(), "nobody asked");
    }
}
