//! Alerts on processes and their threads: whether they are there, live and have what they need.

use api::telemetry::catalogue::{
    HEALTH_STATUS, MIGRATIONS_PENDING, PROCESS_MAX_FDS, PROCESS_OPEN_FDS, PROCESS_START,
    WORKER_LAG, label,
};

use super::{JOB, TARGET, minutes, share_within};
use crate::{
    boards,
    promql::write::{count, max_by, series, sum_by},
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
        target_down(),
        crash_looping(speed),
        health_check_failing(),
        worker_stopped(speed),
        event_loop_blocked(speed),
        migrations_pending(),
        fd_exhaustion(),
    ]
}

/// `absent` too: a service that is in nobody's list of targets has no `up` that could be 0.
fn target_down() -> Alert {
    let expression = format!("up{{job=\"{JOB}\"}} == 0\nor\nabsent(up{{job=\"{JOB}\"}})");
    Alert::new(AlertName::ApiTargetDown, Page, minutes(1), expression)
        .hold(minutes(1))
        .says(
            "The service cannot be scraped",
            "{{ with $labels.instance }}{{ . }} does not answer on its management listener{{ else }}Prometheus has no target in this job{{ end }}: \
             the process is gone, hangs, or cannot be reached.",
        )
        .shows(boards::START, &[("job", "job"), ("instance", "instance")])
}

/// More than two starts in a quarter of an hour are no deploy.
fn crash_looping(speed: Speed) -> Alert {
    let window = minutes(15);
    let expression = format!(
        "changes({}[{}]) > 2",
        series(&PROCESS_START).eq("job", JOB),
        speed.text(window)
    );
    Alert::new(AlertName::CrashLooping, Page, window, expression)
        .says(
            "The service starts again and again",
            "{{ $labels.instance }} has started {{ $value }} times within a quarter of an hour.",
        )
        .shows(boards::RUNTIME, &[("job", "job"), ("instance", "instance")])
}

fn health_check_failing() -> Alert {
    let expression = format!("{} == 0", series(&HEALTH_STATUS));
    Alert::new(AlertName::HealthCheckFailing, Page, minutes(1), expression)
        .hold(minutes(1))
        .says(
            "A health check fails, so /readyz says no",
            "The check of the {{ $labels.check }} fails on {{ $labels.instance }}: no traffic should be sent there.",
        )
        .shows(boards::START, &[("job", "job"), ("instance", "instance")])
}

/// A worker looks at the clock ten times a second; /livez says no after ten seconds without.
fn worker_stopped(speed: Speed) -> Alert {
    let window = minutes(2);
    let beats = count(&WORKER_LAG).increase(&speed.text(window));
    Alert::new(AlertName::WorkerStopped, Page, window, format!("{beats} == 0"))
        .hold(minutes(1))
        .says(
            "A worker thread is dead or stuck",
            "Worker {{ $labels.worker }} of {{ $labels.instance }} has not looked at the clock for two minutes; its requests hang and count nowhere.",
        )
        .shows(boards::RUNTIME, &[("job", "job"), ("instance", "instance")])
}

/// One in a hundred looks at the clock comes more than 50 ms late: half of the budget is gone before a request is looked at.
fn event_loop_blocked(speed: Speed) -> Alert {
    let window = minutes(5);
    let labels = [TARGET[0], TARGET[1], label::WORKER];
    let share = share_within(&WORKER_LAG, 0.05, &labels, &speed.text(window));
    Alert::new(
        AlertName::WorkerEventLoopBlocked,
        Ticket,
        window,
        format!("{share} < 0.99"),
    )
    .hold(minutes(5))
    .says(
        "A worker's event loop is blocked",
        "Only {{ $value | humanizePercentage }} of the timers of worker {{ $labels.worker }} on {{ $labels.instance }} come within 50 ms: \
         something there computes or waits without giving way.",
    )
    .shows(boards::RUNTIME, &[("job", "job"), ("instance", "instance")])
}

fn migrations_pending() -> Alert {
    let pending = max_by(&TARGET, series(&MIGRATIONS_PENDING));
    Alert::new(
        AlertName::MigrationsPending,
        Ticket,
        minutes(1),
        format!("{pending} > 0"),
    )
    .hold(minutes(5))
    .says(
        "The database lacks migrations",
        "{{ $value }} migrations that {{ $labels.instance }} knows have not been run on its database.",
    )
    .shows(boards::RUNTIME, &[("job", "job"), ("instance", "instance")])
}

/// Four fifths: at ten thousand clients the rest is gone within seconds.
fn fd_exhaustion() -> Alert {
    let [open, most] = [&PROCESS_OPEN_FDS, &PROCESS_MAX_FDS]
        .map(|family| sum_by(&TARGET, series(family).eq("job", JOB)));
    Alert::new(
        AlertName::FdExhaustion,
        Ticket,
        minutes(1),
        format!("{open} / {most} > 0.8"),
    )
    .hold(minutes(5))
    .says(
        "File descriptors are running out",
        "{{ $value | humanizePercentage }} of the file descriptors of {{ $labels.instance }} are open; without a free one it accepts no connection.",
    )
    .shows(boards::RUNTIME, &[("job", "job"), ("instance", "instance")])
}
