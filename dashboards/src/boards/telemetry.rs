//! "API / 90 Telemetry health": can the other boards be trusted.

use api::telemetry::catalogue::{
    EXPOSITION_BYTES, HTTP_DURATION, HTTP_PHASE_SECONDS, LABEL_OVERFLOW, LOG_EVENTS,
    QUERIES_PER_REQUEST, QUERY_BUDGET, QUERY_DURATION, QUERY_OVER_BUDGET, REGISTRY_SERIES,
    ROUTE_QUERIES, STATEMENTS, TELEMETRY_DROPPED, label,
};

use super::{TELEMETRY, rate_by, scraped};
use crate::{
    catalogue::{INSTANCE, loadtest, prometheus},
    model::{Board, Kind, Needs, Panel, Unit, bad_below, good_below, green, orange, red},
    promql::write::{
        RANGE, RATE, Series, buckets, count, max_by, min_by, series, some, sum, sum_by,
    },
};

pub(super) fn board() -> Board {
    Board {
        uid: TELEMETRY,
        title: "API / 90 Telemetry health",
        question: "Can the other boards be trusted?",
        variables: vec![],
        rows: vec![
            vec![lies(), both_sides()],
            vec![series_exposed(), exposition(), scrape_time()],
            vec![overflow(), dropped(), log_events()],
            vec![targets(), rule_failures()],
        ],
    }
}

/// By how much two accounts of the same thing differ, as a share of the second.
fn differ(one: &str, other: &str) -> String {
    format!("abs({one} - {other}) / {}", some(other))
}

/// The greatest difference, over queries whose budget is a boundary, between the calls counted as over budget and those above it.
fn over_budget_differs() -> String {
    let rate = |series: Series| rate_by(&[label::QUERY], &series, RATE);
    let over = rate(series(&QUERY_OVER_BUDGET).of_target());
    let all = rate(count(&QUERY_DURATION).of_target());
    let within = rate(buckets(&QUERY_DURATION).of_target().eq("le", "0.1"));
    let budget = max_by(&[label::QUERY], series(&QUERY_BUDGET).of_target());
    format!(
        "max(abs({over} - ({all} - {within})) / {} and {budget} == 0.1)",
        some(&all)
    )
}

fn lies() -> Panel {
    let rate = |series: Series| rate_by(&[], &series.of_target(), RATE);
    let phases = rate(series(&HTTP_PHASE_SECONDS));
    let durations = rate(sum(&HTTP_DURATION));
    let by_route = rate(series(&ROUTE_QUERIES));
    let by_request = rate(sum(&QUERIES_PER_REQUEST));
    let counted = rate(count(&QUERIES_PER_REQUEST));
    let requests = rate(count(&HTTP_DURATION));
    let named = rate(count(&QUERY_DURATION));
    let statements = rate(series(&STATEMENTS));
    Panel::new(Kind::TimeSeries, Unit::Ratio, "Do the figures agree?")
        .says(
            "Two accounts of the same thing, and the share by which they differ: all at 0, or the service miscounts and no board can be trusted. A little more in the first minutes, while series appear.",
            "TelemetryInconsistent.md#look-first",
        )
        .asks(differ(&phases, &durations), "phases and durations of requests")
        .asks(over_budget_differs(), "queries over budget and their histogram")
        .asks(differ(&by_route, &by_request), "queries by route and by request")
        .asks(differ(&counted, &requests), "requests with queries counted, and all")
        .asks(differ(&named, &statements), "named queries and statements below them")
        // A scrape in the middle of a slow request sees one account without the other, once.
        .steps([orange(0.05), red(0.1)])
}

fn both_sides() -> Panel {
    let answered = series(&loadtest::REQUESTS).ne(loadtest::label::OUTCOME, "unsent");
    Panel::new(
        Kind::TimeSeries,
        Unit::RequestsPerSecond,
        "Requests at the client and at the server",
    )
    .says(
        "While a load test is the only client, both are the same but for those under way. The server above the client: others ask too. Below: requests were refused before they were counted.",
        "TelemetryInconsistent.md#causes-and-proof",
    )
    .asks(rate_by(&[], &answered, RATE), "client")
    .coloured(crate::model::Colour::Violet)
    .asks(
        rate_by(&[], &count(&HTTP_DURATION).of_target(), RATE),
        "server",
    )
    .coloured(crate::model::Colour::Blue)
    .needs(Needs::LoadTest)
}

