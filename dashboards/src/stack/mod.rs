//! The whole of it on this machine: service, load harness, Prometheus, Alertmanager and the [catcher](crate::catcher), started from
//! programs that are installed, and stopped.
//!
//! Everything that is started here ends when its handle is dropped, and when this program is killed: [`loadtest::launch`] and
//! [`loadtest::embedded`] see to that. [`ports`] says where they listen, [`programs`] what is missing, [`settings`] what Prometheus and
//! Alertmanager are told; a further part of the stack is a file here and a field of [`Stack`].

mod load;
pub mod ports;
pub mod programs;
mod service;
pub mod settings;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use loadtest::launch::{Process, is_ready};
use loadtest::progress::say;
use reqwest::{Client, Url};
use tempfile::TempDir;

pub use self::load::Traffic;
pub use self::ports::{Addresses, Ports};
use self::programs::Programs;
pub use self::service::{Service, Setting};
use crate::catcher::{Catcher, Delivery};
use crate::rules::Speed;

/// What the service logs in a learner's stack: everything but the switches of faults.
const BLIND_LOG: &str = "info,actix_server=warn,api::faults::switches=off";

/// What is to be started.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where it listens.
    pub ports: Ports,
    /// How fast its rules look.
    pub speed: Speed,
    /// `postgres://…` or `sqlite:PATH`; None is a new SQLite file, which goes with the stack.
    pub database: Option<String>,
    /// Users that an empty database is filled with, and five posts for each.
    pub users: u64,
    /// A SQLite file that a new database is a copy of.
    pub template: Option<PathBuf>,
    /// Requests per second; None is no load.
    pub rate: Option<f64>,
    /// What they are.
    pub traffic: Traffic,
    /// Whether Prometheus is kept from knowing which faults are switched on.
    pub blind: bool,
}

impl Plan {
    /// Fast rules, free ports, a new database, no load.
    #[must_use]
    pub fn fast(users: u64) -> Self {
        Self {
            ports: Ports::FREE,
            speed: Speed::Fast,
            database: None,
            users,
            template: None,
            rate: None,
            traffic: Traffic::Usual,
            blind: false,
        }
    }

    /// The database, new in this folder unless it is named; and what the service is told of it.
    fn database(&self, folder: &Path) -> Result<(String, Vec<Setting>)> {
        if let Some(database) = &self.database {
            return Ok((database.clone(), Vec::new()));
        }
        let file = folder.join("centum.db");
        if let Some(template) = &self.template {
            fs::copy(template, &file).context("cannot copy the database")?;
        }
        // It need not outlast a power cut: so a slow disk is none of the figures.
        let settings = vec![("CENTUM_SQLITE_SYNCHRONOUS", "normal".to_owned())];
        Ok((format!("sqlite:{}", file.display()), settings))
    }
}

/// A running stack.
#[derive(Debug)]
pub struct Stack {
    /// Where everything listens.
    pub addresses: Addresses,
    /// What Alertmanager delivered.
    pub catcher: Catcher,
    /// The service.
    pub service: Service,
    /// The load, while there is some.
    pub load: Option<Process>,
    prometheus: Process,
    alertmanager: Process,
    folder: TempDir,
}

impl Stack {
    /// Starts everything, and tells each delivery as it comes.
    ///
    /// # Errors
    /// When a program is missing, a port is busy, or something ends at its start; then nothing is left running.
    pub async fn start(
        plan: &Plan,
        tell: impl Fn(&Delivery) + Send + Sync + 'static,
    ) -> Result<Self> {
        let programs = Programs::find()?;
        let (addresses, listener) = plan.ports.take()?;
        let folder = tempfile::Builder::new().prefix("centum-").tempdir();
        let folder = folder.context("cannot make a temporary folder")?;
        let catcher = Catcher::start(listener, tell)?;
        settings::write(folder.path(), &addresses, plan.speed, plan.blind)?;
        let (database, mut settings) = plan.database(folder.path())?;
        settings.push(("CENTUM_FAULTS", "on".to_owned()));
        if plan.blind {
            // It would say in its log which one was switched on.
            settings.push(("RUST_LOG", BLIND_LOG.to_owned()));
        }
        let log = folder.path().join("service.log");
        let service = Service::start(database, plan.users, settings, &addresses, &log).await?;
        let client = Client::builder().no_proxy().build()?;
        let (alertmanager, prometheus) = tokio::try_join!(
            alertmanager(programs, &addresses, folder.path().to_owned(), &client),
            prometheus(
                programs,
                &addresses,
                plan.speed,
                folder.path().to_owned(),
                &client
            ),
        )?;
        let mut stack = Self {
            addresses,
            catcher,
            service,
            load: None,
            prometheus,
            alertmanager,
            folder,
        };
        if let Some(rate) = plan.rate {
            stack.start_load(rate, plan.traffic).await?;
        }
        Ok(stack)
    }

