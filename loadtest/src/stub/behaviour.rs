//! What a stub can do with a request. The same words are options and paths: `--delay 5ms --fail 0.1`
//! is what `/delay/5ms/fail/0.1` asks for, and what a path does not say, the options say.

use anyhow::{Result, anyhow, ensure};
use clap::Parser;
use std::time::Duration;

/// Bytes of a body, unless it is said.
const BODY: usize = 200;
/// More is no answer, but a disk.
const LARGEST_BODY: usize = 1 << 30;

/// What is done with a request. Every share is a number from 0 to 1.
#[derive(Clone, Debug, Default, PartialEq, clap::Args)]
pub struct Behaviour {
    /// Wait so long from the last byte of the request to the answer
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub delay: Option<Duration>,
    /// A share of the requests waits for another time instead, such as 0.05@50ms
    #[arg(long, value_name = "SHARE@TIME", value_parser = slow)]
    pub slow: Option<Slow>,
    /// Use so much processor time before the answer
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub work: Option<Duration>,
    /// Bytes of the body, which is JSON from 30 bytes on [default: 200]
    #[arg(long, value_name = "BYTES")]
    pub body: Option<usize>,
    /// Answer this share at once, with 500
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub fail: Option<f64>,
    /// Close the connection of this share in the middle of the body
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub cut: Option<f64>,
    /// Reset the connection of this share instead of an answer
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub reset: Option<f64>,
    /// Never answer this share
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub hang: Option<f64>,
}

/// A share of the requests that waits for a time of its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slow {
    /// How many.
    pub share: f64,
    /// How long.
    pub delay: Duration,
}

/// What becomes of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is answered after this time.
    Answer(Duration),
    /// It is answered at once, with 500.
    Fail,
    /// Half of the body comes, after this time.
    Cut(Duration),
    /// The connection is reset, after this time.
    Reset(Duration),
    /// There is never an answer.
    Hang,
}

/// The options as a path has them.
#[derive(Parser)]
#[command(no_binary_name = true, disable_help_flag = true)]
struct Words {
    #[command(flatten)]
    behaviour: Behaviour,
}

impl Behaviour {
    /// What `path` asks for, on top of this.
    pub(super) fn of_path(&self, path: &str) -> Result<Self> {
        let words: Vec<_> = path.split('/').filter(|word| !word.is_empty()).collect();
        let options = words.chunks(2).map(|pair| format!("--{}", pair.join("=")));
        let mut asked = Words {
            behaviour: self.clone(),
        };
        asked.try_update_from(options).map_err(|error| {
            let error = error.to_string();
            let first = error.lines().next().unwrap_or_default();
            let first = first.trim_start_matches("error: ");
            anyhow!("{first}; a path is made of the options of `loadtest stub`, such as /delay/5ms/fail/0.1")
        })?;
        asked.behaviour.check()?;
        Ok(asked.behaviour)
    }

    /// Whether all of this can be done.
    ///
    /// # Errors
    /// When it cannot.
    pub fn check(&self) -> Result<()> {
        let shares = [self.fail, self.cut, self.reset, self.hang];
        let slow = self.slow.map(|slow| slow.share);
        let sum: f64 = shares.into_iter().chain([slow]).flatten().sum();
        ensure!(
            sum <= 1.0 + 1e-9,
            "the shares are {sum} together: say at most 1"
        );
        ensure!(
            self.body_bytes() <= LARGEST_BODY,
            "a body has at most {LARGEST_BODY} bytes"
        );
        Ok(())
    }

    /// What becomes of the request that drew `number` from 0 to 1.
    pub(super) fn fate(&self, number: f64) -> Fate {
        let delay = self.delay.unwrap_or_default();
        let slow = self.slow.map(|slow| (Some(slow.share), slow.delay));
        let (slow_share, slow_delay) = slow.unwrap_or_default();
        let mut reached = 0.0;
        let others = [
            (self.fail, Fate::Fail),
            (self.cut, Fate::Cut(delay)),
            (self.reset, Fate::Reset(delay)),
            (self.hang, Fate::Hang),
            (slow_share, Fate::Answer(slow_delay)),
        ];
        let drawn = others.into_iter().find(|(share, _)| {
            reached += share.unwrap_or_default();
            number < reached
        });
        drawn.map_or(Fate::Answer(delay), |(_, fate)| fate)
    }

