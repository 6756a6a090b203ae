//! The proof on a stack of its own: under load every panel has data, and at rest everything adds up.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Parser;
use loadtest::interrupt::Interrupt;
use loadtest::probe::Scrape;
use loadtest::progress::say;
use loadtest::settings::{RunArgs, Settings};
use reqwest::{Client, Url};

use super::{Finding, Verdict, figures, finding, panels, questions, sums};
use crate::boards;
use crate::check::runbooks::Page;
use crate::drill::watch::now;
use crate::preview::{Window, ask};
use crate::prometheus::Prometheus;
use crate::rules::Speed;
use crate::stack::{Plan, Stack, Traffic};

/// Every panel must have data so long after the first request.
const LIMIT: Duration = Duration::from_mins(1);
/// Between two looks at all panels.
const LOOK: Duration = Duration::from_secs(2);
/// What a panel looks at: it began with the load.
const RANGE: Duration = Duration::from_secs(30);
/// Users of the database: the lists have several pages.
const USERS: u64 = 1_000;
/// Requests per second: modest, so that a machine that does something else keeps up.
const RATE: f64 = 40.0;
/// After the last answer the service may have a moment's work to book.
const AT_REST: Duration = Duration::from_secs(10);

/// Holds the proof.
///
/// # Errors
/// When there can be no stack, or one of its parts does not answer.
pub async fn prove(
    database: Option<String>,
    pages: &[Page],
    interrupt: &Interrupt,
) -> Result<Vec<Finding>> {
    let plan = Plan {
        database,
        ..Plan::fast(USERS)
    };
    let mut stack = interrupt.or(Stack::start(&plan, |_| {})).await?;
    let findings = interrupt
        .or(Box::pin(all(&mut stack, pages, interrupt)))
        .await;
    stack.stop().await;
    findings
}

async fn all(stack: &mut Stack, pages: &[Page], interrupt: &Interrupt) -> Result<Vec<Finding>> {
    let prometheus = Prometheus::at(&format!("http://{}", stack.addresses.prometheus))?;
    say("load      begins; every panel must have data within a minute");
    stack.start_load(RATE, Traffic::Usual).await?;
    let mut findings = under_load(&prometheus).await?;
    let window = window();
    findings.extend(questions::annotations_and_variables(&prometheus, &window.variables()).await?);
    findings.extend(questions::rules(&prometheus).await?);
    findings.extend(questions::runbooks(&prometheus, pages).await?);
    say("load      ends; everything must add up");
    stack.stop_load().await?;
    let metrics = Url::parse(&format!("http://{}/metrics", stack.addresses.management))?;
    findings.extend(sums::findings(&at_rest(&metrics).await?));
    findings.extend(figures::findings(metrics.as_str()).await?);
    say("audit     of what is counted against what is sent");
    findings.extend(Box::pin(audit(stack, interrupt)).await?);
    Ok(findings)
}

fn window() -> Window {
    Window {
        end: now(),
        range: RANGE,
        scrape: Speed::Fast.of(Duration::from_mins(1)),
    }
}

/// Looks until all panels have data, or the time is over; what the last look found.
async fn under_load(prometheus: &Prometheus) -> Result<Vec<Finding>> {
    let (started, boards) = (Instant::now(), boards::all());
    loop {
        let window = window();
        let (shown, _) = ask(prometheus, &boards, window, &window.variables(), |_| {}).await?;
        let mut findings = panels::findings(&shown);
        let busy = panels::are_busy(&shown);
        let complete = busy
            && findings
                .iter()
                .all(|finding| finding.verdict == Verdict::Pass);
        if complete || started.elapsed() > LIMIT {
            let message = format!("{} s after the first request", started.elapsed().as_secs());
            findings.push(finding(
                "boards",
                "everything within a minute of the first request",
                complete,
                message,
            ));
            return Ok(findings);
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// The service's own account, when nothing is under way any more.
async fn at_rest(metrics: &Url) -> Result<Scrape> {
    let client = Client::builder().no_proxy().build()?;
    let deadline = Instant::now() + AT_REST;
    loop {
        let scrape = Scrape::fetch(&client, metrics).await?;
        let under_way = scrape.sum(api::telemetry::catalogue::HTTP_ACTIVE.name, &[]);
        if under_way.is_some_and(|requests| requests < 0.5) || Instant::now() > deadline {
            return Ok(scrape);
        }
        tokio::time::sleep(LOOK / 10).await;
    }
}

/// The options of an audit, as a command line has them.
#[derive(Parser)]
struct Audit {
    #[command(flatten)]
    run: RunArgs,
}

/// The harness's audit: what the client sent is what the server counted, and more.
async fn audit(stack: &Stack, interrupt: &Interrupt) -> Result<Vec<Finding>> {
    let target = format!("http://{}", stack.addresses.api);
    let metrics = format!("http://{}/metrics", stack.addresses.management);
    let (rate, out) = (RATE.to_string(), stack.folder().join("audit"));
    let out = out
        .to_str()
        .context("the folder of temporary files has a name that is no text")?;
    let options = [
        ("--target", target.as_str()),
        ("--metrics", &metrics),
        ("--rate", &rate),
        ("--warmup", "1s"),
        ("--round-time", "8s"),
        ("--rounds", "1"),
        ("--out", out),
    ];
    let words = options
        .into_iter()
        .flat_map(|(option, value)| [option, value]);
    let Audit { run } = Audit::try_parse_from(std::iter::once("audit").chain(words))?;
    loadtest::audit::run(&Settings::new(run)?, interrupt).await
}
