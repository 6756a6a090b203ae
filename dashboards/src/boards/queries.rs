//! "API / 20 Query budget": every named query against the budget that it declares.

use api::telemetry::catalogue::{
    PLAN_CHANGES, PLAN_INFO, PREPARES, QUERY_BUDGET, QUERY_DURATION, QUERY_OVER_BUDGET, RETRIES,
    RETURNED_ROWS, SLOW_QUERY_CAPTURES, TOO_MANY_ROWS, label,
};

use super::{QUERIES, QUERY, bands, of_query, rate_by};
use crate::{
    model::{Board, Colour, Kind, Needs, Panel, Unit, good_below, orange, red},
    promql::write::{
        RANGE, RATE, Series, buckets, count, max_by, min_by, numbers, or_zero_of, quantile, ratio,
        series, some, sum, sum_by, top,
    },
};

pub(super) fn board() -> Board {
    Board {
        uid: QUERIES,
        title: "API / 20 Query budget",
        question: "Which named query breaks its budget of 100 ms, and what changed about it?",
        variables: vec![QUERY],
        rows: vec![
            vec![queries()],
            vec![against_budget(), shares()],
            vec![worst(), load()],
            vec![failures(), retries(), captures()],
            vec![rows(), too_many_rows(), prepares()],
            vec![plans(), plan_changes()],
        ],
    }
}

const BY_QUERY: [&str; 1] = [label::QUERY];
const NAME: &str = "{{db_query_summary}}";

fn calls() -> Series {
    of_query(count(&QUERY_DURATION))
}

fn failed() -> Series {
    calls().ne(label::ERROR_TYPE, "")
}

/// The share of calls that took longer than their budget.
fn over_budget(window: &str) -> String {
    let over = of_query(series(&QUERY_OVER_BUDGET));
    ratio(
        rate_by(&BY_QUERY, &over, window),
        some(rate_by(&BY_QUERY, &calls(), window)),
    )
}

fn queries() -> Panel {
    let times = of_query(buckets(&QUERY_DURATION));
    let p99 = quantile(0.99, &BY_QUERY, &times, RANGE);
    let budget = min_by(&BY_QUERY, of_query(series(&QUERY_BUDGET)));
    let rows = of_query(buckets(&RETURNED_ROWS));
    Panel::new(Kind::Table, Unit::PerSecond, "Queries")
        .says(
            "One row for each named query, over the range you look at: how often, how long, and how near to its budget. A click on a name narrows this board to it.",
            "DbQueryOverBudget.md#look-first",
        )
        .asks(rate_by(&BY_QUERY, &calls(), RANGE), "Calls")
        .asks(numbers(quantile(0.5, &BY_QUERY, &times, RANGE)), "p50")
        .column(Unit::Seconds, [good_below(), red(0.1)])
        .asks(numbers(&p99), "p99")
        .column(Unit::Seconds, [good_below(), orange(0.05), red(0.1)])
        .asks(&budget, "Budget")
        .column(Unit::Seconds, [])
        .asks(numbers(ratio(&p99, &budget)), "p99 by budget")
        .column(Unit::Count, [good_below(), orange(0.5), red(1.0)])
        .asks(over_budget(RANGE), "Over budget")
        .column(Unit::Ratio, [good_below(), red(0.001)])
        .asks(numbers(quantile(0.95, &BY_QUERY, &rows, RANGE)), "Rows p95")
        .column(Unit::Count, [])
        .asks(
            or_zero_of(
                rate_by(&BY_QUERY, &failed(), RANGE),
                rate_by(&BY_QUERY, &calls(), RANGE),
            ),
            "Failures",
        )
        .column(Unit::PerSecond, [])
        .drills_down(QUERIES, QUERY.name, label::QUERY)
        .size(24, 14)
}

fn against_budget() -> Panel {
    let times = of_query(buckets(&QUERY_DURATION));
    Panel::new(Kind::TimeSeries, Unit::Seconds, "p99 against the budget")
        .says(
            "Choose a query above. The orange line is its declared budget; of several queries, the least. The points are single calls with their trace_id.",
            "DbQueryOverBudget.md#look-first",
        )
        .asks(numbers(quantile(0.99, &BY_QUERY, &times, RATE)), NAME)
        .asks(min_by(&[], of_query(series(&QUERY_BUDGET))), "budget")
        .coloured(Colour::Orange)
        .drills_down(QUERIES, QUERY.name, label::QUERY)
}

fn shares() -> Panel {
    let panel = Panel::new(Kind::Stacked, Unit::Ratio, "How long calls take").says(
        "Shares of the chosen queries' calls, counted at boundaries of the histogram. Red is what took longer than 100 ms.",
        "SloDbQueryBudgetBurn.md#meaning",
    );
    let bounds = [
        ("0.001", "up to 1 ms"),
        ("0.01", "1 to 10 ms"),
        ("0.1", "10 to 100 ms"),
    ];
    bands(panel, &QUERY_DURATION, of_query, bounds)
}

