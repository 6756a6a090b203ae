//! "API / 60 Load test": the client's view and the server's on one axis of time, and the faults that were injected.

use api::telemetry::catalogue::{
    FAULT_ACTIVE, FAULTS_INJECTED, HTTP_DURATION, POOL_CONNECTIONS, POOL_MAX, WORKER_BUSY, label,
};

use super::{LOAD, ROUTE, RUN, of_route, rate_by, within_budget};
use crate::{
    catalogue::loadtest::{self, BEGUN, DUE, GAPS, OVER_BUDGET, REQUESTS, SLIP, USERS, WAITED},
    model::{Board, Colour, Kind, Needs, Panel, Unit, bad_below, green, orange, red},
    promql::write::{
        RANGE, RATE, Series, buckets, count, max_by, quantile, ratio, series, some, sum, sum_by,
    },
};

pub(super) fn board() -> Board {
    Board {
        uid: LOAD,
        title: "API / 60 Load test",
        question: "What do clients see under load, what does the server see, and where does it give way?",
        variables: vec![ROUTE, RUN],
        rows: vec![
            vec![runs()],
            vec![rates(), times()],
            vec![within(), outside()],
            vec![users(), over_budget(), saturation()],
            vec![lateness(), gaps()],
            vec![faults(), injected()],
        ],
    }
}

/// What clients saw of the chosen routes: the harness names routes as the service does.
fn at_client(series: Series) -> Series {
    series.chosen(loadtest::label::ROUTE, ROUTE.name)
}

fn of_run(kind: Kind, unit: Unit, title: &'static str) -> Panel {
    Panel::new(kind, unit, title).needs(Needs::LoadTest)
}

fn runs() -> Panel {
    use loadtest::label::{ARRIVAL, LANE, PROFILE, RATE, RUN as NAME, SEED, TARGET, USERS};
    let labels = [NAME, PROFILE, TARGET, ARRIVAL, RATE, USERS, LANE, SEED];
    let info = series(&loadtest::RUN_INFO).chosen(NAME, RUN.name);
    of_run(Kind::Table, Unit::Count, "Load tests")
        .says(
            "Those in the range you look at; each is marked on all boards. The name is that of the run's folder of reports.",
            "LoadGeneratorUnreliable.md#look-first",
        )
        .asks(max_by(&labels, format!("max_over_time({info}[{RANGE}])")), "")
        .between(1.0, 1.0)
        .size(24, 5)
}

fn rates() -> Panel {
    let outcomes = at_client(series(&REQUESTS));
    let outcome = loadtest::label::OUTCOME;
    of_run(Kind::TimeSeries, Unit::RequestsPerSecond, "Requests at the client")
        .says(
            "due: what the schedule wants, 0 where users wait for answers. begun: what was sent. By outcome: right, wrong or no answer, no connection. Begun below due: users were all busy, the service is too slow for this rate.",
            "LoadGeneratorUnreliable.md#meaning",
        )
        .asks(rate_by(&[], &series(&DUE), RATE), "due")
        .coloured(Colour::Grey)
        .asks(rate_by(&[], &series(&BEGUN), RATE), "begun")
        .coloured(Colour::Violet)
        .asks(rate_by(&[outcome], &outcomes, RATE), "{{outcome}}")
}

fn times() -> Panel {
    let client = at_client(buckets(&loadtest::DURATION));
    let server = of_route(buckets(&HTTP_DURATION));
    of_run(Kind::TimeSeries, Unit::Seconds, "p99 at the client and at the server")
        .says(
            "Same boundaries on both sides. The client counts from when a request was due: what it waited for a free user or connection is in its figure.",
            "SloHttpLatencyBudgetBurn.md#causes-and-proof",
        )
        .asks(quantile(0.99, &[], &client, RATE), "client")
        .coloured(Colour::Violet)
        .asks(quantile(0.99, &[], &server, RATE), "server")
        .coloured(Colour::Blue)
}

fn within() -> Panel {
    let within = at_client(buckets(&loadtest::DURATION)).eq("le", "0.1");
    let all = at_client(count(&loadtest::DURATION));
    of_run(Kind::TimeSeries, Unit::Ratio, "Within 100 ms")
        .says(
            "Exact on both sides. The client below the server: requests wait before the server sees them.",
            "SloHttpLatencyBudgetBurn.md#meaning",
        )
        .asks(
            ratio(rate_by(&[], &within, RATE), some(rate_by(&[], &all, RATE))),
            "client",
        )
        .coloured(Colour::Violet)
        .asks(within_budget(of_route, &[], RATE), "server")
        .coloured(Colour::Blue)
        .steps([bad_below(), green(0.99)])
}

