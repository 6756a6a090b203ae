//! A run from beginning to end: a target is started, measured, stopped and judged.

use crate::evidence::Evidence;
use crate::interrupt::{Interrupt, Interrupted};
use crate::judge::Verdict;
use crate::live::Live;
use crate::report::Report;
use crate::rounds::Rounds;
use crate::settings::Settings;
use crate::target::Target;
use anyhow::{Context, Result};
use chrono::{DateTime, SecondsFormat, Utc};
use reqwest::Client;
use std::sync::Arc;
use std::time::SystemTime;

/// Runs, and gives back what is to be reported. Interrupted before anything was measured, it is an
/// error; later, it is a report of what was seen.
///
/// # Errors
/// When the run could not be done; a run that was done badly is a report.
pub async fn run(settings: &Settings, command: String, interrupt: &Interrupt) -> Result<Report> {
    let out = settings.out.display();
    std::fs::create_dir_all(&settings.out).with_context(|| format!("cannot make {out}"))?;
    let started = DateTime::<Utc>::from(SystemTime::now());
    let client = Client::builder().no_proxy().build()?;
    let run = format!("{:x}", started.timestamp_micros());
    let live = Live::of(settings, &run).await?;
    let mut target = interrupt.or(Target::start(settings, &client)).await?;
    let evidence = Evidence {
        started: started.to_rfc3339_opts(SecondsFormat::Secs, true),
        command,
        plan: settings.shown(),
        metrics: settings.metric_names(),
        ..Evidence::default()
    };
    let board = live.as_ref().map(|live| Arc::clone(&live.board));
    let preparing = Rounds::prepare(settings, &client, interrupt, &mut target, run);
    let measured = match interrupt.or(preparing).await {
        Ok(rounds) => rounds.shown_on(board).measure(evidence).await,
        Err(error) => Err(error),
    };
    let log = target.log.clone();
    target.stop_and_say().await;
    let (evidence, measured, judgement) = measured?;
    if evidence.rounds.is_empty() && evidence.interrupted {
        return Err(Interrupted.into());
    }
    if let Some(log) = log {
        log.keep_and_say(&evidence, judgement.verdict == Verdict::Pass);
    }
    Ok(Report::new(
        evidence,
        measured,
        judgement,
        &settings.budgets,
    ))
}
