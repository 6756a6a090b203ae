//! The options of `loadtest run`, which other commands share.

use crate::lane::LaneChoice;
use crate::profiles::names;
use crate::schedule::Arrival;
use clap::Args;
use clap::builder::PossibleValuesParser;
use reqwest::Url;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// The options of `loadtest run`.
#[derive(Args, Clone, Debug)]
pub struct RunArgs {
    /// How long and how hard; see `loadtest list`
    #[arg(long, default_value = "smoke", value_parser = PossibleValuesParser::new(names()))]
    pub profile: String,
    /// Whom to attack.
    #[command(flatten)]
    pub target: TargetArgs,
    /// How much to send, and how.
    #[command(flatten)]
    pub load: LoadArgs,
    /// Budgets to judge by [default: those that ship]
    #[arg(long, value_name = "FILE")]
    pub budgets: Option<PathBuf>,
    /// Where the reports go
    #[arg(long, value_name = "DIR", default_value = "loadtest-reports/")]
    pub out: PathBuf,
    /// Show this program's own metrics, loadtest_*, at /metrics of this address while it runs, such
    /// as 127.0.0.1:9465
    #[arg(long, value_name = "ADDR")]
    pub live: Option<SocketAddr>,
}

/// Whom to attack.
#[derive(Args, Clone, Debug)]
pub struct TargetArgs {
    /// Judge this running service instead of starting one: scheme, host and port
    #[arg(long = "target", value_name = "URL", conflicts_with_all = ["database", "seed_users"])]
    pub url: Option<Url>,
    /// Where that service exposes its metrics; without, only the client's view is judged
    #[arg(long, value_name = "URL", requires = "url")]
    pub metrics: Option<Url>,
    /// Allow this host as a target although it is not this machine
    #[arg(long, value_name = "HOST")]
    pub allow_host: Vec<String>,
    /// Certificates (PEM) to trust as authorities over https, instead of those of this machine
    #[arg(long, value_name = "FILE")]
    pub cacert: Option<PathBuf>,
    /// Database of the service that is started: postgres://… or sqlite:PATH; seeded when it is
    /// empty, used as it is when not [default: a new SQLite file]
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
    /// Users that an empty database is filled with [default: by profile]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub seed_users: Option<u64>,
}

/// What to send, how much of it, and how.
#[derive(Args, Clone, Debug)]
pub struct LoadArgs {
    /// Send what this file says, to whatever service; `loadtest init` writes one [default: what
    /// users of this project's own service do]
    #[arg(long, value_name = "FILE")]
    pub scenario: Option<PathBuf>,
    /// Requests per second, whether or not earlier ones are answered (open model) [default: by profile]
    #[arg(long, value_name = "N", value_parser = positive, conflicts_with = "users")]
    pub rate: Option<f64>,
    /// Users at the same time, each waiting for an answer before the next request (closed model)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub users: Option<u32>,
    /// Users at most in the open model [default: rate × p99 budget × 2, at least 64, at most 1024]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000), conflicts_with = "users")]
    pub max_users: Option<u32>,
    /// How the gaps between requests come about [default: by profile]
    #[arg(long, conflicts_with = "users")]
    pub arrival: Option<Arrival>,
    /// Attack before the measured rounds, left out of every figure, such as 10s [default: by profile]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub warmup: Option<Duration>,
    /// Length of a round, such as 20s [default: by profile]
    #[arg(long, value_name = "TIME", value_parser = length)]
    pub round_time: Option<Duration>,
    /// Rounds at most; a run ends earlier when everything is decided [default: by profile]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub rounds: Option<u32>,
    /// Only these kinds of users, by name
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    pub only: Vec<String>,
    /// How requests travel
    #[arg(long, value_enum, default_value_t)]
    pub lane: LaneChoice,
    /// The same seed makes the same data, choices and arrivals
    #[arg(long, value_name = "N", default_value_t = 42)]
    pub seed: u64,
    /// Send only part I of N of the schedule; the parts of a run are merged by `loadtest merge`
    #[arg(long, value_name = "I/N", value_parser = shard, default_value = "0/1")]
    pub shard: (u32, u32),
}

/// A length of time as people write it: `10s`, `1m 30s`, `250ms`, or a number of seconds.
///
/// # Errors
/// When it is none.
pub fn duration(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<u64>().map(Duration::from_secs);
    let example = |_error| format!("{text:?} is no length of time such as 10s, 1m30s or 500ms");
    seconds.or_else(|_number| humantime::parse_duration(text).map_err(example))
}

pub(crate) fn length(text: &str) -> Result<Duration, String> {
    let length = duration(text)?;
    let (least, most) = (Duration::from_millis(100), Duration::from_hours(24));
    if (least..=most).contains(&length) {
        Ok(length)
    } else {
        Err("a round takes from 100ms to 24h".to_owned())
    }
}

pub(crate) fn positive(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|error| format!("{error}"))?;
    if number > 0.0 && number <= 1e6 {
        Ok(number)
    } else {
        Err("a rate is more than 0 and at most 1000000 requests per second".to_owned())
    }
}

fn shard(text: &str) -> Result<(u32, u32), String> {
    let parts = text.split_once('/');
    let parts = parts.and_then(|(part, of)| Some((part.parse().ok()?, of.parse().ok()?)));
    match parts {
        Some((part, of)) if part < of => Ok((part, of)),
        _ => Err("a part is written I/N, with I from 0 to N-1, such as 0/4".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_and_without_a_unit() {
        assert_eq!(duration("10"), Ok(Duration::from_secs(10)));
        assert_eq!(duration("1m30s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert!(duration("soon").is_err() && length("0s").is_err());
    }

    #[test]
    fn a_part_is_one_of_so_many() {
        assert_eq!(shard("0/4"), Ok((0, 4)));
        for wrong in ["4/4", "1", "a/b", "-1/2", "0/0"] {
            assert!(shard(wrong).is_err(), "{wrong}");
        }
    }
}
