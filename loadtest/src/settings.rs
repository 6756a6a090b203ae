//! What a run is asked to do: the options of `loadtest run`, checked and completed.

use crate::budgets::{Budgets, SHIPPED};
use crate::personas::PERSONAS;
use crate::profiles::{PROFILES, Profile};
use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use clap::builder::PossibleValuesParser;
use reqwest::Url;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The options of `loadtest run`.
#[derive(Args, Clone, Debug)]
pub struct RunArgs {
    /// How long and how hard; see `loadtest list`
    #[arg(long, default_value = PROFILES[0].name, value_parser = PossibleValuesParser::new(PROFILES.map(|profile| profile.name)))]
    profile: String,
    /// Judge this running service instead of starting one: scheme, host and port
    #[arg(long, value_name = "URL", requires = "metrics", conflicts_with_all = ["database", "seed_users"])]
    target: Option<Url>,
    /// Where that service exposes its metrics
    #[arg(long, value_name = "URL", requires = "target")]
    metrics: Option<Url>,
    /// Allow this host as a target although it is not this machine
    #[arg(long, value_name = "HOST")]
    allow_host: Vec<String>,
    /// Database of the service that is started: postgres://… or sqlite:PATH; seeded when it is
    /// empty, used as it is when not [default: a new SQLite file]
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Users at the same time [default: by profile]
    #[arg(long, value_name = "N", value_parser = at_least_one_per_persona)]
    users: Option<usize>,
    /// Users that an empty database is filled with [default: by profile]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    seed_users: Option<u64>,
    /// Attack before the measured one, left out of every figure [default: by profile]
    #[arg(long, value_name = "SECONDS")]
    warmup: Option<u64>,
    /// Length of the measured attack [default: by profile]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    duration: Option<u64>,
    /// Budgets to judge by [default: those that ship]
    #[arg(long, value_name = "FILE")]
    budgets: Option<PathBuf>,
    /// The same seed makes the same data and the same choices
    #[arg(long, value_name = "N", default_value_t = 42)]
    seed: u64,
    /// Where the reports go
    #[arg(long, value_name = "DIR", default_value = "loadtest-reports/")]
    out: PathBuf,
}

/// Whom to attack.
#[derive(Clone, Debug)]
pub enum TargetChoice {
    /// A service that runs already.
    Running {
        /// Its public listener.
        public: Url,
        /// Its metrics.
        metrics: Url,
    },
    /// A service of our own.
    Embedded {
        /// Its database; None is a new one.
        database: Option<String>,
    },
}

/// Everything a run needs to know.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The name of the profile.
    pub profile: String,
    /// Whom to attack.
    pub target: TargetChoice,
    /// Users at the same time.
    pub users: usize,
    /// Users that an empty database is filled with.
    pub seed_users: u64,
    /// Attack before the measured one.
    pub warmup: Duration,
    /// Length of the measured attack.
    pub duration: Duration,
    /// What to judge by.
    pub budgets: Budgets,
    /// The seed of data and choices.
    pub seed: u64,
    /// Where the reports go.
    pub out: PathBuf,
}

/// The settings as a report shows them, without passwords.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SettingsShown {
    /// The name of the profile.
    pub profile: String,
    /// Whom it attacked: an address, or a service of its own on a database.
    pub target: String,
    /// Users at the same time.
    pub users: usize,
    /// Seconds of the attack before the measured one.
    pub warmup_seconds: u64,
    /// Seconds of the measured attack, as asked for.
    pub duration_seconds: u64,
    /// The seed of data and choices.
    pub seed: u64,
}

impl Settings {
    /// Checks the options and fills in what the profile says.
    ///
    /// # Errors
    /// When an option cannot be meant, or the budgets cannot be read.
    pub fn new(args: RunArgs) -> Result<Self> {
        let profile = Profile::named(&args.profile).context("there is no such profile")?;
        let seconds = |given: Option<u64>, default| given.map_or(default, Duration::from_secs);
        Ok(Self {
            target: target(&args)?,
            users: args.users.unwrap_or(profile.users),
            seed_users: args.seed_users.unwrap_or(profile.seed_users),
            warmup: seconds(args.warmup, profile.warmup),
            duration: seconds(args.duration, profile.duration),
            budgets: budgets(args.budgets.as_deref())?,
            profile: args.profile,
            seed: args.seed,
            out: args.out,
        })
    }

