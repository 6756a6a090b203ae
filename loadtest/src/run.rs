//! A run from beginning to end: a target is started, measured, stopped and judged.

use crate::embedded::{self, Embedded};
use crate::interrupt::Interrupt;
use crate::judge::{Verdict, judge};
use crate::measure::Measuring;
use crate::population::Population;
use crate::profiles::POSTS_PER_USER;
use crate::progress::say;
use crate::report::Report;
use crate::settings::{Settings, TargetChoice};
use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use reqwest::{Client, Url};
use std::time::SystemTime;

/// The log of a service that was started here, in the folder of the reports; kept unless the run passes.
const LOG: &str = "target.log";

/// The service under attack.
struct Target {
    public: Url,
    metrics: Url,
    embedded: Option<Embedded>,
    /// The folder of a new database: it goes when the target goes.
    _folder: Option<tempfile::TempDir>,
}

/// Runs, and writes the reports.
///
/// # Errors
/// When the run could not be done; a run that was done badly is a report.
pub async fn run(settings: &Settings, command: String, interrupt: &Interrupt) -> Result<Report> {
    let out = settings.out.display();
    std::fs::create_dir_all(&settings.out).with_context(|| format!("cannot make {out}"))?;
    let started = DateTime::<Utc>::from(SystemTime::now());
    let client = Client::builder().no_proxy().build()?;
    let mut target = interrupt.or(start(settings, &client)).await?;
    let measuring = Measuring {
        settings,
        client: &client,
        public: &target.public,
        metrics: &target.metrics,
        run: format!("{:x}", started.timestamp_micros()),
    };
    let measured = interrupt.or(measuring.measure(&mut target.embedded)).await;
    if let Some(embedded) = target.embedded
        && let Err(error) = embedded.stop().await
    {
        say(&format!("warning: {error:#}"));
    }
    let measured = measured?;
    let judgement = judge(&measured, &settings.budgets);
    let report = Report::new(settings, command, started, measured, judgement);
    report.write(&settings.out)?;
    if report.verdict == Verdict::Pass {
        // Some 100 MB that nobody will read; where something failed, the trace ids lead into it.
        let _ = std::fs::remove_file(settings.out.join(LOG));
    }
    Ok(report)
}

/// Starts the target, or finds it, and sees that there is something in it.
async fn start(settings: &Settings, client: &Client) -> Result<Target> {
    match &settings.target {
        TargetChoice::Running { public, metrics } => Ok(Target {
            public: public.clone(),
            metrics: metrics.clone(),
            embedded: None,
            _folder: None,
        }),
        TargetChoice::Embedded { database: None } => {
            let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
            let database = format!("sqlite:{}", folder.path().join("centum.db").display());
            seed(settings, &database).await?;
            let target = start_embedded(settings, &database).await?;
            Ok(Target {
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
            if let Some(embedded) = target.embedded {
                embedded.stop().await?;
            }
            seed(settings, database).await?;
            start_embedded(settings, database).await
        }
    }
}

async fn seed(settings: &Settings, database: &str) -> Result<()> {
    let (users, posts) = (settings.seed_users, settings.seed_users * POSTS_PER_USER);
    say(&format!("seeding   {users} users, {posts} posts"));
    embedded::seed(database, users, POSTS_PER_USER, settings.seed).await
}

async fn start_embedded(settings: &Settings, database: &str) -> Result<Target> {
    let embedded = Embedded::start(database, &settings.out.join(LOG)).await?;
    Ok(Target {
        public: Url::parse(&format!("http://{}", embedded.public))?,
        metrics: Url::parse(&format!("http://{}/metrics", embedded.management))?,
        embedded: Some(embedded),
        _folder: None,
    })
}
