//! The measuring itself: a warm-up, then an attack between two scrapes, then both views together.

use crate::attack::{Plan, attack};
use crate::embedded::Embedded;
use crate::measurements::Measurements;
use crate::population::Population;
use crate::probe::{Scrape, Window};
use crate::progress::Progress;
use crate::recorder::Recorder;
use crate::routes::Route;
use crate::settings::Settings;
use crate::visitor::Shared;
use anyhow::{Result, ensure};
use reqwest::{Client, Url};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The target counts a request when its answer is gone, which may be a moment after it came.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(2);
const SETTLE_PAUSE: Duration = Duration::from_millis(50);

/// Everything that is needed to measure a target that is up.
#[derive(Debug)]
pub struct Measuring<'a> {
    /// What is wanted.
    pub settings: &'a Settings,
    /// For everything but the attack.
    pub client: &'a Client,
    /// The target's public listener.
    pub public: &'a Url,
    /// The target's metrics.
    pub metrics: &'a Url,
    /// A word that no other run uses.
    pub run: String,
}

impl Measuring<'_> {
    /// Measures; `embedded` is asked for how it ended when the target dies.
    ///
    /// # Errors
    /// When there is nothing to measure, or the budgets are for another service.
    pub async fn measure(&self, embedded: &mut Option<Embedded>) -> Result<Measurements> {
        let population = Arc::new(Population::of(self.client, self.public).await?);
        let empty = "has no users or no posts to ask for: seed it first";
        ensure!(!population.is_empty(), "{} {empty}", self.public);
        let first = self.scrape().await?;
        let queries = first.label_values("db_client_query_budget_seconds", "db_query_summary");
        self.settings.budgets.check_queries(&queries)?;

        let mut recorder = Recorder::default();
        if !self.settings.warmup.is_zero() {
            let warmup = self.settings.warmup;
            recorder = self.attack("warm-up", warmup, &population).await?;
        }
        let before = match self.settled().await {
            Ok(before) => before,
            Err(error) => return Ok(self.died(embedded, &recorder, &error)),
        };
        let duration = self.settings.duration;
        recorder = self.attack("attack", duration, &population).await?;
        let measured = self.agreed(before, &recorder).await;
        Ok(measured.unwrap_or_else(|error| self.died(embedded, &recorder, &error)))
    }

    async fn attack(
        &self,
        title: &'static str,
        duration: Duration,
        population: &Arc<Population>,
    ) -> Result<Recorder> {
        let plan = Plan {
            title,
            target: self.public.clone(),
            users: self.settings.users,
            duration,
            seed: self.settings.seed,
            run: format!("{}-{title}", self.run),
        };
        let shared = Shared {
            population: Arc::clone(population),
            progress: Arc::new(Progress::default()),
        };
        let budget = |route| (route, self.settings.budgets.route(route).p99.0);
        let empty = Recorder::new(Route::ALL.into_iter().map(budget).collect());
        attack(&plan, &shared, &empty).await
    }

    async fn scrape(&self) -> Result<Scrape> {
        Scrape::fetch(self.client, self.metrics).await
    }

    /// Scrapes until the target has counted everything that came before.
    async fn settled(&self) -> Result<Scrape> {
        let count = |scrape: &Scrape| scrape.sum("http_server_request_duration_seconds_count", &[]);
        let deadline = Instant::now() + SETTLE_TIMEOUT;
        let mut last = self.scrape().await?;
        loop {
            tokio::time::sleep(SETTLE_PAUSE).await;
            let scrape = self.scrape().await?;
            if count(&scrape) == count(&last) || Instant::now() > deadline {
                return Ok(scrape);
            }
            last = scrape;
        }
    }

    /// Scrapes until the target has counted what was sent; if it never does, its last word counts.
    async fn agreed(&self, before: Scrape, recorder: &Recorder) -> Result<Measurements> {
        let deadline = Instant::now() + SETTLE_TIMEOUT;
        let mut window = Window {
            after: self.scrape().await?,
            before,
        };
        loop {
            let measured = Measurements::new(recorder, &window, &self.settings.budgets);
            if measured.counts_agree() || Instant::now() > deadline {
                return Ok(measured);
            }
            tokio::time::sleep(SETTLE_PAUSE).await;
            window.after = self.scrape().await?;
        }
    }

    /// What is left of a run whose target does not answer any more.
    fn died(
        &self,
        embedded: &mut Option<Embedded>,
        recorder: &Recorder,
        error: &anyhow::Error,
    ) -> Measurements {
        let ended = embedded.as_mut().and_then(Embedded::ended);
        let why = ended.unwrap_or_else(|| format!("{error:#}"));
        Measurements::without_target(recorder, &self.settings.budgets, why)
    }
}
