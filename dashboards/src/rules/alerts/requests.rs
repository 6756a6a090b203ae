//! Alerts on requests that no budget sees: panics, clients that leave, errors at a trickle.

use std::time::Duration;

use api::telemetry::catalogue::{HTTP_DURATION, HTTP_PANICS, label};

use super::{WHOLE, minutes, often_enough};
use crate::{
    boards,
    promql::write::{count, series, sum_by},
    rules::{
        alert::{Alert, AlertName, Severity::Ticket},
        of_users,
        speed::Speed,
    },
};

pub(super) fn alerts(speed: Speed) -> Vec<Alert> {
    vec![
        low_volume_errors(speed),
        handler_panics(speed),
        client_disconnects(speed),
    ]
}

/// At less than a request in two seconds a burn rate says little; twenty failures in six hours say enough.
fn low_volume_errors(speed: Speed) -> Alert {
    let window = Duration::from_hours(6);
    let text = speed.text(window);
    let errors = of_users(count(&HTTP_DURATION)).fits(label::STATUS, "5..");
    let trickle = |window: Duration| {
        let rate = of_users(count(&HTTP_DURATION)).rate(&speed.text(window));
        format!("{} < 0.5", sum_by(&["job"], rate))
    };
    // The short window too: soon after the start the long one is mostly empty.
    let expression = format!(
        "{} >= 20\nand\n{}\nand\n{}",
        sum_by(&["job"], errors.increase(&text)),
        trickle(window),
        trickle(minutes(30)),
    );
    Alert::new(AlertName::LowVolumeErrors, Ticket, window, expression)
        .hold(Duration::from_hours(1))
        .says(
            "Requests fail although there are few",
            format!("Requests that ended with a 5xx in six hours: {WHOLE}, at less than one request in two seconds."),
        )
        .shows(boards::RED, &[("job", "job")])
}

fn handler_panics(speed: Speed) -> Alert {
    let window = minutes(15);
    let panics = series(&HTTP_PANICS).increase(&speed.text(window));
    let by_route = sum_by(&["job", label::ROUTE], panics);
    Alert::new(
        AlertName::HandlerPanics,
        Ticket,
        window,
        format!("{by_route} > 0"),
    )
    .says(
        "A handler panicked",
        format!("Panics in {{{{ $labels.http_route }}}} within a quarter of an hour: {WHOLE}. Each was a 500, and is a defect of the service."),
    )
    .shows(boards::RED, &[("job", "job"), ("route", "http_route")])
}

/// One in twenty: some clients always leave, so many leave for a reason.
fn client_disconnects(speed: Speed) -> Alert {
    let window = minutes(5);
    let labels = ["job", label::ROUTE];
    let text = speed.text(window);
    let left = count(&HTTP_DURATION).eq(label::STATUS, 499);
    let all = count(&HTTP_DURATION);
    let expression = format!(
        "{} / {} > 0.05\nand\n{}",
        sum_by(&labels, left.rate(&text)),
        sum_by(&labels, all.rate(&text)),
        often_enough(&all, &labels, speed),
    );
    Alert::new(AlertName::ClientDisconnects, Ticket, window, expression)
        .hold(minutes(5))
        .says(
            "Clients hang up before their answer is complete",
            "{{ $value | humanizePercentage }} of the requests to {{ $labels.http_route }} ended with 499: the client was gone.",
        )
        .shows(boards::RED, &[("job", "job"), ("route", "http_route")])
}
