//! The measuring itself: a warm-up, then rounds between two scrapes, until everything is decided.
//!
//! After each round the judge looks. A run ends when nothing is left to decide, or with its last
//! round. Every look spends some of the error that the verdict may have, so that looking often does
//! not make a wrong verdict likelier (see [`crate::statistics`]).

use crate::attack::{Plan, attack};
use crate::evidence::{Evidence, Host, Round};
use crate::interrupt::Interrupt;
use crate::judge::{Judgement, decided, judge};
use crate::lane::{Connection, Destination, Lost};
use crate::live::Board;
use crate::measurements::{Measurements, counts_agree};
use crate::pacer::Model;
use crate::population::Population;
use crate::probe::{Scrape, Window};
use crate::progress::Progress;
use crate::recorder::MAX_BLOCKS;
use crate::settings::Settings;
use crate::target::Target;
use crate::traffic::Traffic;
use anyhow::{Result, anyhow, ensure};
use reqwest::{Client, Url};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The target counts a request when its answer is gone, which may be a moment after it came.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(2);
const SETTLE_PAUSE: Duration = Duration::from_millis(50);

/// A run: what was seen, what it amounts to, and the verdict.
pub type Measured = (Evidence, Measurements, Judgement);

/// Everything that is needed to measure a target that is up.
#[derive(Debug)]
pub struct Rounds<'a> {
    settings: &'a Settings,
    client: &'a Client,
    interrupt: &'a Interrupt,
    target: &'a mut Target,
    destination: Arc<Destination>,
    traffic: Arc<Traffic>,
    population: Arc<Population>,
    run: String,
    live: Option<Arc<Board>>,
}

impl<'a> Rounds<'a> {
    /// Looks at the target before anything is sent.
    ///
    /// # Errors
    /// When there is nothing to ask for, or the budgets are for another service.
    pub async fn prepare(
        settings: &'a Settings,
        client: &'a Client,
        interrupt: &'a Interrupt,
        target: &'a mut Target,
        run: String,
    ) -> Result<Self> {
        let traffic = settings.traffic()?;
        let known = traffic.routes.iter().map(|route| route.name.as_str());
        settings.budgets.check_routes(known)?;
        let authorities = settings.cacert.as_deref();
        let destination = Destination::resolve(&target.public, authorities).await?;
        reach(&destination, &target.public).await?;
        let population = if traffic.needs_population {
            let population = Population::of(client, &target.public).await?;
            let empty = "has no users or no posts to ask for: seed it first";
            ensure!(!population.is_empty(), "{} {empty}", target.public);
            population
        } else {
            Population::default()
        };
        let rounds = Self {
            settings,
            client,
            interrupt,
            target,
            destination,
            traffic: Arc::new(traffic),
            population: Arc::new(population),
            run,
            live: None,
        };
        if let Some(first) = rounds.scrape().await? {
            let names = settings.metric_names();
            let queries = first.label_values(&names.query_budgets, &names.query_label);
            settings.budgets.check_queries(&queries)?;
        }
        Ok(rounds)
    }

    /// The same, counted on a board as well.
    #[must_use]
    pub fn shown_on(mut self, board: Option<Arc<Board>>) -> Self {
        self.live = board;
        self
    }

    /// Measures.
    ///
    /// # Errors
    /// When the load cannot be made; what goes wrong with the target is in the evidence.
    pub async fn measure(mut self, evidence: Evidence) -> Result<Measured> {
        let settings = self.settings;
        self.measure_as(settings, "", evidence).await
    }

    /// Measures with other settings of the load: the same target, population and traffic. `title`
    /// goes before that of every round.
    ///
    /// # Errors
    /// When the load cannot be made; what goes wrong with the target is in the evidence.
    pub async fn measure_as(
        &mut self,
        settings: &Settings,
        title: &str,
        evidence: Evidence,
    ) -> Result<Measured> {
        let mut evidence = Evidence {
            host: Host::this(),
            ..evidence
        };
        let warmup = settings.warmup;
        if !warmup.is_zero() {
            let model = settings.model.over(warmup);
            let title = format!("{title}warm-up");
            self.attack_as(settings, 0, &title, model).await?;
        }
        let before = match self.settled().await {
            Ok(before) => before,
            Err(error) => {
                evidence.target_died = Some(self.how_it_died(&error));
                return Ok(self.look(evidence, 1));
            }
        };
        let (least, most) = settings.rounds;
        for number in 1..=most {
            let title = format!("{title}round {number}");
            let model = settings.model.clone();
            let round = self.attack_as(settings, number, &title, model).await?;
            let died = round.silent.then(|| "it stopped answering".to_owned());
            evidence.rounds.push(round);
            evidence.interrupted = self.interrupt.is_raised();
            self.compare_counts(before.as_ref(), &mut evidence).await;
            evidence.target_died = evidence.target_died.or(died);
            let over = evidence.target_died.is_some() || evidence.interrupted || number == most;
            if !over && number < least {
                continue;
            }
            let measured = self.look(evidence, number - least.min(number) + 1);
            if over || decided(&measured.2) {
                return Ok(measured);
            }
            evidence = measured.0;
        }
        Ok(self.look(evidence, 1))
    }

