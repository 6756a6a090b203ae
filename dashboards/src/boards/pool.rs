//! "API / 30 Connection pool (USE)": utilisation, saturation and errors of each pool.

use api::telemetry::catalogue::{
    BLOCKING_QUEUE, POOL_CLOSED, POOL_CONNECTIONS, POOL_CREATE, POOL_ERRORS, POOL_MAX,
    POOL_PENDING, POOL_TIMEOUTS, POOL_USE, POOL_WAIT, label,
};

use super::{POOL, rate_by};
use crate::{
    model::{Board, Colour, Kind, Needs, Panel, Unit, good_below, orange, red},
    promql::write::{RATE, Series, buckets, max_by, numbers, quantile, ratio, series, sum, sum_by},
};

pub(super) fn board() -> Board {
    Board {
        uid: POOL,
        title: "API / 30 Connection pool (USE)",
        question: "Do requests wait for a connection, and who holds them?",
        variables: vec![],
        rows: vec![
            vec![used(), connections(), waiting()],
            vec![wait(), in_use()],
            vec![needed(), in_vain(), timeouts(), closed()],
        ],
    }
}

const BY_POOL: [&str; 1] = [label::POOL];

fn used_connections() -> Series {
    series(&POOL_CONNECTIONS)
        .of_target()
        .eq(label::CONNECTION_STATE, "used")
}

fn most() -> String {
    sum_by(&BY_POOL, series(&POOL_MAX).of_target())
}

fn used() -> Panel {
    Panel::new(Kind::Gauge, Unit::Ratio, "In use")
        .says(
            "Connections in use, of those that the pool may have. Full for a moment is no fault; full while callers wait is.",
            "DbPoolStarved.md#meaning",
        )
        .asks(
            ratio(sum_by(&BY_POOL, used_connections()), most()),
            "{{db_client_connection_pool_name}}",
        )
        .steps([good_below(), orange(0.8)])
        .needs(Needs::Service)
        .size(6, 8)
}

fn connections() -> Panel {
    let by_state = [label::POOL, label::CONNECTION_STATE];
    Panel::new(Kind::TimeSeries, Unit::Count, "Connections")
        .says(
            "Used, idle, and the most there may be. Used at the most for long: slow queries hold them, or one is never given back.",
            "DbPoolStarved.md#causes-and-proof",
        )
        .asks(
            sum_by(&by_state, series(&POOL_CONNECTIONS).of_target()),
            "{{db_client_connection_pool_name}} {{db_client_connection_state}}",
        )
        .asks(most(), "{{db_client_connection_pool_name}} most")
        .needs(Needs::Service)
        .between(0.0, 10_000.0)
        .size(10, 8)
}

fn waiting() -> Panel {
    let pending = series(&POOL_PENDING).of_target();
    Panel::new(Kind::TimeSeries, Unit::Count, "Callers that wait (peak)")
        .says(
            "Requests that stand in line for a connection, or for the turn to write.",
            "DbPoolStarved.md#look-first",
        )
        .asks(
            max_by(&BY_POOL, format!("max_over_time({pending}[{RATE}])")),
            "{{db_client_connection_pool_name}}",
        )
        .steps([orange(1.0)])
        .needs(Needs::Service)
        .between(0.0, 100_000.0)
        .size(8, 8)
}

fn wait() -> Panel {
    let wait = buckets(&POOL_WAIT).of_target();
    let queue = buckets(&BLOCKING_QUEUE).of_target();
    let of = |share, buckets| numbers(quantile(share, &BY_POOL, buckets, RATE));
    Panel::new(Kind::TimeSeries, Unit::Seconds, "Wait for the database")
        .says(
            "For a connection or the turn to write; on SQLite also in the queue of a connection's thread. From 25 ms on it eats a quarter of a request's budget.",
            "DbPoolWaitEatsBudget.md#look-first",
        )
        .asks(of(0.5, &wait), "{{db_client_connection_pool_name}} p50")
        .asks(of(0.99, &wait), "{{db_client_connection_pool_name}} p99")
        .asks(of(0.99, &queue), "{{db_client_connection_pool_name}} thread p99")
        .steps([orange(0.025), red(0.1)])
}

fn in_use() -> Panel {
    let held = buckets(&POOL_USE).of_target();
    let made = buckets(&POOL_CREATE).of_target();
    let of = |share, buckets| numbers(quantile(share, &BY_POOL, buckets, RATE));
    Panel::new(Kind::TimeSeries, Unit::Seconds, "Time in use")
        .says(
            "From taking a connection to giving it back. Longer than the queries take: a transaction is kept open over something else. \"made\": connections that were set up.",
            "DbPoolStarved.md#causes-and-proof",
        )
        .asks(of(0.5, &held), "{{db_client_connection_pool_name}} p50")
        .asks(of(0.99, &held), "{{db_client_connection_pool_name}} p99")
        .asks(of(0.99, &made), "{{db_client_connection_pool_name}} made p99")
}

fn needed() -> Panel {
    let seconds = sum(&POOL_USE).of_target();
    Panel::new(Kind::TimeSeries, Unit::Count, "Connections needed (Little's law)")
        .says(
            "Rate by time in use: so many connections are busy at a time on average. Near the most there may be, waiting begins; far below it, the pool is large enough.",
            "DbPoolWaitEatsBudget.md#causes-and-proof",
        )
        .asks(
            rate_by(&BY_POOL, &seconds, RATE),
            "{{db_client_connection_pool_name}} needed",
        )
        .asks(most(), "{{db_client_connection_pool_name}} most")
        .coloured(Colour::Orange)
        .needs(Needs::Service)
        .between(0.0, 10_000.0)
        .size(6, 8)
}

fn in_vain() -> Panel {
    let errors = series(&POOL_ERRORS).of_target();
    Panel::new(Kind::TimeSeries, Unit::PerSecond, "Asked for in vain")
        .says(
            "Connections that a request did not get, and so it failed. overloaded: none was free in time. unavailable: the database cannot be reached.",
            "DbQueryErrors.md#look-first",
        )
        .asks(
            rate_by(&[label::POOL, label::ERROR_TYPE], &errors, RATE),
            "{{db_client_connection_pool_name}} {{error_type}}",
        )
        .needs(Needs::Service)
        .size(6, 8)
}

fn timeouts() -> Panel {
    let timeouts = series(&POOL_TIMEOUTS).of_target();
    Panel::new(Kind::TimeSeries, Unit::PerSecond, "Waits given up")
        .says(
            "wait: none was free in time, the request gets 503. create, recycle: the database did not answer.",
            "DbPoolStarved.md#impact",
        )
        .asks(
            rate_by(&[label::POOL, label::KIND], &timeouts, RATE),
            "{{db_client_connection_pool_name}} {{kind}}",
        )
        .needs(Needs::Service)
        .size(6, 8)
}

fn closed() -> Panel {
    let closed = series(&POOL_CLOSED).of_target();
    Panel::new(Kind::TimeSeries, Unit::PerSecond, "Connections not given back")
        .says(
            "broken: dropped in the middle of a statement, such as by a client that hung up. recycle_failed: the database had closed it.",
            "DbPoolStarved.md#causes-and-proof",
        )
        .asks(
            rate_by(&[label::POOL, label::REASON], &closed, RATE),
            "{{db_client_connection_pool_name}} {{reason}}",
        )
        .needs(Needs::Service)
        .size(6, 8)
}
