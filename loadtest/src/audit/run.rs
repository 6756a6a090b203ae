//! Sends what is audited: rounds like those of a run, and readings of the metrics all the while.

use super::{Case, Reading, audit};
use crate::evidence::{Evidence, MetricNames};
use crate::interrupt::{Interrupt, Interrupted};
use crate::judge::{Finding, Verdict};
use crate::rounds::{Measured, Rounds};
use crate::settings::Settings;
use crate::target::Target;
use anyhow::{Context, Result};
use reqwest::{Client, Url};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::oneshot;

/// How often the metrics are read while requests are sent.
const EVERY: Duration = Duration::from_millis(500);
/// The target may need a moment after the last answer.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(2);
const SETTLE_PAUSE: Duration = Duration::from_millis(50);

/// Sends, reads and checks.
///
/// # Errors
/// When it could not be done.
pub async fn run(settings: &Settings, interrupt: &Interrupt) -> Result<Vec<Finding>> {
    let out = settings.out.display();
    std::fs::create_dir_all(&settings.out).with_context(|| format!("cannot make {out}"))?;
    let client = Client::builder().no_proxy().build()?;
    let mut target = interrupt.or(Target::start(settings, &client)).await?;
    let watched = watched(settings, &client, interrupt, &mut target).await;
    let log = target.log.clone();
    target.stop_and_say().await;
    let ((evidence, measured, _), readings) = watched?;
    if evidence.interrupted {
        return Err(Interrupted.into());
    }
    let findings = audit(&Case {
        evidence: &evidence,
        measured: &measured,
        readings: &readings,
    });
    if let Some(log) = log {
        let right = |finding: &Finding| finding.verdict == Verdict::Pass;
        log.keep_and_say(&evidence, findings.iter().all(right));
    }
    Ok(findings)
}

/// Rounds, and what the metrics said from before the first request until after the last.
async fn watched(
    settings: &Settings,
    client: &Client,
    interrupt: &Interrupt,
    target: &mut Target,
) -> Result<(Measured, Vec<Reading>)> {
    let metrics = target.metrics.clone();
    let metrics = metrics.context("there is nothing to audit without --metrics URL")?;
    let first = Reading::fetch(client, &metrics).await?;
    let (end, ended) = oneshot::channel();
    let watch = tokio::spawn(watch(client.clone(), metrics.clone(), first, ended));
    let evidence = Evidence {
        plan: settings.shown(),
        metrics: settings.metric_names(),
        ..Evidence::default()
    };
    let names = evidence.metrics.clone();
    let preparing = Rounds::prepare(settings, client, interrupt, target, marker());
    let measured = match interrupt.or(preparing).await {
        Ok(rounds) => rounds.measure(evidence).await,
        Err(error) => Err(error),
    };
    // The watch has ended if its receiver is gone.
    let _ = end.send(());
    let mut readings = watch.await.context("the readings broke off")?;
    let measured = measured?;
    readings.extend(at_rest(client, &metrics, &names).await);
    Ok((measured, readings))
}

/// Keeps what this run creates apart from what others create.
fn marker() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    format!("audit-{:x}", now.unwrap_or_default().as_micros())
}

/// Reads until it is told to end; what cannot be read is not there.
async fn watch(
    client: Client,
    metrics: Url,
    first: Reading,
    mut ended: oneshot::Receiver<()>,
) -> Vec<Reading> {
    let mut readings = vec![first];
    let mut tick = tokio::time::interval(EVERY);
    loop {
        tokio::select! {
            _ = &mut ended => return readings,
            _ = tick.tick() => {
                readings.extend(Reading::fetch(&client, &metrics).await.ok());
            }
        }
    }
}

/// A reading when nothing is under way any more; if that never comes, the last one.
async fn at_rest(client: &Client, metrics: &Url, names: &MetricNames) -> Option<Reading> {
    let deadline = Instant::now() + SETTLE_TIMEOUT;
    loop {
        let reading = Reading::fetch(client, metrics).await.ok()?;
        let under_way = reading.scrape.sum(&names.requests_in_flight, &[]);
        let waiting = reading.scrape.sum(&names.pool_waiting, &[]);
        let busy = |gauge: Option<f64>| gauge.is_some_and(|value| value.abs() >= 0.5);
        if !busy(under_way) && !busy(waiting) || Instant::now() > deadline {
            return Some(reading);
        }
        tokio::time::sleep(SETTLE_PAUSE).await;
    }
}
