//! The service under attack: one that runs already, or one of our own on a database of its own.

use crate::embedded::{self, Embedded};
use crate::population::Population;
use crate::progress::say;
use crate::settings::{Settings, TargetChoice};
use crate::target_log::TargetLog;
use anyhow::{Context, Result};
use reqwest::{Client, Url};

/// A service that can be attacked.
#[derive(Debug)]
pub struct Target {
    /// Scheme, host and port.
    pub public: Url,
    /// Its metrics, if it has any.
    pub metrics: Option<Url>,
    /// Its log, where it was started here.
    pub log: Option<TargetLog>,
    embedded: Option<Embedded>,
    /// The folder of a new database: it goes when the target goes.
    _folder: Option<tempfile::TempDir>,
}

impl Target {
    /// Starts the target, or finds it, and sees that there is something in it.
    ///
    /// # Errors
    /// When there is no such service, or no such database.
    pub async fn start(settings: &Settings, client: &Client) -> Result<Self> {
        match &settings.target {
            TargetChoice::Running { public, metrics } => Ok(Self {
                public: public.clone(),
                metrics: metrics.clone(),
                log: None,
                embedded: None,
                _folder: None,
            }),
            TargetChoice::Embedded { database: None } => {
                let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
                let database = format!("sqlite:{}", folder.path().join("centum.db").display());
                seed(settings, &database).await?;
                let target = start_embedded(settings, &database).await?;
                Ok(Self {
                    _folder: Some(folder),
                    ..target
                })
            }
            TargetChoice::Embedded {
                database: Some(database),
            } => {
                let target = start_embedded(settings, database).await?;
                if !Population::of(client, &target.public).await?.is_empty() {
                    return Ok(target);
                }
                // Seeded without the service: it would have planned its queries for no rows.
                target.stop().await?;
                seed(settings, database).await?;
                start_embedded(settings, database).await
            }
        }
    }

    /// How the service ended, if it was started here and has.
    pub fn ended(&mut self) -> Option<String> {
        self.embedded.as_mut().and_then(Embedded::ended)
    }

    /// Stops what was started here, and says so when it did not end well.
    pub async fn stop_and_say(self) {
        if let Err(error) = self.stop().await {
            say(&format!("warning: {error:#}"));
        }
    }

    async fn stop(self) -> Result<()> {
        match self.embedded {
            Some(embedded) => embedded.stop().await,
            None => Ok(()),
        }
    }
}

async fn seed(settings: &Settings, database: &str) -> Result<()> {
    let (users, posts_per_user) = (settings.seed_users, settings.posts_per_user);
    let posts = users * posts_per_user;
    say(&format!("seeding   {users} users, {posts} posts"));
    embedded::seed(database, users, posts_per_user, settings.seed).await
}

async fn start_embedded(settings: &Settings, database: &str) -> Result<Target> {
    let log = TargetLog::in_folder(&settings.out);
    let embedded = Embedded::start(database, &[], log.path()).await?;
    let url = |address: &str, path: &str| {
        Url::parse(&format!("http://{address}{path}")).context("the service gave no address")
    };
    Ok(Target {
        public: url(&embedded.public, "/")?,
        metrics: Some(url(&embedded.management, "/metrics")?),
        log: Some(log),
        embedded: Some(embedded),
        _folder: None,
    })
}
