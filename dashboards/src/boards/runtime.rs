//! "API / 50 Workers and process": is one worker blocked, and what does the process use.

use api::telemetry::catalogue::{
    HEALTH_DURATION, LIFECYCLE, MIGRATIONS_PENDING, PROCESS_CPU, PROCESS_MAX_FDS, PROCESS_OPEN_FDS,
    PROCESS_RSS, PROCESS_START, PROCESS_THREADS, RUNTIME_QUEUE, STARTUP, WORKER_BUSY, WORKER_LAG,
    WORKER_PARKS, label,
};

use super::RUNTIME;
use crate::{
    catalogue::INSTANCE,
    model::{Board, Colour, Kind, Needs, Panel, Unit, good_below, orange, red},
    promql::write::{
        RANGE, RATE, avg_by, buckets, max_by, numbers, quantile, ratio, series, some, sum_by,
    },
};

pub(super) fn board() -> Board {
    Board {
        uid: RUNTIME,
        title: "API / 50 Workers and process",
        question: "Is one worker blocked, and what does the process use?",
        variables: vec![],
        rows: vec![
            vec![busy(), lag()],
            vec![imbalance(), parks(), queue()],
            vec![cpu(), memory(), files(), threads()],
            vec![lifecycle(), health()],
            vec![uptime(), restarts(), startup(), migrations()],
        ],
    }
}

const BY_WORKER: [&str; 2] = [INSTANCE, label::WORKER];
const WORKER: &str = "{{instance}} worker {{worker}}";

/// By instance: the panel of one figure for each process.
fn of_process(kind: Kind, unit: Unit, title: &'static str) -> Panel {
    Panel::new(kind, unit, title).needs(Needs::Service)
}

fn busy() -> Panel {
    let busy = series(&WORKER_BUSY).of_target();
    of_process(Kind::TimeSeries, Unit::Ratio, "Worker busy share")
        .says(
            "The time that a worker was not idle. All near 1: more processors are needed. One near 1: it is blocked, and every connection it serves waits.",
            "WorkerEventLoopBlocked.md#look-first",
        )
        // Scrapes come a little early or late: a worker that never rests can look busier than it can be.
        .asks(
            format!("clamp_max({}, 1)", max_by(&BY_WORKER, busy.rate(RATE))),
            WORKER,
        )
        .steps([orange(0.8)])
}

fn lag() -> Panel {
    let buckets = buckets(&WORKER_LAG).of_target();
    of_process(Kind::TimeSeries, Unit::Seconds, "How late timers come, p99")
        .says(
            "A timer of each worker looks at the clock ten times a second: what it comes late, every request of that worker waits. Above 50 ms something computes or blocks without giving way.",
            "WorkerEventLoopBlocked.md#look-first",
        )
        .asks(numbers(quantile(0.99, &BY_WORKER, &buckets, RATE)), WORKER)
        .steps([orange(0.05), red(0.1)])
}

fn imbalance() -> Panel {
    let busy = series(&WORKER_BUSY).of_target().rate(RATE);
    of_process(Kind::TimeSeries, Unit::Count, "Imbalance of workers")
        .says(
            "The busiest worker by the mean of all. 1: alike. Near the number of workers: one does everything, since connections stay with the worker that took them.",
            "WorkerEventLoopBlocked.md#causes-and-proof",
        )
        .asks(
            ratio(
                max_by(&[INSTANCE], &busy),
                some(avg_by(&[INSTANCE], &busy)),
            ),
            "{{instance}}",
        )
        .between(1.0, 1000.0)
        .size(8, 8)
}

fn parks() -> Panel {
    let parks = series(&WORKER_PARKS).of_target();
    of_process(Kind::TimeSeries, Unit::PerSecond, "Rests of workers")
        .says(
            "How often a worker had nothing to do. Few rests of a busy worker: it works through a queue, or one task holds it.",
            "WorkerEventLoopBlocked.md#causes-and-proof",
        )
        .asks(sum_by(&BY_WORKER, parks.rate(RATE)), WORKER)
        .size(8, 8)
}

fn queue() -> Panel {
    of_process(
        Kind::TimeSeries,
        Unit::Count,
        "Tasks that wait for a worker",
    )
    .says(
        "The queue of each runtime. Above 0 for long: more work comes than is done.",
        "WorkerEventLoopBlocked.md#look-first",
    )
    .asks(
        max_by(
            &[INSTANCE, label::RUNTIME],
            series(&RUNTIME_QUEUE).of_target(),
        ),
        "{{instance}} {{runtime}}",
    )
    .between(0.0, 1e6)
    .size(8, 8)
}

