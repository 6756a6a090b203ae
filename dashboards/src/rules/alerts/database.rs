//! Alerts on queries, plans, pools and the cache in front of them.

use api::{
    database::ErrorKind,
    telemetry::catalogue::{
        BLOCKING_QUEUE, CACHE_GETS, N_PLUS_ONE, PLAN_CHANGES, POOL_ERRORS, POOL_PENDING,
        POOL_TIMEOUTS, POOL_WAIT, QUERY_DURATION, QUERY_OVER_BUDGET, label,
    },
};

use super::{TARGET, WHOLE, minutes, often_enough, risen, share_within};
use crate::{
    boards,
    promql::write::{count, series, sum_by},
    rules::{
        alert::{
            Alert, AlertName,
            Severity::{Page, Ticket},
        },
        speed::Speed,
    },
};

pub(super) fn alerts(speed: Speed) -> Vec<Alert> {
    vec![
        pool_starved(speed),
        pool_wait(speed),
        query_over_budget(speed),
        query_errors(speed),
        plan_changed(speed),
        n_plus_one(speed),
        cache_stampede(speed),
    ]
}

const POOL: [&str; 3] = [TARGET[0], TARGET[1], label::POOL];

/// Somebody always waits, and it hurts: waits are longer than the whole budget, or are given up. Not `used = max`: each worker has a pool of its
/// own on PostgreSQL, and one of them can starve while the sum has connections to spare.
fn pool_starved(speed: Speed) -> Alert {
    let window = minutes(5);
    let text = speed.text(window);
    let given_up = series(&POOL_TIMEOUTS).eq(label::KIND, "wait").rate(&text);
    let expression = format!(
        "{} >= 1\nand\n(\n  {} < 0.95\n  or\n  {} < 0.95\n  or\n  {} > 0\n)",
        sum_by(
            &POOL,
            format!("avg_over_time({}[{text}])", series(&POOL_PENDING))
        ),
        share_within(&POOL_WAIT, 0.1, &POOL, &text),
        share_within(&BLOCKING_QUEUE, 0.1, &POOL, &text),
        sum_by(&POOL, given_up),
    );
    Alert::new(AlertName::DbPoolStarved, Page, window, expression)
        .hold(minutes(1))
        .says(
            "Requests stand and wait for database connections",
            "On average {{ $value | humanize }} callers wait for a connection of the pool {{ $labels.db_client_connection_pool_name }} on \
             {{ $labels.instance }}, for longer than a whole query may take.",
        )
        .shows(boards::POOL, &[("job", "job"), ("instance", "instance")])
}

/// One wait in a hundred takes more than 25 ms, a quarter of the budget. On SQLite readers are waited for in a queue of their own.
fn pool_wait(speed: Speed) -> Alert {
    let window = minutes(5);
    let text = speed.text(window);
    let waits = |family| {
        format!(
            "{} < 0.99 and {}",
            share_within(family, 0.025, &POOL, &text),
            often_enough(&count(family), &POOL, speed)
        )
    };
    let expression = format!("{}\nor\n{}", waits(&POOL_WAIT), waits(&BLOCKING_QUEUE));
    Alert::new(AlertName::DbPoolWaitEatsBudget, Ticket, window, expression)
        .hold(minutes(5))
        .says(
            "Waiting for connections takes a quarter of the budget",
            "Only {{ $value | humanizePercentage }} of the waits for the pool {{ $labels.db_client_connection_pool_name }} on {{ $labels.instance }} end \
             within 25 ms.",
        )
        .shows(boards::POOL, &[("job", "job"), ("instance", "instance")])
}

/// For each query, so that a rare slow one cannot hide behind a frequent fast one.
fn query_over_budget(speed: Speed) -> Alert {
    let window = minutes(5);
    let labels = ["job", label::QUERY];
    let text = speed.text(window);
    let expression = format!(
        "{} / {} > 0.01\nand\n{}",
        sum_by(&labels, series(&QUERY_OVER_BUDGET).rate(&text)),
        sum_by(&labels, count(&QUERY_DURATION).rate(&text)),
        often_enough(&count(&QUERY_DURATION), &labels, speed),
    );
    Alert::new(AlertName::DbQueryOverBudget, Ticket, window, expression)
        .hold(minutes(5))
        .says(
            "A query breaks its budget",
            "{{ $value | humanizePercentage }} of the calls of {{ $labels.db_query_summary }} take longer than its budget.",
        )
        .shows(boards::QUERIES, &[("job", "job"), ("query", "db_query_summary")])
}

