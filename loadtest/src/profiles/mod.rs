//! The profiles: how much, how long, against how much data. They are in `loadtest/profiles.toml`,
//! which says how one is written; [`file`] reads it.

mod file;

use crate::numbers::whole;
use crate::schedule::{Arrival, Stage};
use crate::wording::{count, per_second};
use std::sync::LazyLock;
use std::time::Duration;

/// A named set of defaults for a run; every one of them can be set on the command line.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// What it is called.
    pub name: String,
    /// What it is for, in a sentence.
    pub about: String,
    /// Requests per second, of which the stages say multiples.
    pub rate: f64,
    /// How the gaps come about.
    pub arrival: Arrival,
    /// An attack before the measured one, left out of every figure.
    pub warmup: Duration,
    /// A round.
    pub stages: Vec<Stage>,
    /// Rounds at least and at most.
    pub rounds: (u32, u32),
    /// Users that an empty database is filled with.
    pub seed_users: u64,
    /// Posts for each of them.
    pub posts_per_user: u64,
    /// Whether it is judged; otherwise it is only measured and shown.
    pub verdict: bool,
}

/// The profiles that ship. That they can be read is tested, so that nobody meets this error.
static SHIPPED: LazyLock<Vec<Profile>> = LazyLock::new(|| {
    file::parse(
        "loadtest/profiles.toml",
        include_str!("../../profiles.toml"),
    )
    .unwrap_or_default()
});

/// The names; the first is the default.
#[must_use]
pub fn names() -> Vec<&'static str> {
    profiles().iter().map(|one| one.name.as_str()).collect()
}

/// Every profile.
#[must_use]
pub fn profiles() -> &'static [Profile] {
    &SHIPPED
}

impl Profile {
    /// The profile of this name, if there is one.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        profiles()
            .iter()
            .find(|profile| profile.name == name)
            .cloned()
    }

    /// With another base rate, and another length of a round: its stages keep their proportions.
    #[must_use]
    pub fn scaled(mut self, rate: Option<f64>, round_time: Option<Duration>) -> Self {
        self.rate = rate.unwrap_or(self.rate);
        if let Some(length) = round_time {
            let factor = length.as_secs_f64() / self.seconds();
            for stage in &mut self.stages {
                stage.seconds *= factor;
            }
        }
        self
    }

    /// The length of a round in seconds.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.stages.iter().map(|stage| stage.seconds).sum()
    }

    /// The requests of a round.
    #[must_use]
    pub fn requests(&self) -> f64 {
        let of_stage = |stage: &Stage| stage.seconds * f64::midpoint(stage.from, stage.to);
        self.stages.iter().map(of_stage).sum::<f64>() * self.rate
    }

    /// The highest rate in a round.
    #[must_use]
    pub fn peak(&self) -> f64 {
        let rates = self.stages.iter().flat_map(|stage| [stage.from, stage.to]);
        rates.fold(0.0, f64::max) * self.rate
    }

    /// A round in words: `750/s for 10 s, 3 000/s for 6 s`.
    #[must_use]
    pub fn shape(&self) -> String {
        let rate = |multiple: f64| per_second(multiple * self.rate);
        let in_words = |stage: &Stage| {
            let seconds = count(whole(stage.seconds));
            if (stage.from - stage.to).abs() < f64::EPSILON {
                format!("{} for {seconds} s", rate(stage.from))
            } else {
                let (from, to) = (rate(stage.from), rate(stage.to));
                format!("{from} to {to} in {seconds} s")
            }
        };
        let stages: Vec<_> = self.stages.iter().map(in_words).collect();
        stages.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(left: f64, right: f64) -> bool {
        (left - right).abs() < 1e-6
    }

    #[test]
    fn every_profile_that_ships_can_be_read_and_smoke_is_the_default() {
        let text = include_str!("../../profiles.toml");
        let read = file::parse("loadtest/profiles.toml", text).unwrap();
        assert_eq!(read, profiles());
        assert_eq!(
            names(),
            ["smoke", "steady", "ramp", "spike", "soak", "stress"]
        );
    }

    #[test]
    fn a_scaled_profile_keeps_its_shape() {
        let spike = Profile::named("spike").unwrap();
        let half = spike
            .clone()
            .scaled(Some(300.0), Some(Duration::from_secs(13)));
        assert!(close(half.seconds(), 13.0), "{}", half.seconds());
        assert!(close(half.peak(), 600.0), "{}", half.peak());
        assert!(close(half.requests() * 10.0, spike.requests()));
        assert_eq!(spike.clone().scaled(None, None), spike);
    }

    #[test]
    fn the_requests_of_a_ramp_are_the_area_below_it() {
        let ramp = Profile::named("ramp").unwrap();
        assert!(close(ramp.seconds(), 60.0));
        assert!(close(ramp.requests(), 45.0 * 1_650.0 + 15.0 * 3_000.0));
        assert!(close(ramp.peak(), 3_000.0));
    }

    #[test]
    fn a_shape_is_said_in_words() {
        let shape = |name| Profile::named(name).unwrap().shape();
        assert_eq!(shape("smoke"), "2 000/s for 15 s");
        assert_eq!(shape("ramp"), "300/s to 3 000/s in 45 s, 3 000/s for 15 s");
    }
}