    fn look(&self, evidence: Evidence, look: u32) -> Measured {
        let budgets = &self.settings.budgets;
        let measured = Measurements::of(&evidence, budgets);
        let judgement = judge(&evidence, &measured, budgets, look);
        (evidence, measured, judgement)
    }

    /// Attacks once; every round number makes choices of its own.
    ///
    /// # Errors
    /// When the load cannot be made.
    pub async fn attack(&self, number: u32, title: &str, model: Model) -> Result<Round> {
        self.attack_as(self.settings, number, title, model).await
    }

    async fn attack_as(
        &self,
        settings: &Settings,
        number: u32,
        title: &str,
        model: Model,
    ) -> Result<Round> {
        let seed = settings.seed.wrapping_add(u64::from(number));
        let (_, most) = settings.rounds;
        let whole = model.length().as_secs_f64() * f64::from(most);
        let blocks = crate::numbers::whole((whole / MAX_BLOCKS).ceil()).max(1);
        if let Some(board) = &self.live {
            board.begin(number);
        }
        let plan = Plan {
            title: title.to_owned(),
            target: self.target.public.clone(),
            destination: Arc::clone(&self.destination),
            lane: settings.lane,
            traffic: Arc::clone(&self.traffic),
            population: Arc::clone(&self.population),
            model: model.seeded(seed),
            promised: self.promised(),
            users: settings.users,
            max_users: settings.max_users,
            gap: self.settings.budgets.generator.gap.0,
            block_seconds: u32::try_from(blocks).unwrap_or(u32::MAX),
            seed,
            run: format!("{}-{title}", self.run).replace(' ', "-"),
            live: self.live.clone(),
        };
        attack(&plan, &Arc::new(Progress::default()), self.interrupt).await
    }

    fn promised(&self) -> Vec<Option<Duration>> {
        let budgets = &self.settings.budgets;
        let routes = self.traffic.routes.iter();
        let main = routes.map(|route| budgets.route(&route.name).main());
        main.map(|promise| Some(promise?.within.0)).collect()
    }

    async fn scrape(&self) -> Result<Option<Scrape>> {
        match &self.target.metrics {
            Some(metrics) => Scrape::fetch(self.client, metrics).await.map(Some),
            None => Ok(None),
        }
    }

    /// Scrapes until the target has counted everything that came before.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn settled(&self) -> Result<Option<Scrape>> {
        let requests = format!("{}_count", self.settings.metric_names().requests);
        let count = |scrape: &Scrape| scrape.sum(&requests, &[]);
        let deadline = Instant::now() + SETTLE_TIMEOUT;
        let Some(mut last) = self.scrape().await? else {
            return Ok(None);
        };
        while let Some(scrape) = self.scrape().await? {
            if count(&scrape) == count(&last) || Instant::now() > deadline {
                return Ok(Some(scrape));
            }
            last = scrape;
            tokio::time::sleep(SETTLE_PAUSE).await;
        }
        Ok(Some(last))
    }

    /// Scrapes until the target has counted what was sent; if it never does, its last word counts.
    pub async fn compare_counts(&mut self, before: Option<&Scrape>, evidence: &mut Evidence) {
        let Some(before) = before else { return };
        let deadline = Instant::now() + SETTLE_TIMEOUT;
        loop {
            match self.scrape().await {
                Ok(Some(after)) => {
                    let before = before.clone();
                    evidence.target = Some(Window { before, after });
                }
                Ok(None) => return,
                Err(error) => {
                    evidence.target_died = Some(self.how_it_died(&error));
                    return;
                }
            }
            if counts_agree(evidence) || Instant::now() > deadline {
                return;
            }
            tokio::time::sleep(SETTLE_PAUSE).await;
        }
    }

    fn how_it_died(&mut self, error: &anyhow::Error) -> String {
        self.target.ended().unwrap_or_else(|| format!("{error:#}"))
    }
}

/// Connects once before anything is sent: what is down, or is not trusted, is no target.
async fn reach(destination: &Arc<Destination>, target: &Url) -> Result<()> {
    let mut connection = Connection::new(Arc::clone(destination));
    connection.open().await.map_err(|lost| {
        let (Lost::Unsent(why) | Lost::Unanswered(why)) = lost;
        anyhow!("{target} cannot be reached: {why}")
    })
}