fn outside() -> Panel {
    let mean = |sum: Series, count: Series| {
        ratio(rate_by(&[], &sum, RATE), some(rate_by(&[], &count, RATE)))
    };
    let client = mean(
        at_client(sum(&loadtest::DURATION)),
        at_client(count(&loadtest::DURATION)),
    );
    let server = mean(
        of_route(sum(&HTTP_DURATION)),
        of_route(count(&HTTP_DURATION)),
    );
    of_run(Kind::TimeSeries, Unit::Seconds, "Time outside the server")
        .says(
            "The client's mean less the server's: kernel, network, the queue of connections, and the client itself. Other clients of the service blur it.",
            "LoadGeneratorUnreliable.md#causes-and-proof",
        )
        .asks(format!("{client} - {server}"), "outside")
        .coloured(Colour::Violet)
        // Failed requests have a time at the server only: then its mean can be the greater one.
        .between(-60.0, 60.0)
}

fn users() -> Panel {
    of_run(Kind::TimeSeries, Unit::Count, "Users, and requests that waited for one")
        .says(
            "Users that were let in; requests per second that no user was free for when they were due. In a closed model all of them wait.",
            "LoadGeneratorUnreliable.md#causes-and-proof",
        )
        .asks(sum_by(&[], series(&USERS)), "users")
        .asks(rate_by(&[], &series(&WAITED), RATE), "waited")
        .between(0.0, 1e6)
        .size(8, 8)
}

fn over_budget() -> Panel {
    let over = at_client(series(&OVER_BUDGET));
    of_run(
        Kind::TimeSeries,
        Unit::RequestsPerSecond,
        "Over budget at the client",
    )
    .says(
        "Requests that took longer than the route's first promise allows, or failed.",
        "SloHttpLatencyBudgetBurn.md#look-first",
    )
    .asks(rate_by(&[loadtest::label::ROUTE], &over, RATE), "{{route}}")
    .size(8, 8)
}

fn saturation() -> Panel {
    let pool = [label::POOL];
    let used = series(&POOL_CONNECTIONS)
        .of_target()
        .eq(label::CONNECTION_STATE, "used");
    let most = series(&POOL_MAX).of_target();
    let busy = max_by(&[], series(&WORKER_BUSY).of_target().rate(RATE));
    Panel::new(Kind::TimeSeries, Unit::Ratio, "What gives way")
        .says(
            "The busiest worker, and connections in use. What reaches 1 first limits the rate.",
            "DbPoolStarved.md#look-first",
        )
        .asks(format!("clamp_max({busy}, 1)"), "busiest worker")
        .asks(
            ratio(sum_by(&pool, used), sum_by(&pool, most)),
            "pool {{db_client_connection_pool_name}}",
        )
        .steps([orange(0.8)])
        .needs(Needs::Service)
        .size(8, 8)
}

fn lateness() -> Panel {
    of_run(Kind::TimeSeries, Unit::Seconds, "How late the generator is, p99")
        .says(
            "How late a free user begins a request: this is the harness's own doing, and belongs to no answer. Above 10 ms the client's figures say more about the client.",
            "LoadGeneratorUnreliable.md#look-first",
        )
        .asks(quantile(0.99, &[], &buckets(&SLIP), RATE), "late")
        .coloured(Colour::Violet)
        .steps([orange(0.01), red(0.1)])
}

fn gaps() -> Panel {
    of_run(Kind::TimeSeries, Unit::Count, "Times in which the generator stood still")
        .says(
            "Of over 50 ms each: this machine ran something else. The seconds around them are not judged.",
            "LoadGeneratorUnreliable.md#look-first",
        )
        .asks(sum_by(&[], series(&GAPS).increase(RATE)), "gaps")
        .coloured(Colour::Violet)
        .steps([orange(1.0)])
}

fn faults() -> Panel {
    Panel::new(Kind::StateTimeline, Unit::Count, "Faults that are switched on")
        .says(
            "By somebody, on purpose: drills are done with them. Alerts that they raise carry drill=\"true\" and wake nobody.",
            "Watchdog.md#drill",
        )
        .asks(
            max_by(&[label::FAULT], series(&FAULT_ACTIVE).of_target()),
            "{{fault}}",
        )
        .steps([orange(1.0)])
        .needs(Needs::Service)
        .between(0.0, 1.0)
        .size(12, 10)
}

fn injected() -> Panel {
    let injected = series(&FAULTS_INJECTED).of_target();
    Panel::new(
        Kind::TimeSeries,
        Unit::PerSecond,
        "Faults done to the service",
    )
    .says(
        "How often each fault struck. Switched on and nothing here: no request came its way.",
        "Watchdog.md#drill",
    )
    .asks(rate_by(&[label::FAULT], &injected, RATE), "{{fault}}")
    .needs(Needs::Service)
    .size(12, 10)
}
