//! Alerts on what the other alerts stand on: whether the metrics are there, agree with each other, and are told to somebody.

use api::telemetry::catalogue::{
    HTTP_DURATION, LABEL_OVERFLOW, LOG_EVENTS, QUERY_DURATION, TELEMETRY_DROPPED, WORKER_LAG, label,
};

use super::{JOB, TARGET, WHOLE, minutes, risen, share_within, sums};
use crate::{
    boards,
    catalogue::loadtest::{GAPS, SLIP},
    promql::write::{count, series, sum_by},
    rules::{
        alert::{
            Alert, AlertName,
            Severity::{Nobody, Ticket},
        },
        speed::Speed,
    },
};

pub(super) fn alerts(speed: Speed) -> Vec<Alert> {
    vec![
        absent(),
        sums::inconsistent(),
        label_overflow(speed),
        dropped(speed),
        log_flood(speed),
        load_generator(speed),
        watchdog(),
    ]
}

/// The series of the promises exist from the start, at 0. Those of workers are missing where `CENTUM_TELEMETRY=off`.
fn absent() -> Alert {
    let series = [&HTTP_DURATION, &QUERY_DURATION, &WORKER_LAG];
    let absent = series.map(|family| format!("absent({})", count(family).eq("job", JOB)));
    Alert::new(AlertName::ApiTelemetryAbsent, Ticket, minutes(1), absent.join("\nor\n"))
        .hold(minutes(10))
        .says(
            "The series that the promises are judged by are missing",
            "Prometheus has no requests, no queries or no workers of the job {{ $labels.job }}: whatever happens there, no other alert sees it.",
        )
        .shows(boards::TELEMETRY, &[("job", "job")])
}

fn label_overflow(speed: Speed) -> Alert {
    let window = minutes(15);
    let folded = risen(&series(&LABEL_OVERFLOW), &speed.text(window));
    let expression = sum_by(&["job", label::METRIC], format!("\n{folded}\n"));
    Alert::new(
        AlertName::MetricsCardinalityOverflow,
        Ticket,
        window,
        format!("{expression} > 0"),
    )
    .says(
        "A metric was given label values that it does not know",
        format!("Observations of {{{{ $labels.metric }}}} that were folded into _overflow within a quarter of an hour: {WHOLE}."),
    )
    .shows(boards::TELEMETRY, &[("job", "job")])
}

fn dropped(speed: Speed) -> Alert {
    let window = minutes(15);
    let lost = series(&TELEMETRY_DROPPED).increase(&speed.text(window));
    let by_signal = sum_by(&["job", label::SIGNAL], lost);
    Alert::new(
        AlertName::TelemetryDropped,
        Ticket,
        window,
        format!("{by_signal} > 0"),
    )
    .hold(minutes(5))
    .says(
        "Log lines or spans are thrown away",
        format!("Dropped {{{{ $labels.signal }}}} within a quarter of an hour: {WHOLE}. Whoever reads them is too slow or gone."),
    )
    .shows(boards::TELEMETRY, &[("job", "job")])
}

/// A request is one line, one that fails or is slow three or four. Ten lines a second are free: there are events without requests.
fn log_flood(speed: Speed) -> Alert {
    let window = minutes(5);
    let text = speed.text(window);
    let expression = format!(
        "{}\n>\n5 * {} + 10",
        sum_by(&["job"], series(&LOG_EVENTS).rate(&text)),
        sum_by(&["job"], count(&HTTP_DURATION).rate(&text)),
    );
    Alert::new(AlertName::LogFlood, Ticket, window, expression)
        .hold(minutes(5))
        .says(
            "The log is flooded",
            "{{ $value | humanize }} lines a second are logged, more than five for each request.",
        )
        .shows(boards::TELEMETRY, &[("job", "job")])
}

/// The harness did not run for 50 ms, or one in a hundred of its requests began 10 ms late: such a figure is of the harness, not of the service.
/// A drill does nothing to it.
fn load_generator(speed: Speed) -> Alert {
    let window = minutes(5);
    let text = speed.text(window);
    let gaps = sum_by(&TARGET, series(&GAPS).increase(&text));
    let in_time = share_within(&SLIP, 0.01, &TARGET, &text);
    let alert = Alert::new(
        AlertName::LoadGeneratorUnreliable,
        Ticket,
        window,
        format!("{gaps} > 0\nor\n{in_time} < 0.99"),
    )
    .says(
        "The load generator stalls",
        "{{ $labels.instance }} stood still for more than 50 ms, or began more than one request in a hundred over 10 ms late: its figures of these \
         minutes are its own, not the service's.",
    )
    .shows(boards::LOAD, &[]);
    Alert {
        reach: None,
        ..alert
    }
}

/// Never silent: whoever gets no `Watchdog` for ten minutes knows that Prometheus, Alertmanager or the way to them is broken.
fn watchdog() -> Alert {
    let alert = Alert::new(
        AlertName::Watchdog,
        Nobody,
        minutes(1),
        "vector(1)".to_owned(),
    )
    .says(
        "Alerts get through",
        "This alert always fires. Where it does not arrive, no other alert does.",
    )
    .shows(boards::TELEMETRY, &[]);
    Alert {
        reach: None,
        ..alert
    }
}
