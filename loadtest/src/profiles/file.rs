//! The file of profiles, read. What cannot be meant is an error with its line and column.

use super::Profile;
use crate::budgets::BudgetsError;
use crate::schedule::{Arrival, Stage};
use serde::Deserialize;
use std::time::Duration;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    profile: Vec<Entry>,
}

/// A profile as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: Spanned<String>,
    about: String,
    rate: Spanned<f64>,
    arrival: Arrival,
    warmup: Spanned<f64>,
    stages: Spanned<Vec<Spanned<Stage>>>,
    rounds: Spanned<(u32, u32)>,
    seed_users: Spanned<u64>,
    posts_per_user: u64,
    verdict: bool,
}

/// What is wrong, and the byte where it is.
type Fault = (usize, String);

/// The profiles in this text; `file` is the name that errors call it by.
///
/// # Errors
/// When the text is no TOML, or says something that cannot be meant.
pub(super) fn parse(file: &str, text: &str) -> Result<Vec<Profile>, BudgetsError> {
    let at = |(offset, message)| BudgetsError::at(file, text, offset, message);
    let read: File = toml::from_str(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        at((offset, error.message().to_owned()))
    })?;
    let mut profiles: Vec<Profile> = Vec::new();
    for entry in read.profile {
        let twice = profiles.iter().any(|one| one.name == *entry.name.get_ref());
        let message = "there is another profile of this name";
        check(!twice, &entry.name, message).map_err(at)?;
        profiles.push(entry.checked().map_err(at)?);
    }
    Ok(profiles)
}

impl Entry {
    fn checked(self) -> Result<Profile, Fault> {
        let is_rate = is_positive(*self.rate.get_ref());
        check(is_rate, &self.rate, "rate is a number above 0")?;
        let warmup = Duration::try_from_secs_f64(*self.warmup.get_ref()).ok();
        let no_time = "warmup is a number of seconds, from 0 on";
        let warmup = warmup.ok_or_else(|| fault(&self.warmup, no_time))?;
        let stages = self.stages.get_ref();
        let message = "stages has one stage at least, in which something is sent";
        let sends = |stage: &Spanned<Stage>| stage.get_ref().from + stage.get_ref().to > 0.0;
        check(stages.iter().any(sends), &self.stages, message)?;
        for stage in stages {
            check_stage(stage)?;
        }
        let (least, most) = *self.rounds.get_ref();
        let message = "rounds is how many at least, from 1 on, and how many at most";
        check(1 <= least && least <= most, &self.rounds, message)?;
        let has_users = *self.seed_users.get_ref() > 0;
        check(
            has_users,
            &self.seed_users,
            "seed_users is a number above 0",
        )?;
        Ok(Profile {
            name: self.name.into_inner(),
            about: self.about,
            rate: self.rate.into_inner(),
            arrival: self.arrival,
            warmup,
            stages: stages.iter().map(|stage| *stage.get_ref()).collect(),
            rounds: (least, most),
            seed_users: self.seed_users.into_inner(),
            posts_per_user: self.posts_per_user,
            verdict: self.verdict,
        })
    }
}

fn check_stage(stage: &Spanned<Stage>) -> Result<(), Fault> {
    let Stage { seconds, from, to } = *stage.get_ref();
    let message = "a stage takes a number of seconds above 0";
    check(is_positive(seconds), stage, message)?;
    let is_multiple = |rate: f64| rate.is_finite() && rate >= 0.0;
    let message = "from and to are multiples of the rate, from 0 on";
    check(is_multiple(from) && is_multiple(to), stage, message)
}

fn is_positive(number: f64) -> bool {
    number.is_finite() && number > 0.0
}

fn check<T>(condition: bool, written: &Spanned<T>, message: &str) -> Result<(), Fault> {
    if condition {
        Ok(())
    } else {
        Err(fault(written, message))
    }
}

fn fault<T>(written: &Spanned<T>, message: &str) -> Fault {
    (written.span().start, message.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const RIGHT: &str = r#"
[[profile]]
name = "a"
about = "b"
rate = 10
arrival = "constant"
warmup = 0
stages = [{ seconds = 1, from = 0, to = 1.5 }]
rounds = [1, 2]
seed_users = 1
posts_per_user = 0
verdict = true
"#;

    fn error(written: &str, instead: &str) -> String {
        let text = RIGHT.replace(written, instead);
        assert_ne!(text, RIGHT);
        parse("p.toml", &text).unwrap_err().to_string()
    }

    #[test]
    fn a_profile_is_read_as_it_is_written() {
        let profile = parse("p.toml", RIGHT).unwrap().remove(0);
        assert_eq!((profile.rounds, profile.warmup), ((1, 2), Duration::ZERO));
        assert_eq!(profile.arrival, Arrival::Constant);
        let stage = Stage {
            seconds: 1.0,
            from: 0.0,
            to: 1.5,
        };
        assert_eq!(profile.stages, [stage]);
    }

    #[test]
    fn what_cannot_be_meant_is_an_error_with_line_and_column() {
        for (written, instead, place) in [
            ("rate = 10", "rate = 0", "p.toml:5:8: rate is"),
            ("rate = 10", "rate = -1", "p.toml:5:8: rate is"),
            ("rate = 10", "rate = inf", "p.toml:5:8: rate is"),
            ("rate = 10", "rate = nan", "p.toml:5:8: rate is"),
            ("warmup = 0", "warmup = -1", "p.toml:7:10: warmup is"),
            ("seconds = 1", "seconds = 0", "p.toml:8:11: a stage takes"),
            ("from = 0", "from = -1", "p.toml:8:11: from and to"),
            ("to = 1.5", "to = 0", "p.toml:8:10: stages has"),
            ("[1, 2]", "[2, 1]", "p.toml:9:10: rounds is"),
            ("[1, 2]", "[0, 1]", "p.toml:9:10: rounds is"),
            ("users = 1", "users = 0", "p.toml:10:14: seed_users is"),
            ("constant", "sudden", "p.toml:6:11: unknown variant"),
            ("to = 1.5", "at = 1.5", "p.toml:8:"),
            (
                "verdict = true",
                "verdict = 1",
                "p.toml:12:11: invalid type",
            ),
            ("about =", "abut =", "p.toml:4:1: unknown field"),
        ] {
            let error = error(written, instead);
            assert!(error.starts_with(place), "{instead}: {error}");
        }
        let none = error("[{ seconds = 1, from = 0, to = 1.5 }]", "[]");
        assert!(none.starts_with("p.toml:8:10: stages has"), "{none}");
    }

    #[test]
    fn two_profiles_have_two_names() {
        let error = parse("p.toml", &format!("{RIGHT}{RIGHT}")).unwrap_err();
        let error = error.to_string();
        assert!(
            error.starts_with("p.toml:15:8: there is another"),
            "{error}"
        );
    }
}
