//! When requests are meant to start: a rate that changes over time, and an order of arrival.
//!
//! A schedule is made of [`Stage`]s, in which the rate goes in a straight line from one multiple of
//! the base rate to another. Its integral, the number of requests that are due by a time, is turned
//! round: request number `k` is due when the integral reaches `k` (constant), or when it reaches the
//! sum of `k` exponential gaps with mean 1 (Poisson). That is the time-rescaling theorem
//! (<https://en.wikipedia.org/wiki/Poisson_point_process#Inhomogeneous_Poisson_point_process>), so
//! one loop serves every shape. The same seed makes the same schedule on every machine, and shard
//! `i` of `n` sends every `n`th request of it from the `i`th on.

use clap::ValueEnum;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Exp1};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// A length of time in which the rate is one straight line.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// Its length.
    pub seconds: f64,
    /// The rate at its begin, as a multiple of the base rate.
    pub from: f64,
    /// The rate at its end.
    pub to: f64,
}

/// How the gaps between two requests come about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Arrival {
    /// At random, as those of independent users: some come close together
    #[default]
    Poisson,
    /// All the same
    Constant,
}

/// When a shard's requests are meant to start.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// The stages, in their order.
    pub stages: Vec<Stage>,
    /// The base rate, in requests per second.
    pub rate: f64,
    /// How the gaps come about.
    pub arrival: Arrival,
    /// The seed of the gaps.
    pub seed: u64,
    /// Which part of the schedule is sent, and of how many parts: `(0, 1)` is all of it.
    pub shard: (u32, u32),
}

impl Stage {
    /// A stage at one rate.
    #[must_use]
    pub fn flat(seconds: f64) -> Self {
        Self {
            seconds,
            from: 1.0,
            to: 1.0,
        }
    }

    /// What is due in it at a base rate of 1.
    fn due(self) -> f64 {
        self.seconds * f64::midpoint(self.from, self.to)
    }

    /// After how many seconds of it `due` requests are due, at a base rate of 1.
    fn reaches(self, due: f64) -> f64 {
        // from·t + (to - from)/(2·seconds)·t² = due, in the form that does not cancel.
        let slope = (self.to - self.from) / self.seconds;
        let root = (self.from * self.from + 2.0 * slope * due).max(0.0).sqrt();
        let sum = self.from + root;
        if sum > 0.0 { 2.0 * due / sum } else { 0.0 }
    }
}

impl Schedule {
    /// Its length.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.stages.iter().map(|stage| stage.seconds).sum()
    }

    /// When the requests of this shard are due, from the begin of the schedule on, in order.
    pub fn starts(&self) -> impl Iterator<Item = Duration> + Send + use<> {
        let (shard, shards) = self.shard;
        let skip = usize::try_from(shard).unwrap_or(0);
        let step = usize::try_from(shards).unwrap_or(1).max(1);
        let (stages, rate) = (self.stages.clone(), self.rate);
        let sums = Sums::new(self.arrival, self.seed);
        let mut stage = Reached::default();
        sums.map_while(move |sum| stage.time(&stages, sum / rate))
            .map(Duration::from_secs_f64)
            .skip(skip)
            .step_by(step)
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, stage) in self.stages.iter().enumerate() {
            let separator = if number == 0 { "" } else { ", then " };
            let (from, to) = (self.rate * stage.from, self.rate * stage.to);
            let seconds = stage.seconds;
            if from.total_cmp(&to).is_eq() {
                write!(formatter, "{separator}{from:.0}/s for {seconds} s")?;
            } else {
                write!(
                    formatter,
                    "{separator}{from:.0}/s to {to:.0}/s in {seconds} s"
                )?;
            }
        }
        Ok(())
    }
}

/// How far the integral has been followed.
#[derive(Default)]
struct Reached {
    stage: usize,
    seconds: f64,
    due: f64,
}

impl Reached {
    /// When `due` requests at a base rate of 1 are due; None once the schedule is over.
    fn time(&mut self, stages: &[Stage], due: f64) -> Option<f64> {
        loop {
            let stage = *stages.get(self.stage)?;
            if due < self.due + stage.due() {
                return Some(self.seconds + stage.reaches(due - self.due));
            }
            self.due += stage.due();
            self.seconds += stage.seconds;
            self.stage += 1;
        }
    }
}

/// 0, 1, 2, … or the sums of exponential gaps.
struct Sums {
    dice: Option<ChaCha8Rng>,
    sum: f64,
}

impl Sums {
    fn new(arrival: Arrival, seed: u64) -> Self {
        let dice = (arrival == Arrival::Poisson).then(|| ChaCha8Rng::seed_from_u64(seed));
        Self { dice, sum: 0.0 }
    }
}

impl Iterator for Sums {
    type Item = f64;

    fn next(&mut self) -> Option<f64> {
        let sum = self.sum;
        let gap: f64 = self.dice.as_mut().map_or(1.0, |dice| Exp1.sample(dice));
        self.sum += gap;
        Some(sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(arrival: Arrival, stages: &[Stage]) -> Schedule {
        Schedule {
            stages: stages.to_vec(),
            rate: 100.0,
            arrival,
            seed: 42,
            shard: (0, 1),
        }
    }

    fn seconds(schedule: &Schedule) -> Vec<f64> {
        schedule.starts().map(|start| start.as_secs_f64()).collect()
    }

    #[test]
    fn constant_arrivals_are_one_gap_apart() {
        let starts = seconds(&schedule(Arrival::Constant, &[Stage::flat(2.0)]));
        assert_eq!(starts.len(), 200);
        for pair in starts.windows(2) {
            assert!((pair[1] - pair[0] - 0.01).abs() < 1e-6, "{pair:?}");
        }
    }

    #[test]
    fn poisson_gaps_have_the_mean_and_the_spread_of_the_exponential() {
        let starts = seconds(&schedule(Arrival::Poisson, &[Stage::flat(200.0)]));
        let gaps: Vec<_> = starts.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let count = f64::from(u32::try_from(gaps.len()).unwrap());
        let mean = gaps.iter().sum::<f64>() / count;
        let spread = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / count;
        assert!((mean - 0.01).abs() < 0.0005, "{mean}");
        assert!((spread.sqrt() - mean).abs() < 0.001, "{spread}");
    }

    #[test]
    fn a_ramp_has_the_rate_of_its_line_at_every_time() {
        let ramp = Stage {
            seconds: 10.0,
            from: 0.0,
            to: 2.0,
        };
        let starts = seconds(&schedule(Arrival::Constant, &[ramp, Stage::flat(1.0)]));
        // Half of 10 s at 200/s, then a second at 100/s.
        assert_eq!(starts.len(), 1_100);
        let before = |time| starts.iter().filter(|start| **start < time).count();
        assert_eq!((before(5.0), before(10.0)), (250, 1_000));
    }

    #[test]
    fn the_shards_together_are_the_whole() {
        let whole = schedule(Arrival::Poisson, &[Stage::flat(3.0)]);
        let mut parts: Vec<_> = (0..3)
            .flat_map(|shard| {
                let shard = Schedule {
                    shard: (shard, 3),
                    ..whole.clone()
                };
                seconds(&shard)
            })
            .collect();
        parts.sort_by(f64::total_cmp);
        assert_eq!(parts, seconds(&whole));
    }
}