fn worst() -> Panel {
    Panel::new(Kind::BarGauge, Unit::Ratio, "Most often over budget")
        .says(
            "The share of a query's calls that broke its budget, in the range you look at. A rare slow query stands here beside the hot ones.",
            "DbQueryOverBudget.md#look-first",
        )
        .asks(top(10, over_budget(RANGE)), NAME)
        .steps([good_below(), red(0.001)])
        .drills_down(QUERIES, QUERY.name, label::QUERY)
}

fn load() -> Panel {
    let seconds = of_query(sum(&QUERY_DURATION));
    Panel::new(Kind::BarGauge, Unit::Count, "Connections kept busy")
        .says(
            "Seconds of database time per second: what makes the database work hardest, fast and frequent queries among it. Their sum is the least size of the pool.",
            "DbPoolStarved.md#causes-and-proof",
        )
        .asks(top(10, rate_by(&BY_QUERY, &seconds, RANGE)), NAME)
        .drills_down(QUERIES, QUERY.name, label::QUERY)
        .between(0.0, 1000.0)
}

fn failures() -> Panel {
    let by_type = [label::QUERY, label::ERROR_TYPE];
    Panel::new(Kind::TimeSeries, Unit::PerSecond, "Failures")
        .says(
            "Calls that failed, by query and kind of error; a query without any is a line at 0. unavailable: the database is away. timeout: a statement was given up.",
            "DbQueryErrors.md#look-first",
        )
        .asks(
            or_zero_of(
                rate_by(&by_type, &failed(), RATE),
                rate_by(&by_type, &calls().eq(label::ERROR_TYPE, ""), RATE),
            ),
            "{{db_query_summary}} {{error_type}}",
        )
        .needs(Needs::Service)
        .size(8, 8)
}

fn retries() -> Panel {
    let retries = of_query(series(&RETRIES));
    Panel::new(Kind::TimeSeries, Unit::PerSecond, "Retries by reason")
        .says(
            "Transactions that were in each other's way and were tried again. Each costs the request its time twice.",
            "DbQueryErrors.md#causes-and-proof",
        )
        .asks(rate_by(&[label::REASON], &retries, RATE), "{{reason}}")
        .needs(Needs::Service)
        .size(8, 8)
}

fn captures() -> Panel {
    let captures = of_query(series(&SLOW_QUERY_CAPTURES));
    Panel::new(Kind::TimeSeries, Unit::Count, "Plans of slow calls")
        .says(
            "What became of the plans of calls over their budget. captured: the plan is in the log. rate_limited: one of the same minute is. failed: the database did not tell.",
            "DbQueryOverBudget.md#causes-and-proof",
        )
        .asks(
            sum_by(&[label::RESULT], captures.increase(RATE)),
            "{{result}}",
        )
        .needs(Needs::Service)
        .size(8, 8)
}

fn rows() -> Panel {
    let rows = of_query(buckets(&RETURNED_ROWS));
    Panel::new(Kind::TimeSeries, Unit::Count, "Rows of a call, p95")
        .says(
            "Growing with the data: a LIMIT is missing. The scale is in powers of ten.",
            "DbQueryOverBudget.md#causes-and-proof",
        )
        .asks(numbers(quantile(0.95, &BY_QUERY, &rows, RATE)), NAME)
        .drills_down(QUERIES, QUERY.name, label::QUERY)
        .between(0.0, 10_000.0)
        .size(8, 8)
}

fn too_many_rows() -> Panel {
    let calls = of_query(series(&TOO_MANY_ROWS));
    Panel::new(
        Kind::TimeSeries,
        Unit::PerSecond,
        "Calls with too many rows",
    )
    .says(
        "Calls that returned or touched more rows than their query declares.",
        "DbQueryOverBudget.md#causes-and-proof",
    )
    .asks(rate_by(&BY_QUERY, &calls, RATE), NAME)
    .needs(Needs::Service)
    .size(8, 8)
}

fn prepares() -> Panel {
    let prepares = of_query(series(&PREPARES));
    Panel::new(Kind::TimeSeries, Unit::PerSecond, "Statements prepared first")
        .says(
            "After the start this falls to almost nothing. Going on: connections are made anew again and again, or a statement's text changes.",
            "DbQueryOverBudget.md#causes-and-proof",
        )
        .asks(rate_by(&BY_QUERY, &prepares, RATE), NAME)
        .needs(Needs::Service)
        .size(8, 8)
}

fn plans() -> Panel {
    let labels = [label::QUERY, label::PLAN_HASH, label::TOP_NODE];
    Panel::new(Kind::Table, Unit::Count, "Plans in use")
        .says(
            "The newest plan of each query, by the hash of its shape. The log has the plan itself under the same hash.",
            "QueryPlanChanged.md#look-first",
        )
        .asks(max_by(&labels, of_query(series(&PLAN_INFO))), "")
        .between(1.0, 1.0)
        .drills_down(QUERIES, QUERY.name, label::QUERY)
}

fn plan_changes() -> Panel {
    let changes = of_query(series(&PLAN_CHANGES));
    Panel::new(Kind::TimeSeries, Unit::Count, "Plan changes")
        .says(
            "Statements that the database plans in another shape than before: an index is gone or new, or the data has grown.",
            "QueryPlanChanged.md#meaning",
        )
        .asks(sum_by(&BY_QUERY, changes.increase(RATE)), NAME)
        .needs(Needs::Service)
}