    /// Where its logs, its settings and its data are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Begins to send so many requests per second.
    ///
    /// # Errors
    /// When the harness does not run.
    pub async fn start_load(&mut self, rate: f64, traffic: Traffic) -> Result<()> {
        self.load = None;
        let folder = self.folder.path();
        self.load = Some(load::start(&self.addresses, rate, traffic, folder).await?);
        Ok(())
    }

    /// Stops to send, and waits for the last answers.
    ///
    /// # Errors
    /// When the harness had to be killed.
    pub async fn stop_load(&mut self) -> Result<()> {
        match self.load.take() {
            Some(load) => load.stop().await,
            None => Ok(()),
        }
    }

    /// How Prometheus or Alertmanager ended, if one of them has: without them nothing can be seen.
    pub fn ended(&mut self) -> Option<String> {
        let parts = [
            ("Prometheus", &mut self.prometheus),
            ("Alertmanager", &mut self.alertmanager),
        ];
        parts.into_iter().find_map(|(name, process)| {
            let status = process.ended()?;
            Some(format!("{name} ended ({status}){}", process.last_words()))
        })
    }

    /// Stops everything in order, load first.
    pub async fn stop(mut self) {
        let load = self.stop_load().await.context("the load harness");
        let (service, prometheus, alertmanager) = tokio::join!(
            self.service.stop(),
            self.prometheus.stop(),
            self.alertmanager.stop()
        );
        let prometheus = prometheus.context("Prometheus");
        let alertmanager = alertmanager.context("Alertmanager");
        for error in [load, service, prometheus, alertmanager]
            .into_iter()
            .filter_map(Result::err)
        {
            say(&format!("warning: {error:#}"));
        }
    }
}

async fn prometheus(
    programs: Programs,
    addresses: &Addresses,
    speed: Speed,
    folder: PathBuf,
    client: &Client,
) -> Result<Process> {
    let mut words = vec![
        programs.prometheus.to_owned(),
        format!(
            "--config.file={}",
            folder.join(settings::PROMETHEUS).display()
        ),
        format!(
            "--storage.tsdb.path={}",
            folder.join("prometheus").display()
        ),
        format!("--web.listen-address={}", addresses.prometheus),
        "--enable-feature=exemplar-storage".to_owned(),
    ];
    if speed == Speed::Fast {
        // A first message may go to an Alertmanager that is not known yet: it would come a minute later.
        words.push("--rules.alert.resend-delay=2s".to_owned());
    }
    let mut process = Process::start(&words, &folder.join("prometheus.log"))?;
    wait_for(&mut process, addresses.prometheus.port(), client)
        .await
        .context("Prometheus")?;
    Ok(process)
}

async fn alertmanager(
    programs: Programs,
    addresses: &Addresses,
    folder: PathBuf,
    client: &Client,
) -> Result<Process> {
    let words = [
        programs.alertmanager.to_owned(),
        format!(
            "--config.file={}",
            folder.join(settings::ALERTMANAGER).display()
        ),
        format!("--storage.path={}", folder.join("alertmanager").display()),
        format!("--web.listen-address={}", addresses.alertmanager),
        // One alone: it would else look for others of its kind on all networks.
        "--cluster.listen-address=".to_owned(),
    ];
    let mut process = Process::start(&words, &folder.join("alertmanager.log"))?;
    wait_for(&mut process, addresses.alertmanager.port(), client)
        .await
        .context("Alertmanager")?;
    Ok(process)
}

/// Both have the same path for it.
async fn wait_for(process: &mut Process, port: u16, client: &Client) -> Result<()> {
    let path = Url::parse(&format!("http://127.0.0.1:{port}/-/ready"))?;
    let ready = async || is_ready(port, Some(&path), client).await;
    process.until("answer /-/ready", ready).await
}
