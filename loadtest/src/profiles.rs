//! The profiles: how long, how many, against how much data.

use std::time::Duration;

/// A named set of defaults for a run; every one of them can be set on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// What it is called.
    pub name: &'static str,
    /// What it is for, in a sentence.
    pub about: &'static str,
    /// An attack before the measured one, left out of every figure.
    pub warmup: Duration,
    /// The measured attack.
    pub duration: Duration,
    /// Users at the same time.
    pub users: usize,
    /// Users that an empty database is filled with.
    pub seed_users: u64,
}

/// Posts that an empty database is filled with, for each user.
pub const POSTS_PER_USER: u64 = 5;

/// Every profile; the first is the default.
pub const PROFILES: [Profile; 2] = [
    Profile {
        name: "smoke",
        about: "a quick look: does everything work, and within its budget?",
        warmup: Duration::from_secs(3),
        duration: Duration::from_secs(10),
        users: 8,
        seed_users: 10_000,
    },
    Profile {
        name: "steady",
        about: "a minute of constant load on a database of ordinary size",
        warmup: Duration::from_secs(10),
        duration: Duration::from_mins(1),
        users: 16,
        seed_users: 100_000,
    },
];

impl Profile {
    /// The profile of this name, if there is one.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        PROFILES.into_iter().find(|profile| profile.name == name)
    }
}