fn series_exposed() -> Panel {
    Panel::new(Kind::TimeSeries, Unit::Count, "Series of an instance")
        .says(
            "At most 5 000 with everything touched; a test counts them. Growing for days: something unbounded became a label.",
            "MetricsCardinalityOverflow.md#look-first",
        )
        .asks(
            max_by(&[INSTANCE], series(&REGISTRY_SERIES).of_target()),
            "{{instance}}",
        )
        .steps([orange(4000.0), red(5000.0)])
        .needs(Needs::Service)
        // The first scrape knows of none before it.
        .between(0.0, 10_000.0)
        .size(8, 8)
}

fn exposition() -> Panel {
    Panel::new(Kind::TimeSeries, Unit::Bytes, "Size of a scrape")
        .says(
            "At most 1 MiB, before compression.",
            "MetricsCardinalityOverflow.md#impact",
        )
        .asks(
            max_by(&[INSTANCE], series(&EXPOSITION_BYTES).of_target()),
            "{{instance}}",
        )
        .steps([orange(786_432.0), red(1_048_576.0)])
        .needs(Needs::Service)
        .between(0.0, 1e8)
        .size(8, 8)
}

fn scrape_time() -> Panel {
    Panel::new(Kind::TimeSeries, Unit::Seconds, "Time of a scrape")
        .says(
            "As Prometheus sees it. At most 50 ms: the management listener has a thread of its own, so a slow scrape is a machine that is too busy.",
            "ApiTargetDown.md#causes-and-proof",
        )
        .asks(
            max_by(&[INSTANCE], series(&prometheus::SCRAPE_DURATION).of_target()),
            "{{instance}}",
        )
        .steps([orange(0.05), red(0.1)])
        .needs(Needs::Service)
        .size(8, 8)
}

fn overflow() -> Panel {
    let overflow = series(&LABEL_OVERFLOW).of_target();
    Panel::new(Kind::TimeSeries, Unit::Count, "Labels that were folded")
        .says(
            "Observations under _overflow, because a label had a value that nobody foresaw: their own series would have been without bound.",
            "MetricsCardinalityOverflow.md#look-first",
        )
        .asks(
            sum_by(&[label::METRIC], overflow.increase(RATE)),
            "{{metric}}",
        )
        .steps([orange(1.0)])
        .needs(Needs::Service)
        .size(8, 8)
}

fn dropped() -> Panel {
    let dropped = series(&TELEMETRY_DROPPED).of_target();
    Panel::new(Kind::TimeSeries, Unit::PerSecond, "Log lines and spans dropped")
        .says(
            "The writer of the log, or the collector of traces, was too slow. Requests never wait for them.",
            "TelemetryDropped.md#look-first",
        )
        .asks(rate_by(&[label::SIGNAL], &dropped, RATE), "{{signal}}")
        .needs(Needs::Service)
        .size(8, 8)
}

fn log_events() -> Panel {
    let events = series(&LOG_EVENTS).of_target();
    Panel::new(Kind::Stacked, Unit::PerSecond, "Log lines by level")
        .says(
            "One line for each request, and what is said besides. A flood of lines costs more than it tells.",
            "LogFlood.md#look-first",
        )
        .asks(rate_by(&[label::LEVEL], &events, RATE), "{{level}}")
        .needs(Needs::Service)
        .size(8, 8)
}

fn targets() -> Panel {
    Panel::new(Kind::StateTimeline, Unit::Count, "Scrapes that worked")
        .says(
            "0: Prometheus could not read the instance's metrics, and nobody knows how it is.",
            "ApiTargetDown.md#look-first",
        )
        .asks(min_by(&[INSTANCE], scraped()), "{{instance}}")
        .steps([bad_below(), green(1.0)])
        .needs(Needs::Service)
        .between(0.0, 1.0)
        .size(16, 8)
}

fn rule_failures() -> Panel {
    Panel::new(Kind::Stat, Unit::Count, "Rules that could not be evaluated")
        .says(
            "In the range you look at. An alert whose rule fails is silent.",
            "ApiTelemetryAbsent.md#causes-and-proof",
        )
        .asks(
            sum_by(&[], series(&prometheus::RULE_FAILURES).increase(RANGE)),
            "failures",
        )
        .steps([good_below(), red(1.0)])
        .needs(Needs::Rules)
        .size(8, 8)
}
