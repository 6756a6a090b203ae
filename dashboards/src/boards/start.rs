//! "API / 00 Start here": is anyone hurt, which budget burns, where next.

use api::telemetry::{
    MetricFamily,
    catalogue::{
        BUILD_INFO, CONFIG_INFO, HEALTH_STATUS, HTTP_DURATION, POOL_CONNECTIONS, POOL_MAX,
        PROCESS_MAX_FDS, PROCESS_OPEN_FDS, QUERY_BUDGET, QUERY_DURATION, QUERY_OVER_BUDGET,
        WORKER_BUSY, label,
    },
};

use super::{QUERIES, SLO, START, rate_by, request_phases, request_time, scraped, within_budget};
use crate::{
    catalogue::{INSTANCE, JOB, prometheus, recorded},
    model::{Board, Colour, Kind, Needs, Panel, Unit, bad_below, good_below, green, orange, red},
    promql::write::{
        RANGE, RATE, Series, buckets, count, max_by, min_by, numbers, quantile, ratio, series,
        sum_by, top,
    },
};

pub(super) fn board() -> Board {
    Board {
        uid: START,
        title: "API / 00 Start here",
        question: "Is anyone hurt, which budget burns, and where to look next?",
        variables: vec![SLO],
        rows: vec![
            vec![
                budget_left(),
                request_rate(),
                error_ratio(),
                within(),
                queries_over_budget(),
            ],
            vec![burn_rate(), alerts()],
            vec![duration(), phases()],
            vec![nearest_to_budget(), fullness()],
            vec![health(), builds()],
        ],
    }
}

fn requests() -> Series {
    count(&HTTP_DURATION).of_target()
}

/// Of the chosen promises.
fn of_slo(family: &MetricFamily) -> Series {
    series(family).chosen(recorded::SLO, SLO.name)
}

fn budget_left() -> Panel {
    Panel::new(Kind::Stat, Unit::Ratio, "Error budget left (30 days)")
        .says(
            "How much of what may go wrong in 30 days is left for each promise. Below 0 the promise is broken.",
            "SloHttpAvailabilityBudgetBurn.md#meaning",
        )
        .asks(
            min_by(
                &[recorded::SLO],
                of_slo(&recorded::BUDGET_REMAINING).chosen(JOB, JOB),
            ),
            "{{slo}}",
        )
        .steps([bad_below(), orange(0.0), green(0.25)])
        .needs(Needs::Rules)
        // A service that only fails has spent its budget a thousand times over.
        .between(-1000.0, 1.0)
        .size(8, 5)
}

fn request_rate() -> Panel {
    Panel::new(Kind::Stat, Unit::RequestsPerSecond, "Request rate")
        .says(
            "Requests that are answered per second, probes of the public listener included. Those of the management listener are not counted.",
            "ApiTargetDown.md#look-first",
        )
        .asks(rate_by(&[], &requests(), RATE), "requests")
        .coloured(Colour::Blue)
        .size(4, 5)
}

fn error_ratio() -> Panel {
    let failed = requests().fits(label::STATUS, "5..");
    Panel::new(Kind::Stat, Unit::Ratio, "Failed (5xx)")
        .says(
            "The share of requests that the service could not answer. Red from 0.1 %: that is all that is promised.",
            "SloHttpAvailabilityBudgetBurn.md#look-first",
        )
        .asks(
            ratio(rate_by(&[], &failed, RATE), rate_by(&[], &requests(), RATE)),
            "failed",
        )
        .steps([good_below(), red(0.001)])
        .size(4, 5)
}

fn within() -> Panel {
    Panel::new(Kind::Stat, Unit::Ratio, "Within 100 ms")
        .says(
            "The share of requests that are answered within 100 ms. A count, no estimate: 0.1 s is a boundary of the histogram. Red below 99 %.",
            "SloHttpLatencyBudgetBurn.md#look-first",
        )
        .asks(within_budget(Series::of_target, &[], RATE), "within 100 ms")
        .steps([bad_below(), green(0.99)])
        .size(4, 5)
}

fn queries_over_budget() -> Panel {
    let over = series(&QUERY_OVER_BUDGET).of_target();
    let all = count(&QUERY_DURATION).of_target();
    Panel::new(Kind::Stat, Unit::Ratio, "Queries over budget")
        .says(
            "The share of queries that took longer than they declare: 100 ms where nothing else is said. Red from 0.1 %.",
            "SloDbQueryBudgetBurn.md#look-first",
        )
        .asks(
            ratio(rate_by(&[], &over, RATE), rate_by(&[], &all, RATE)),
            "over budget",
        )
        .steps([good_below(), red(0.001)])
        .size(4, 5)
}

fn burn_rate() -> Panel {
    let by_slo = [recorded::SLO];
    let ratios = of_slo(&recorded::ERROR_RATIO_1H).chosen(JOB, JOB);
    let objective = max_by(&by_slo, of_slo(&recorded::OBJECTIVE));
    Panel::new(Kind::TimeSeries, Unit::Count, "How fast budgets burn (1 hour)")
        .says(
            "1: the budget of 30 days lasts 30 days. Tickets come from 1 and 3 on, pages from 6 and 14.4 on, if it goes on for long enough: at 14.4 all is gone in 2 days.",
            "SloHttpLatencyBudgetBurn.md#meaning",
        )
        .asks(
            ratio(max_by(&by_slo, ratios), format!("(1 - {objective})")),
            "{{slo}}",
        )
        .steps([orange(1.0), orange(3.0), red(6.0), red(14.4)])
        .needs(Needs::Rules)
        .between(0.0, 1000.0)
}