    pub(super) fn body_bytes(&self) -> usize {
        self.body.unwrap_or(BODY)
    }
}

/// Reads a number with `us`, `ms` or `s`.
pub(super) fn time(text: &str) -> Result<Duration, String> {
    let units = [("us", 1e-6), ("ms", 1e-3), ("s", 1.0)];
    let time = units.into_iter().find_map(|(unit, scale)| {
        let number: f64 = text.strip_suffix(unit)?.parse().ok()?;
        Duration::try_from_secs_f64(number * scale).ok()
    });
    time.ok_or_else(|| "say a time such as 5ms, 250us or 1.5s".to_owned())
}

/// Reads a number from 0 to 1.
fn share(text: &str) -> Result<f64, String> {
    let number = text.parse().ok();
    let share = number.filter(|number| (0.0..=1.0).contains(number));
    share.ok_or_else(|| "say a share from 0 to 1, such as 0.05".to_owned())
}

fn slow(text: &str) -> Result<Slow, String> {
    let (part, delay) = text
        .split_once('@')
        .ok_or_else(|| "say a share and a time, such as 0.05@50ms".to_owned())?;
    Ok(Slow {
        share: share(part)?,
        delay: time(delay)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(path: &str) -> Behaviour {
        Behaviour::default().of_path(path).unwrap()
    }

    #[test]
    fn a_path_asks_for_what_the_options_of_the_same_names_ask_for() {
        let path =
            "/delay/1.5ms/slow/0.25@50ms/work/50us/body/65536/fail/0.1/cut/0.2/reset/0.3/hang/0.05";
        let expected = Behaviour {
            delay: Some(Duration::from_micros(1_500)),
            slow: Some(Slow {
                share: 0.25,
                delay: Duration::from_millis(50),
            }),
            work: Some(Duration::from_micros(50)),
            body: Some(65_536),
            fail: Some(0.1),
            cut: Some(0.2),
            reset: Some(0.3),
            hang: Some(0.05),
        };
        assert_eq!(asked(path), expected);
    }

    #[test]
    fn what_a_path_does_not_say_the_options_say() {
        let options = asked("/delay/5ms/fail/0.1");
        assert_eq!(options.of_path("/").unwrap(), options);
        let both = options.of_path("/delay/7ms").unwrap();
        assert_eq!(both, asked("/delay/7ms/fail/0.1"));
    }

    #[test]
    fn every_fate_has_its_share_of_the_numbers() {
        let ms = Duration::from_millis;
        let behaviour = asked("/delay/1ms/fail/0.1/cut/0.1/reset/0.1/hang/0.1/slow/0.1@9ms");
        let fates = [0.0, 0.15, 0.25, 0.35, 0.45, 0.55, 0.99].map(|n| behaviour.fate(n));
        let expected = [
            Fate::Fail,
            Fate::Cut(ms(1)),
            Fate::Reset(ms(1)),
            Fate::Hang,
            Fate::Answer(ms(9)),
            Fate::Answer(ms(1)),
            Fate::Answer(ms(1)),
        ];
        assert_eq!(fates, expected);
    }

    #[test]
    fn what_cannot_be_done_is_refused_in_one_sentence() {
        for (path, part) in [
            ("/dela/5ms", "'--dela'"),
            ("/delay", "'--delay <TIME>'"),
            ("/delay/5", "say a time such as 5ms"),
            ("/delay/-5ms", "say a time such as 5ms"),
            ("/fail/1.5", "say a share from 0 to 1"),
            ("/fail/NaN", "say a share from 0 to 1"),
            ("/slow/0.5", "say a share and a time"),
            ("/fail/0.6/hang/0.6", "say at most 1"),
            ("/body/9999999999", "at most 1073741824 bytes"),
        ] {
            let error = Behaviour::default().of_path(path).unwrap_err().to_string();
            assert!(
                error.contains(part) && error.lines().count() == 1,
                "{path}: {error}"
            );
        }
    }
}
