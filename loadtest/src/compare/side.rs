//! One side of a comparison: a service that runs, or a command that starts it.

use crate::interrupt::Interrupt;
use crate::launch::Launched;
use crate::progress::say;
use crate::settings::{RunArgs, Settings, without_password};
use crate::target::Target;
use anyhow::{Context, Result, ensure};
use reqwest::{Client, Url};
use std::fmt;
use std::path::PathBuf;

/// Which service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// One that runs already.
    Running(Url),
    /// One that this command starts.
    Command(Vec<String>),
}

/// What is known of a side before it is started.
#[derive(Clone, Debug)]
pub struct SideChoice {
    /// `A` or `B`.
    pub name: &'static str,
    /// Which service.
    pub origin: Origin,
    /// Where its metrics are; may have placeholders.
    pub metrics: Option<String>,
    /// The path that answers when it is ready.
    pub ready: Option<String>,
}

/// A side that is up.
#[derive(Debug)]
pub struct Side {
    /// `A` or `B`.
    pub name: &'static str,
    /// How it is attacked.
    pub settings: Settings,
    /// The service.
    pub target: Target,
    launched: Option<Launched>,
    log: PathBuf,
}

impl Origin {
    /// Reads an address, or a command in the words that a shell would see.
    ///
    /// # Errors
    /// When a quote is not closed, or the command is not told where to listen.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.starts_with("http://") || text.starts_with("https://") {
            let url = Url::parse(text).map_err(|error| format!("{text:?} is no address: {error}"));
            return url.map(Self::Running);
        }
        let words = shlex::split(text).ok_or_else(|| "a quote is not closed".to_owned())?;
        if !words.iter().any(|word| word.contains("{port}")) {
            let example = "a command says with {port} where it is to listen, an address begins with http:// or https://";
            return Err(example.to_owned());
        }
        Ok(Self::Command(words))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Running(url) => formatter.write_str(&without_password(url.as_str())),
            Self::Command(words) => {
                let words: Vec<_> = words.iter().map(|word| without_secret(word)).collect();
                formatter.write_str(&words.join(" "))
            }
        }
    }
}

/// A word of a command, which may be `NAME=address`.
fn without_secret(word: &str) -> String {
    match word.split_once('=') {
        Some((name, address)) if !name.starts_with('-') => {
            format!("{name}={}", without_password(address))
        }
        _ => without_password(word),
    }
}

impl Side {
    /// Starts a side, or finds it.
    ///
    /// # Errors
    /// When there is no such service.
    pub async fn start(
        choice: &SideChoice,
        run: &RunArgs,
        interrupt: &Interrupt,
        client: &Client,
    ) -> Result<Self> {
        let name = choice.name;
        let started = Self::try_start(choice, run, client);
        let started = interrupt.or(started).await;
        started.with_context(|| format!("--{}", name.to_lowercase()))
    }

    async fn try_start(choice: &SideChoice, run: &RunArgs, client: &Client) -> Result<Self> {
        let SideChoice { name, ready, .. } = choice;
        let log = run.out.join(format!("{}.log", name.to_lowercase()));
        let launched = match &choice.origin {
            Origin::Running(_) => None,
            Origin::Command(words) => {
                say(&format!("starting  {name}: {}", choice.origin));
                Some(Launched::start(words, ready.as_deref(), &log, client).await?)
            }
        };
        let fill = |text: &String| match &launched {
            Some(launched) => launched.places.fill(text),
            None => text.clone(),
        };
        let metrics = choice.metrics.as_ref().map(fill);
        let metrics = metrics.map(|text| {
            Url::parse(&text).with_context(|| format!("the metrics are no address: {text}"))
        });
        let mut run = run.clone();
        run.target.metrics = metrics.transpose()?;
        run.target.url = match (&launched, &choice.origin) {
            (Some(launched), _) => Some(launched.public.clone()),
            (None, Origin::Running(url)) => Some(url.clone()),
            (None, Origin::Command(_)) => None,
        };
        ensure!(run.target.url.is_some(), "the command was not started");
        let settings = Settings::new(run)?;
        Ok(Self {
            name,
            target: Target::start(&settings, client).await?,
            settings,
            launched,
            log,
        })
    }

    /// How the service ended, if it was started here and has.
    pub fn ended(&mut self) -> Option<String> {
        self.launched.as_mut().and_then(Launched::ended)
    }

    /// Stops what was started here. Its output is kept when it is wanted.
    pub async fn stop(self, keep_log: bool) {
        let Some(launched) = self.launched else {
            return;
        };
        if let Err(error) = launched.stop().await {
            say(&format!("warning: {}: {error:#}", self.name));
        }
        if !keep_log {
            let _ = std::fs::remove_file(self.log);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_an_address_and_all_else_a_command() {
        let url = Url::parse("http://127.0.0.1:8080").unwrap();
        assert_eq!(
            Origin::parse("http://127.0.0.1:8080"),
            Ok(Origin::Running(url))
        );
        let words = ["env", "A=127.0.0.1:{port}", "api", "two words"].map(str::to_owned);
        let command = Origin::parse("env A=127.0.0.1:{port} api 'two words'");
        assert_eq!(command, Ok(Origin::Command(words.to_vec())));
    }

    #[test]
    fn a_command_that_is_not_told_where_to_listen_is_refused() {
        for (text, part) in [
            ("target/release/api serve", "{port}"),
            ("api --listen '{port}", "quote"),
            ("http://", "is no address"),
        ] {
            let error = Origin::parse(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn passwords_in_a_command_are_not_shown() {
        let command = Origin::parse("env DATABASE_URL=postgres://me:secret@db/x api --p={port}");
        let shown = command.unwrap().to_string();
        assert_eq!(
            shown,
            "env DATABASE_URL=postgres://me:***@db/x api --p={port}"
        );
    }
}
