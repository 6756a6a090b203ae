//! "API / 21 N+1": which route repeats which query.

use api::telemetry::catalogue::{
    HTTP_DURATION, N_PLUS_ONE, QUERIES_PER_REQUEST, QUERY_COUNT_EXCEEDED, ROUTE_QUERIES,
    UNNAMED_QUERIES, label,
};

use super::{NPLUS1, QUERIES, QUERY, RED, ROUTE, of_route, rate_by};
use crate::{
    model::{Board, Kind, Needs, Panel, Unit, good_below, orange, red},
    promql::write::{RANGE, RATE, Series, buckets, count, ratio, series, some, sum, sum_by},
};

pub(super) fn board() -> Board {
    Board {
        uid: NPLUS1,
        title: "API / 21 N+1",
        question: "Which route repeats which query?",
        variables: vec![ROUTE, QUERY],
        rows: vec![
            vec![matrix(), shape()],
            vec![mean(), exceeded()],
            vec![suspected(), unnamed()],
        ],
    }
}

/// Of the chosen routes and the chosen queries.
fn of_both(series: Series) -> Series {
    of_route(series).chosen(label::QUERY, QUERY.name)
}

fn matrix() -> Panel {
    let requests = of_route(count(&HTTP_DURATION));
    let calls = rate_by(
        &[label::ROUTE, label::QUERY],
        &of_both(series(&ROUTE_QUERIES)),
        RANGE,
    );
    let calls = format!(
        "{calls} / on ({}) group_left () {}",
        label::ROUTE,
        some(rate_by(&[label::ROUTE], &requests, RANGE)),
    );
    Panel::new(Kind::Table, Unit::Count, "Calls of each query per request")
        .says(
            "How often a request of a route runs a query, over the range you look at. Above 2 it is a loop over rows.",
            "NPlusOneSuspected.md#look-first",
        )
        .asks(some(calls), "Calls per request")
        .steps([good_below(), orange(2.0), red(5.0)])
        .drills_down(QUERIES, QUERY.name, label::QUERY)
        .between(0.0, 1000.0)
        .size(14, 12)
}

fn shape() -> Panel {
    let buckets = of_route(buckets(&QUERIES_PER_REQUEST));
    Panel::new(Kind::Heatmap, Unit::Count, "Queries of a request")
        .says(
            "How many requests ran how many queries. A second hill far above the first: some requests loop, by the rows that they find.",
            "NPlusOneSuspected.md#causes-and-proof",
        )
        .asks(rate_by(&["le"], &buckets, RATE), "{{le}}")
        .size(10, 12)
}

fn mean() -> Panel {
    let by_route = [label::ROUTE];
    let queries = of_route(sum(&QUERIES_PER_REQUEST));
    let requests = of_route(count(&QUERIES_PER_REQUEST));
    Panel::new(
        Kind::TimeSeries,
        Unit::Count,
        "Queries per request by route",
    )
    .says(
        "The mean. It stays the same when the data grows; if it grows with them, there is a loop.",
        "NPlusOneSuspected.md#meaning",
    )
    .asks(
        ratio(
            rate_by(&by_route, &queries, RATE),
            some(rate_by(&by_route, &requests, RATE)),
        ),
        "{{http_route}}",
    )
    .drills_down(RED, ROUTE.name, label::ROUTE)
    .between(0.0, 1000.0)
}

fn exceeded() -> Panel {
    let requests = of_route(series(&QUERY_COUNT_EXCEEDED));
    Panel::new(
        Kind::TimeSeries,
        Unit::RequestsPerSecond,
        "Requests with more queries than declared",
    )
    .says(
        "Each route declares how many queries a request may run, in the table of routes.",
        "NPlusOneSuspected.md#look-first",
    )
    .asks(rate_by(&[label::ROUTE], &requests, RATE), "{{http_route}}")
    .needs(Needs::Service)
}

fn suspected() -> Panel {
    let requests = of_both(series(&N_PLUS_ONE));
    Panel::new(Kind::TimeSeries, Unit::Count, "N+1 suspected")
        .says(
            "Requests that ran the same query more often than their route allows, by route and query.",
            "NPlusOneSuspected.md#look-first",
        )
        .asks(
            sum_by(&[label::ROUTE, label::QUERY], requests.increase(RATE)),
            "{{http_route}}: {{db_query_summary}}",
        )
        .steps([red(1.0)])
        .needs(Needs::Service)
        .drills_down(QUERIES, QUERY.name, label::QUERY)
        .size(18, 8)
}

fn unnamed() -> Panel {
    let unnamed = series(&UNNAMED_QUERIES).of_target();
    Panel::new(Kind::Stat, Unit::Count, "Queries without a name")
        .says(
            "In the range you look at. There must be none: what has no name has no budget.",
            "TelemetryInconsistent.md#look-first",
        )
        .asks(sum_by(&[], unnamed.increase(RANGE)), "unnamed")
        .steps([good_below(), red(1.0)])
        .needs(Needs::Service)
        .size(6, 8)
}
