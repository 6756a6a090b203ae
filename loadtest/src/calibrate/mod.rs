//! `loadtest calibrate`: how many requests this machine can send, and how exactly, whatever the
//! target is.
//!
//! It sends to a stub, a server that does nothing but answer, as a process of its own on the same
//! machine, so that the processor time of both can be told apart. First closed with 64 users: as
//! fast as it goes. Then open, at rates that grow until the generator cannot be trusted any more,
//! by the same limits as in a run. `table` is what comes of it.

mod table;

pub use table::{Calibration, Line};

use crate::attack::{Plan, attack};
use crate::budgets::GeneratorLimits;
use crate::contract::Answer;
use crate::interrupt::{Interrupt, Interrupted};
use crate::lane::{Destination, LaneChoice};
use crate::launch::Launched;
use crate::pacer::Model;
use crate::population::Population;
use crate::progress::{Progress, say};
use crate::request::Request;
use crate::schedule::{Arrival, Schedule, Stage};
use crate::traffic::{Doing, Job, Part, RouteId, RouteInfo, Traffic};
use crate::wording::per_second;
use anyhow::{Context, Result, bail};
use reqwest::{Client, Method, StatusCode};
use std::sync::Arc;
use std::time::Duration;

/// Users that send as fast as it goes.
const USERS: usize = 64;
/// Users of the open model at most.
const MOST_USERS: usize = 256;
/// The rates of the open model: steps of about a half.
const RATES: [f64; 13] = [
    500.0, 1_000.0, 2_000.0, 3_000.0, 5_000.0, 7_000.0, 10_000.0, 15_000.0, 20_000.0, 30_000.0,
    50_000.0, 70_000.0, 100_000.0,
];
/// After so many rates in a row at which it cannot be trusted, higher ones are not tried.
const TOO_MANY: u32 = 2;
const SEED: u64 = 42;

/// Measures this machine, for so long at each rate.
///
/// # Errors
/// When the stub cannot be started, or somebody interrupts.
pub async fn calibrate(length: Duration, interrupt: &Interrupt) -> Result<Calibration> {
    let program = std::env::current_exe().context("cannot find this program")?;
    let program = program.display().to_string();
    let words = [program.as_str(), "stub", "--listen", "127.0.0.1:{port}"].map(str::to_owned);
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let client = Client::builder().no_proxy().build()?;
    let log = folder.path().join("stub.log");
    let starting = Launched::start(&words, None, &log, &client);
    let stub = interrupt.or(starting).await?;
    let measured = measure(&stub, length, interrupt).await;
    stub.stop().await?;
    measured
}

async fn measure(stub: &Launched, length: Duration, interrupt: &Interrupt) -> Result<Calibration> {
    let destination = Arc::new(Destination::resolve(&stub.public, None).await?);
    let traffic = Arc::new(traffic());
    let attack_with = async |title: &str, model: Model, users: usize, max_users: usize| {
        let plan = Plan {
            title: title.to_owned(),
            target: stub.public.clone(),
            destination: Arc::clone(&destination),
            lane: LaneChoice::Http1,
            traffic: Arc::clone(&traffic),
            population: Arc::new(Population::default()),
            model,
            promised: vec![None],
            users,
            max_users,
            gap: GeneratorLimits::default().gap.0,
            block_seconds: 1,
            seed: SEED,
            run: "calibration".to_owned(),
            live: None,
        };
        let round = attack(&plan, &Arc::new(Progress::default()), interrupt).await?;
        if interrupt.is_raised() {
            bail!(Interrupted);
        }
        anyhow::Ok(round)
    };
    let mut calibration = Calibration::default();
    let closed = || Model::Closed(length);
    attack_with(
        "warm-up",
        Model::Closed(Duration::from_secs(1)),
        USERS,
        USERS,
    )
    .await?;
    let round = attack_with("closed", closed(), USERS, USERS).await?;
    let line = Line::of(None, round)?;
    let ceiling = line.achieved;
    calibration.lines.push(line);
    let mut doubted = 0;
    for rate in RATES {
        if rate > ceiling || doubted >= TOO_MANY {
            break;
        }
        let model = Model::Open(Schedule {
            stages: vec![Stage::flat(length.as_secs_f64())],
            rate,
            arrival: Arrival::Poisson,
            seed: SEED,
            shard: (0, 1),
        });
        let round = attack_with(&per_second(rate), model, USERS, MOST_USERS).await?;
        let line = Line::of(Some(rate), round)?;
        doubted = if line.doubts.is_empty() {
            0
        } else {
            doubted + 1
        };
        calibration.lines.push(line);
    }
    say("");
    Ok(calibration)
}

fn get<'a>(client: &'a mut crate::client::Client<'_>) -> Doing<'a> {
    let right = |answer: &Answer| match answer.status {
        StatusCode::OK => Ok(()),
        status => Err(format!("status {status}")),
    };
    Box::pin(client.send(RouteId(0), Request::to("/"), right))
}

/// One request, over and over.
fn traffic() -> Traffic {
    let job = Job {
        name: "get".to_owned(),
        weight: 1,
        run: Arc::new(get),
    };
    Traffic {
        routes: vec![RouteInfo {
            name: "GET /".to_owned(),
            method: Method::GET,
        }],
        parts: vec![Part {
            name: "calibration".to_owned(),
            weight: 1,
            jobs: vec![job],
        }],
        needs_population: false,
    }
}
