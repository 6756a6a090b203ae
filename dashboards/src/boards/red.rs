//! "API / 10 Routes (RED)": which route, since when, and which phase of it.

use api::telemetry::catalogue::{
    HTTP_ACTIVE, HTTP_BODY_BYTES, HTTP_DURATION, HTTP_IDEMPOTENT, HTTP_OVER_BUDGET, HTTP_PANICS,
    label,
};

use super::{RED, ROUTE, bands, of_route, rate_by, request_phases, request_time, within_budget};
use crate::{
    model::{Board, Kind, Needs, Panel, Unit, bad_below, good_below, green, orange, red},
    promql::write::{
        RANGE, RATE, Series, buckets, count, numbers, or_zero_of, quantile, ratio, series, some,
        sum_by,
    },
};

pub(super) fn board() -> Board {
    Board {
        uid: RED,
        title: "API / 10 Routes (RED)",
        question: "Which route is slow or fails, since when, and which phase of its requests?",
        variables: vec![ROUTE],
        rows: vec![
            vec![routes()],
            vec![rate(), errors(), within()],
            vec![shares(), duration()],
            vec![phases(), over_budget()],
            vec![statuses(), hung_up(), in_flight()],
            vec![idempotent(), bytes(), panics()],
        ],
    }
}

const BY_ROUTE: [&str; 1] = [label::ROUTE];

fn requests() -> Series {
    of_route(count(&HTTP_DURATION))
}

fn failed() -> Series {
    requests().fits(label::STATUS, "5..")
}

fn routes() -> Panel {
    let all = rate_by(&BY_ROUTE, &requests(), RANGE);
    let failed = rate_by(&BY_ROUTE, &failed(), RANGE);
    let times = of_route(buckets(&HTTP_DURATION));
    let over = of_route(series(&HTTP_OVER_BUDGET));
    let panics = of_route(series(&HTTP_PANICS));
    Panel::new(Kind::Table, Unit::RequestsPerSecond, "Routes")
        .says(
            "One row for each route, over the range you look at. A click on a name narrows this board to it.",
            "SloHttpLatencyBudgetBurn.md#look-first",
        )
        .asks(&all, "Rate")
        .asks(ratio(failed, some(&all)), "Failed (5xx)")
        .column(Unit::Ratio, [good_below(), red(0.001)])
        .asks(within_budget(of_route, &BY_ROUTE, RANGE), "Within 100 ms")
        .column(Unit::Ratio, [bad_below(), green(0.99)])
        .asks(numbers(quantile(0.5, &BY_ROUTE, &times, RANGE)), "p50")
        .column(Unit::Seconds, [good_below(), red(0.1)])
        .asks(numbers(quantile(0.99, &BY_ROUTE, &times, RANGE)), "p99")
        .column(Unit::Seconds, [good_below(), orange(0.05), red(0.1)])
        .asks(sum_by(&BY_ROUTE, over.increase(RANGE)), "Over budget")
        .column(Unit::Count, [orange(1.0)])
        .asks(sum_by(&BY_ROUTE, panics.increase(RANGE)), "Panics")
        .column(Unit::Count, [red(1.0)])
        .drills_down(RED, ROUTE.name, label::ROUTE)
        .size(24, 12)
}

fn rate() -> Panel {
    Panel::new(Kind::TimeSeries, Unit::RequestsPerSecond, "Rate by route")
        .says(
            "A route that falls to nothing while the others go on: its callers cannot reach it, or were sent elsewhere.",
            "LowVolumeErrors.md#look-first",
        )
        .asks(rate_by(&BY_ROUTE, &requests(), RATE), "{{http_route}}")
        .drills_down(RED, ROUTE.name, label::ROUTE)
        .size(8, 8)
}

fn errors() -> Panel {
    let all = some(rate_by(&BY_ROUTE, &requests(), RATE));
    Panel::new(Kind::TimeSeries, Unit::Ratio, "Failed (5xx) by route")
        .says(
            "One route: look at its queries. All at once: at the database and the pool.",
            "SloHttpAvailabilityBudgetBurn.md#causes-and-proof",
        )
        .asks(
            ratio(rate_by(&BY_ROUTE, &failed(), RATE), all),
            "{{http_route}}",
        )
        .steps([red(0.001)])
        .drills_down(RED, ROUTE.name, label::ROUTE)
        .size(8, 8)
}

fn within() -> Panel {
    Panel::new(Kind::TimeSeries, Unit::Ratio, "Within 100 ms by route")
        .says(
            "Exact: 0.1 s is a boundary of the histogram. 99 % are promised.",
            "SloHttpLatencyBudgetBurn.md#look-first",
        )
        .asks(within_budget(of_route, &BY_ROUTE, RATE), "{{http_route}}")
        .steps([bad_below(), green(0.99)])
        .drills_down(RED, ROUTE.name, label::ROUTE)
        .size(8, 8)
}

