//! Whom to attack: checked, so that a slip of the pen hits nobody else; and shown without passwords.

use super::TargetArgs;
use anyhow::{Result, bail, ensure};
use reqwest::Url;
use std::fmt;

/// Whom to attack.
#[derive(Clone, Debug)]
pub enum TargetChoice {
    /// A service that runs already.
    Running {
        /// Its public listener.
        public: Url,
        /// Its metrics, if it has any.
        metrics: Option<Url>,
    },
    /// A service of our own.
    Embedded {
        /// Its database; None is a new one.
        database: Option<String>,
    },
}

impl fmt::Display for TargetChoice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Running { public, .. } => formatter.write_str(&without_password(public.as_str())),
            Self::Embedded { database: None } => {
                formatter.write_str("its own service on a new SQLite database")
            }
            Self::Embedded {
                database: Some(url),
            } => write!(formatter, "its own service on {}", without_password(url)),
        }
    }
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

pub(super) fn choose(args: TargetArgs) -> Result<TargetChoice> {
    let Some(public) = args.url else {
        let database = args.database;
        return Ok(TargetChoice::Embedded { database });
    };
    for url in [Some(&public), args.metrics.as_ref()].into_iter().flatten() {
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
    let mut metrics = args.metrics;
    if let Some(metrics) = metrics.as_mut().filter(|metrics| metrics.path() == "/") {
        metrics.set_path("/metrics");
    }
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