fn cpu() -> Panel {
    let cpu = series(&PROCESS_CPU).of_target();
    of_process(Kind::TimeSeries, Unit::Count, "Processors in use")
        .says(
            "1: one processor is always busy. More than the workers are busy: the database's threads, or allocation.",
            "WorkerEventLoopBlocked.md#causes-and-proof",
        )
        .asks(sum_by(&[INSTANCE], cpu.rate(RATE)), "{{instance}}")
        .coloured(Colour::Grey)
        .between(0.0, 1024.0)
        .size(6, 8)
}

fn memory() -> Panel {
    of_process(Kind::TimeSeries, Unit::Bytes, "Memory")
        .says(
            "Resident. It grows until the caches are full, and then stays.",
            "CrashLooping.md#causes-and-proof",
        )
        .asks(
            max_by(&[INSTANCE], series(&PROCESS_RSS).of_target()),
            "{{instance}}",
        )
        .coloured(Colour::Grey)
        .size(6, 8)
}

fn files() -> Panel {
    let open = series(&PROCESS_OPEN_FDS).of_target();
    let limit = series(&PROCESS_MAX_FDS).of_target();
    of_process(Kind::TimeSeries, Unit::Ratio, "Open files")
        .says(
            "Of those that the process may open; each connection is one. At 1 no connection is taken any more.",
            "FdExhaustion.md#look-first",
        )
        .asks(max_by(&[INSTANCE], ratio(open, limit)), "{{instance}}")
        .steps([orange(0.8)])
        .size(6, 8)
}

fn threads() -> Panel {
    of_process(Kind::TimeSeries, Unit::Count, "Threads")
        .says(
            "Constant after the start: nothing here makes a thread for a request.",
            "WorkerEventLoopBlocked.md#causes-and-proof",
        )
        .asks(
            max_by(&[INSTANCE], series(&PROCESS_THREADS).of_target()),
            "{{instance}}",
        )
        .coloured(Colour::Grey)
        .between(1.0, 10_000.0)
        .size(6, 8)
}

fn lifecycle() -> Panel {
    of_process(Kind::StateTimeline, Unit::Count, "Lifecycle")
        .says(
            "1 for the state that an instance is in. draining: it was told to stop and finishes what it has begun.",
            "CrashLooping.md#meaning",
        )
        .asks(
            max_by(&[INSTANCE, label::STATE], series(&LIFECYCLE).of_target()),
            "{{instance}} {{state}}",
        )
        .steps([crate::model::Step {
            from: Some(1.0),
            colour: Colour::Blue,
        }])
        .between(0.0, 1.0)
}

fn health() -> Panel {
    of_process(Kind::TimeSeries, Unit::Seconds, "Time of health checks")
        .says(
            "They run every few seconds in the background, apart from requests: what the database needs for the least of all statements.",
            "HealthCheckFailing.md#look-first",
        )
        .asks(
            max_by(&[INSTANCE, label::CHECK], series(&HEALTH_DURATION).of_target()),
            "{{instance}} {{check}}",
        )
}

fn uptime() -> Panel {
    let began = series(&PROCESS_START).of_target();
    of_process(Kind::Stat, Unit::Age, "Up since")
        .says(
            "How long each process has been running.",
            "CrashLooping.md#look-first",
        )
        .asks(
            format!("time() - {}", max_by(&[INSTANCE], began)),
            "{{instance}}",
        )
        // Clocks of two machines differ a little.
        .between(-60.0, 1e10)
        .size(6, 6)
}

fn restarts() -> Panel {
    let began = series(&PROCESS_START).of_target();
    of_process(Kind::Stat, Unit::Count, "Restarts")
        .says(
            "In the range you look at. Each is marked on all boards, with its revision.",
            "CrashLooping.md#look-first",
        )
        .asks(
            sum_by(&[], format!("changes({began}[{RANGE}])")),
            "restarts",
        )
        .between(0.0, 10_000.0)
        .size(6, 6)
}

fn startup() -> Panel {
    of_process(Kind::BarGauge, Unit::Age, "Time of the start")
        .says(
            "By its phases. Migrations of a large table take long, and nobody is served meanwhile.",
            "CrashLooping.md#causes-and-proof",
        )
        .asks(
            max_by(&[label::PHASE], series(&STARTUP).of_target()),
            "{{phase}}",
        )
        .between(0.0, 86_400.0)
        .size(6, 6)
}

fn migrations() -> Panel {
    of_process(Kind::Stat, Unit::Count, "Migrations that are due")
        .says(
            "The database lacks what this build knows: queries of new columns fail.",
            "MigrationsPending.md#look-first",
        )
        .asks(max_by(&[], series(&MIGRATIONS_PENDING).of_target()), "due")
        .steps([good_below(), orange(1.0)])
        .between(0.0, 1000.0)
        .size(6, 6)
}