/// Not what clients cause (a taken name, a missing row, hanging up), and not conflicts, which are tried again. By `error_type`, which says where
/// the cause is. Connections that cannot be had are counted by themselves: no query runs on them.
fn query_errors(speed: Speed) -> Alert {
    let window = minutes(5);
    let text = speed.text(window);
    let expected = [
        ErrorKind::UniqueViolation,
        ErrorKind::ForeignKeyViolation,
        ErrorKind::Deadlock,
        ErrorKind::SerializationFailure,
        ErrorKind::Cancelled,
    ];
    let expected = expected.map(ErrorKind::as_str).join("|");
    let failed = count(&QUERY_DURATION).misses(label::ERROR_TYPE, format!("|{expected}"));
    let events = format!(
        "\n{}\nor\n{} > 0\n",
        risen(&failed, &text),
        series(&POOL_ERRORS).increase(&text)
    );
    let expression = sum_by(&["job", label::ERROR_TYPE], events);
    Alert::new(AlertName::DbQueryErrors, Ticket, window, format!("{expression} > 0"))
        .says(
            "Queries fail: {{ $labels.error_type }}",
            format!("Queries or leases of connections that failed with {{{{ $labels.error_type }}}} in five minutes: {WHOLE}."),
        )
        .shows(boards::QUERIES, &[("job", "job")])
}

fn plan_changed(speed: Speed) -> Alert {
    let window = minutes(15);
    let changes = series(&PLAN_CHANGES).increase(&speed.text(window));
    let by_query = sum_by(&["job", label::QUERY], changes);
    Alert::new(
        AlertName::QueryPlanChanged,
        Ticket,
        window,
        format!("{by_query} > 0"),
    )
    .says(
        "The database plans a query in another way",
        "{{ $labels.db_query_summary }} has another plan than before; the log has both (db.plan_changed), /debug/queries the new one.",
    )
    .shows(boards::QUERIES, &[("job", "job"), ("query", "db_query_summary")])
}

fn n_plus_one(speed: Speed) -> Alert {
    let window = minutes(10);
    let requests = risen(&series(&N_PLUS_ONE), &speed.text(window));
    let expression = sum_by(
        &["job", label::ROUTE, label::QUERY],
        format!("\n{requests}\n"),
    );
    Alert::new(AlertName::NPlusOneSuspected, Ticket, window, format!("{expression} > 0"))
        .says(
            "A request runs the same query again and again",
            format!(
                "Requests to {{{{ $labels.http_route }}}} that ran {{{{ $labels.db_query_summary }}}} more often than the route allows: {WHOLE} in ten \
                 minutes."
            ),
        )
        .shows(
            boards::NPLUS1,
            &[("job", "job"), ("route", "http_route"), ("query", "db_query_summary")],
        )
}

/// More than one look-up in fifty waits behind another's load, and at least one each second. How many stand behind *each* load says less:
/// what nobody else asks for is loaded, too, and thins it out.
fn cache_stampede(speed: Speed) -> Alert {
    let window = minutes(5);
    let labels = ["job", label::CACHE];
    let gets = series(&CACHE_GETS);
    let coalesced = gets.clone().eq(label::RESULT, "coalesced");
    let all = sum_by(&labels, gets.rate(&speed.text(window)));
    let coalesced = sum_by(&labels, coalesced.rate(&speed.text(window)));
    let expression = format!("{coalesced} / {all} > 0.02\nand\n{coalesced} > 1");
    Alert::new(AlertName::CacheStampede, Ticket, window, expression)
        .hold(minutes(5))
        .says(
            "Many requests wait for another's load of a cache",
            "{{ $value | humanizePercentage }} of the look-ups in the cache {{ $labels.cache_name }} wait for another's load of the same.",
        )
        .shows(boards::CACHE, &[("job", "job"), ("cache", "cache_name")])
}
