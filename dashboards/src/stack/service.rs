//! The service of a stack: this program under a hidden command, on a database that has something in it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use loadtest::embedded::{self, Embedded};
use loadtest::population::Population;
use loadtest::progress::say;
use reqwest::{Client, Url};

use super::Addresses;

/// Posts of each user in a database that is filled here.
const POSTS_PER_USER: u64 = 5;
/// The seed of what it is filled with.
const SEED: u64 = 42;

/// A variable of the service's environment.
pub type Setting = (&'static str, String);

/// A running service, and what it takes to start it again.
#[derive(Debug)]
pub struct Service {
    database: String,
    settings: Vec<Setting>,
    log: PathBuf,
    running: Option<Embedded>,
}

impl Service {
    /// Starts the service; an empty database is filled with so many users first.
    ///
    /// # Errors
    /// When there is no such database, or the service ends at its start.
    pub async fn start(
        database: String,
        users: u64,
        mut settings: Vec<Setting>,
        addresses: &Addresses,
        log: &Path,
    ) -> Result<Self> {
        settings.push(("CENTUM_LISTEN", addresses.api.to_string()));
        settings.push(("CENTUM_MANAGEMENT_LISTEN", addresses.management.to_string()));
        let mut service = Self {
            database,
            settings,
            log: log.to_owned(),
            running: None,
        };
        service.start_again().await?;
        if service.is_empty(addresses).await? {
            // Seeded without the service: it would have planned its queries for no rows.
            service.stop().await?;
            say(&format!(
                "seeding   {users} users, {} posts",
                users * POSTS_PER_USER
            ));
            embedded::seed(&service.database, users, POSTS_PER_USER, SEED).await?;
            service.start_again().await?;
        }
        Ok(service)
    }

    /// Starts it again after its end, at the same addresses.
    ///
    /// # Errors
    /// When it ends at its start.
    pub async fn start_again(&mut self) -> Result<()> {
        let started = Embedded::start(&self.database, &self.settings, &self.log).await;
        self.running = Some(started?);
        Ok(())
    }

    /// Kills it, as a machine does that is out of memory.
    pub fn kill(&mut self) {
        self.running = None;
    }

    /// Stops it in order.
    ///
    /// # Errors
    /// When it had to be killed, or ended with an error.
    pub async fn stop(&mut self) -> Result<()> {
        match self.running.take() {
            Some(running) => running.stop().await,
            None => Ok(()),
        }
    }

    /// How it ended, if it has; told once.
    pub fn ended(&mut self) -> Option<String> {
        let ended = self.running.as_mut()?.ended()?;
        self.running = None;
        Some(ended)
    }

    /// The file that its log goes to.
    #[must_use]
    pub fn log(&self) -> &Path {
        &self.log
    }

    async fn is_empty(&self, addresses: &Addresses) -> Result<bool> {
        let client = Client::builder().no_proxy().build()?;
        let address = Url::parse(&format!("http://{}/", addresses.api))?;
        let population = Population::of(&client, &address).await;
        Ok(population
            .context("the service does not answer")?
            .is_empty())
    }
}