    /// The settings for a report.
    #[must_use]
    pub fn shown(&self) -> SettingsShown {
        SettingsShown {
            profile: self.profile.clone(),
            target: match &self.target {
                TargetChoice::Running { public, .. } => without_password(public.as_str()),
                TargetChoice::Embedded { database: None } => {
                    let users = self.seed_users;
                    format!("its own service on a new SQLite database with {users} users")
                }
                TargetChoice::Embedded {
                    database: Some(url),
                } => {
                    format!("its own service on {}", without_password(url))
                }
            },
            users: self.users,
            warmup_seconds: self.warmup.as_secs(),
            duration_seconds: self.duration.as_secs(),
            seed: self.seed,
        }
    }
}

/// The budgets of a file, or those that ship.
///
/// # Errors
/// When the file cannot be read, or says something that cannot be meant.
pub fn budgets(file: Option<&Path>) -> Result<Budgets> {
    let Some(file) = file else {
        return Ok(Budgets::parse("loadtest/budgets.toml", SHIPPED)?);
    };
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {name}"))?;
    Ok(Budgets::parse(&name, &text)?)
}

/// A word of the command line, with the password in its address hidden, if there is one.
#[must_use]
pub fn without_password(word: &str) -> String {
    let (option, address) = match word.split_once('=') {
        Some((option, address)) if option.starts_with("--") => (format!("{option}="), address),
        _ => (String::new(), word),
    };
    let Ok(mut url) = Url::parse(address) else {
        return word.to_owned();
    };
    let in_query = url.query_pairs().any(|(name, _)| name == "password");
    if in_query {
        url.set_query(None);
    }
    // An address that cannot have a password has none to hide.
    let hidden = url.password().is_some() && url.set_password(Some("***")).is_ok();
    if hidden || in_query {
        format!("{option}{url}")
    } else {
        word.to_owned()
    }
}

fn target(args: &RunArgs) -> Result<TargetChoice> {
    let (Some(public), Some(metrics)) = (&args.target, &args.metrics) else {
        let database = args.database.clone();
        return Ok(TargetChoice::Embedded { database });
    };
    for url in [public, metrics] {
        ensure!(
            matches!(url.scheme(), "http" | "https"),
            "{url} is no http address"
        );
        allow(url, &args.allow_host)?;
    }
    let bare = public.path() == "/" && public.query().is_none();
    ensure!(
        bare,
        "the target is scheme, host and port, without a path: {public}"
    );
    let mut metrics = metrics.clone();
    if metrics.path() == "/" {
        metrics.set_path("/metrics");
    }
    let public = public.clone();
    Ok(TargetChoice::Running { public, metrics })
}

/// A slip of the pen must not hit production.
fn allow(url: &Url, allowed: &[String]) -> Result<()> {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    let here = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
    if !here && !allowed.iter().any(|allowed| allowed == host) {
        bail!("{host} is not this machine; if you mean it, add --allow-host {host}");
    }
    Ok(())
}

fn at_least_one_per_persona(text: &str) -> Result<usize, String> {
    let users: usize = text.parse().map_err(|error| format!("{error}"))?;
    let least = PERSONAS.len();
    if users < least {
        return Err(format!("at least {least} are needed, one per persona"));
    }
    Ok(users)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn only_this_machine_is_attacked_unless_allowed_by_name() {
        for here in ["http://localhost:1", "http://127.0.0.1:1", "http://[::1]:1"] {
            assert!(allow(&url(here), &[]).is_ok(), "{here}");
        }
        let there = url("https://api.example.com");
        assert!(allow(&there, &[]).is_err());
        assert!(allow(&there, &["api.example.com".to_owned()]).is_ok());
        assert!(allow(&url("http://127.0.0.1.example.com"), &[]).is_err());
    }

    #[test]
    fn passwords_are_not_shown() {
        for (word, shown) in [
            (
                "postgres://me:secret@db:5432/x",
                "postgres://me:***@db:5432/x",
            ),
            (
                "--database=postgres://me:secret@db/x",
                "--database=postgres://me:***@db/x",
            ),
            ("postgres://db/x?user=me&password=secret", "postgres://db/x"),
            ("--database=sqlite:a.db", "--database=sqlite:a.db"),
        ] {
            assert_eq!(without_password(word), shown);
        }
        assert_eq!(without_password("sqlite:centum.db"), "sqlite:centum.db");
    }
}