fn alerts() -> Panel {
    let labels = [
        prometheus::ALERTNAME,
        prometheus::ALERTSTATE,
        prometheus::SEVERITY,
    ];
    Panel::new(Kind::Table, Unit::Count, "Alerts")
        .says(
            "What is pending or firing now. Each alert has a page of its own in runbooks/. Watchdog always fires: without it, alerts cannot be raised at all.",
            "Watchdog.md#meaning",
        )
        .asks(max_by(&labels, series(&prometheus::ALERTS)), "")
        .needs(Needs::Rules)
        .between(1.0, 1.0)
}

fn duration() -> Panel {
    let panel = Panel::new(Kind::TimeSeries, Unit::Seconds, "Request time").says(
        "Quantiles are estimated between boundaries; \"Within 100 ms\" is exact. The points are single requests: their trace_id finds the log line and the trace.",
        "SloHttpLatencyBudgetBurn.md#look-first",
    );
    request_time(panel, Series::of_target)
}

fn phases() -> Panel {
    let panel = Panel::new(Kind::Stacked, Unit::Seconds, "Where the time of a request goes").says(
        "The mean request, by what it waited for. pool_wait: look at the pool. db: at the queries. blocking_queue: at SQLite's threads. handler: at the workers.",
        "SloHttpLatencyBudgetBurn.md#causes-and-proof",
    );
    request_phases(panel, Series::of_target)
}

fn nearest_to_budget() -> Panel {
    let by_query = [label::QUERY];
    let buckets = buckets(&QUERY_DURATION).of_target();
    let budget = min_by(&by_query, series(&QUERY_BUDGET).of_target());
    let share = ratio(quantile(0.99, &by_query, &buckets, RANGE), budget);
    Panel::new(Kind::BarGauge, Unit::Count, "Queries nearest to their budget")
        .says(
            "The p99 of the range you look at, divided by the query's own budget: from 1 on, it is over. A click leads to the query.",
            "DbQueryOverBudget.md#look-first",
        )
        .asks(top(8, numbers(share)), "{{db_query_summary}}")
        .steps([good_below(), orange(0.5), red(1.0)])
        .drills_down(QUERIES, "query", label::QUERY)
        .between(0.0, 1000.0)
}

fn fullness() -> Panel {
    let pool = [label::POOL];
    let used = series(&POOL_CONNECTIONS)
        .of_target()
        .eq(label::CONNECTION_STATE, "used");
    let most = series(&POOL_MAX).of_target();
    let busy = series(&WORKER_BUSY).of_target().rate(RATE);
    let open = series(&PROCESS_OPEN_FDS).of_target();
    let limit = series(&PROCESS_MAX_FDS).of_target();
    Panel::new(Kind::TimeSeries, Unit::Ratio, "What is full")
        .says(
            "Connections in use, the busiest worker, open files: near 1 the next request waits. Boards 30 and 50 say why.",
            "DbPoolStarved.md#look-first",
        )
        .asks(
            ratio(sum_by(&pool, used), sum_by(&pool, most)),
            "pool {{db_client_connection_pool_name}}",
        )
        // Scrapes come a little early or late: a worker that never rests can look busier than it can be.
        .asks(format!("clamp_max({}, 1)", max_by(&[], busy)), "busiest worker")
        .asks(max_by(&[], ratio(open, limit)), "open files")
        .steps([orange(0.8)])
}

fn health() -> Panel {
    let checks = series(&HEALTH_STATUS).of_target();
    Panel::new(Kind::StateTimeline, Unit::Count, "Instances and their checks")
        .says(
            "1: the newest check passed, the newest scrape worked. 0 for the database: see `readyz?verbose` of the management listener.",
            "HealthCheckFailing.md#look-first",
        )
        .asks(
            min_by(&[INSTANCE, label::CHECK], checks),
            "{{instance}} {{check}}",
        )
        .asks(min_by(&[INSTANCE], scraped()), "{{instance}} scraped")
        .steps([bad_below(), green(1.0)])
        .needs(Needs::Service)
        .between(0.0, 1.0)
}

fn builds() -> Panel {
    let copied = [
        label::DATABASE,
        label::CONFIG_POOL_MAX,
        label::WORKERS,
        label::CACHE_TTL,
        label::CONFIG_HASH,
    ];
    let config = series(&CONFIG_INFO).of_target();
    let joined = format!(
        "{} * on ({JOB}, {INSTANCE}) group_left ({}) {config}",
        series(&BUILD_INFO).of_target(),
        copied.join(", "),
    );
    Panel::new(Kind::Table, Unit::Count, "Builds and settings in service")
        .says(
            "What runs where. Two revisions or two hashes of settings at once: a deploy is under way, or one instance was forgotten.",
            "CrashLooping.md#look-first",
        )
        .asks(joined, "")
        .needs(Needs::Service)
        .between(1.0, 1.0)
}