fn shares() -> Panel {
    let panel = Panel::new(Kind::Stacked, Unit::Ratio, "How long requests take").says(
        "Shares of all requests, counted at boundaries of the histogram. Red is what took longer than 100 ms.",
        "SloHttpLatencyBudgetBurn.md#meaning",
    );
    let bounds = [
        ("0.01", "up to 10 ms"),
        ("0.05", "10 to 50 ms"),
        ("0.1", "50 to 100 ms"),
    ];
    bands(panel, &HTTP_DURATION, of_route, bounds)
}

fn duration() -> Panel {
    let panel = Panel::new(Kind::TimeSeries, Unit::Seconds, "Request time").says(
        "Estimated between boundaries. The points are single requests: their trace_id finds the log line and the trace.",
        "SloHttpLatencyBudgetBurn.md#look-first",
    );
    request_time(panel, of_route)
}

fn phases() -> Panel {
    let panel = Panel::new(Kind::Stacked, Unit::Seconds, "Where the time of a request goes").says(
        "The mean request, by what it waited for; the phases add up to its duration. pool_wait: board 30. db: board 20. cache_load: board 40. handler: board 50.",
        "SloHttpLatencyBudgetBurn.md#causes-and-proof",
    );
    request_phases(panel, of_route)
}

fn over_budget() -> Panel {
    let over = of_route(series(&HTTP_OVER_BUDGET));
    Panel::new(
        Kind::Stacked,
        Unit::RequestsPerSecond,
        "Over budget, by the phase that took most",
    )
    .says(
        "Requests slower than their route's budget, each under the phase that ate it: the slow ones need not look like the mean one.",
        "SloHttpLatencyBudgetBurn.md#causes-and-proof",
    )
    .asks(
        rate_by(&[label::DOMINANT_PHASE], &over, RATE),
        "{{dominant_phase}}",
    )
    .needs(Needs::Service)
}

fn statuses() -> Panel {
    Panel::new(Kind::Stacked, Unit::RequestsPerSecond, "Answers by status")
        .says(
            "503: overloaded, or the database is away. 504: given up at the deadline. 499: the client hung up. 500: a fault of the service.",
            "SloHttpAvailabilityBudgetBurn.md#causes-and-proof",
        )
        .asks(
            rate_by(&[label::STATUS], &requests(), RATE),
            "{{http_response_status_code}}",
        )
        .size(8, 8)
}

fn hung_up() -> Panel {
    let hung_up = rate_by(&BY_ROUTE, &requests().eq(label::STATUS, "499"), RATE);
    Panel::new(
        Kind::TimeSeries,
        Unit::RequestsPerSecond,
        "Clients that hung up (499)",
    )
    .says(
        "Requests whose client did not wait for the answer. They follow slowness; alone, they are a client with too short a patience.",
        "ClientDisconnects.md#look-first",
    )
    .asks(
        or_zero_of(hung_up, rate_by(&BY_ROUTE, &requests(), RATE)),
        "{{http_route}}",
    )
    .needs(Needs::Service)
    .size(8, 8)
}

fn in_flight() -> Panel {
    Panel::new(Kind::TimeSeries, Unit::Count, "In flight")
        .says(
            "Requests that are being answered. Growing at a steady rate: something downstream is slower than requests come.",
            "SloHttpLatencyBudgetBurn.md#look-first",
        )
        .asks(
            sum_by(&[label::METHOD], series(&HTTP_ACTIVE).of_target()),
            "{{http_request_method}}",
        )
        .needs(Needs::Service)
        .between(0.0, 1e6)
        .size(8, 8)
}

fn idempotent() -> Panel {
    let requests = of_route(series(&HTTP_IDEMPOTENT));
    Panel::new(
        Kind::TimeSeries,
        Unit::RequestsPerSecond,
        "Requests with an idempotency key",
    )
    .says(
        "executed: the first of its key. replayed: answered from the first one's answer, so a client repeats itself. reused: one key for two different requests, a fault of the client.",
        "LowVolumeErrors.md#causes-and-proof",
    )
    .asks(rate_by(&[label::OUTCOME], &requests, RATE), "{{outcome}}")
    .needs(Needs::Service)
    .size(8, 8)
}

fn bytes() -> Panel {
    let bytes = of_route(series(&HTTP_BODY_BYTES));
    Panel::new(Kind::TimeSeries, Unit::BytesPerSecond, "Bytes sent by route")
        .says(
            "Of answers' bodies. A route that sends much more than before has lost a limit, or its cache of answers.",
            "SloHttpLatencyBudgetBurn.md#causes-and-proof",
        )
        .asks(rate_by(&BY_ROUTE, &bytes, RATE), "{{http_route}}")
        .needs(Needs::Service)
        .size(8, 8)
}

fn panics() -> Panel {
    let panics = of_route(series(&HTTP_PANICS));
    Panel::new(Kind::TimeSeries, Unit::Count, "Panics")
        .says(
            "Each became a 500; the log has its message and its place. There are none in a good build.",
            "HandlerPanics.md#look-first",
        )
        .asks(
            sum_by(&BY_ROUTE, panics.increase(RATE)),
            "{{http_route}}",
        )
        .steps([red(1.0)])
        .needs(Needs::Service)
        .size(8, 8)
}
