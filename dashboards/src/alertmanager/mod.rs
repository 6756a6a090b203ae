//! Alertmanager's settings: who is told of which alert, what is told together, what is left unsaid.
//!
//! Every receiver is a webhook of one catcher, whose path is the receiver's name: whoever takes these settings into service puts a pager, a
//! ticket system and a dead man's switch in their places. The tree is tested by `amtool` (`tests/alertmanager.rs`).

use std::time::Duration;

use serde::Serialize;

use crate::catalogue::recorded::SLO;
use crate::rules::{AlertName, RulesError, Severity, Speed, alert::DRILL, file::yaml};

/// Who can be told: the receivers, and the paths of the catcher.
pub const RECEIVERS: [&str; 4] = [DRILLS, DEADMAN, PAGER, TICKETS];
const DRILLS: &str = "drill";
const DEADMAN: &str = "deadman";
const PAGER: &str = "pager";
const TICKETS: &str = "tickets";

/// Alertmanager's settings as YAML; `catcher` is the address of all webhooks, as in `http://alert-catcher:9099`.
///
/// # Errors
/// When they cannot be written down.
pub fn config(catcher: &str, speed: Speed) -> Result<String, RulesError> {
    yaml(&File {
        route: root(speed),
        inhibit_rules: inhibitions(),
        receivers: RECEIVERS
            .map(|name| Receiver {
                name,
                webhook_configs: [Webhook {
                    url: format!("{}/{name}", catcher.trim_end_matches('/')),
                    send_resolved: true,
                }],
            })
            .into(),
    })
}

#[derive(Serialize)]
struct File {
    route: Route,
    inhibit_rules: Vec<Inhibition>,
    receivers: Vec<Receiver>,
}

#[derive(Serialize)]
struct Route {
    receiver: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    matchers: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    group_by: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_wait: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_interval: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repeat_interval: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    routes: Vec<Route>,
}

#[derive(Serialize)]
struct Inhibition {
    source_matchers: Vec<String>,
    target_matchers: Vec<String>,
    equal: Vec<&'static str>,
}

#[derive(Serialize)]
struct Receiver {
    name: &'static str,
    webhook_configs: [Webhook; 1],
}

#[derive(Serialize)]
struct Webhook {
    url: String,
    send_resolved: bool,
}

impl Route {
    fn to(receiver: &'static str, matcher: String) -> Self {
        Self {
            receiver,
            matchers: vec![matcher],
            group_by: Vec::new(),
            group_wait: None,
            group_interval: None,
            repeat_interval: None,
            routes: Vec::new(),
        }
    }
}

/// The first that fits is taken. What a drill may have caused comes first: it wakes nobody. What nothing is known of becomes a ticket, so that no
/// alert is lost.
fn root(speed: Speed) -> Route {
    let time = |normal| Some(speed.text(normal));
    let severity = |severity: Severity| format!("severity=\"{}\"", severity.as_str());
    let drill = Route {
        // Each by itself: a drill is judged by them.
        group_by: vec!["..."],
        group_wait: time(Duration::ZERO),
        ..Route::to(DRILLS, format!("{DRILL}=\"true\""))
    };
    let watchdog = format!("alertname=\"{}\"", AlertName::Watchdog.as_str());
    let deadman = Route {
        group_wait: time(Duration::ZERO),
        group_interval: time(Duration::from_mins(1)),
        // The switch at the other end waits for twice as long.
        repeat_interval: time(Duration::from_mins(5)),
        ..Route::to(DEADMAN, watchdog)
    };
    Route {
        receiver: TICKETS,
        matchers: Vec::new(),
        group_by: vec!["alertname", SLO, "job"],
        // The causes of one incident come together.
        group_wait: time(Duration::from_secs(30)),
        group_interval: time(Duration::from_mins(5)),
        repeat_interval: time(Duration::from_hours(4)),
        routes: vec![
            drill,
            deadman,
            Route::to(PAGER, severity(Severity::Page)),
            Route {
                repeat_interval: time(Duration::from_hours(24)),
                ..Route::to(TICKETS, severity(Severity::Ticket))
            },
        ],
    }
}

/// A page of a promise makes its ticket needless; where no target is there, that its series are missing says nothing new. Pages are never
/// inhibited, and what a drill caused never inhibits what it did not (`drill` must be equal).
fn inhibitions() -> Vec<Inhibition> {
    let name = |name: AlertName| format!("alertname=\"{}\"", name.as_str());
    vec![
        Inhibition {
            source_matchers: vec!["severity=\"page\"".to_owned(), format!("{SLO}!=\"\"")],
            target_matchers: vec!["severity=\"ticket\"".to_owned(), format!("{SLO}!=\"\"")],
            equal: vec![SLO, "job", DRILL],
        },
        Inhibition {
            source_matchers: vec![name(AlertName::ApiTargetDown)],
            target_matchers: vec![
                "severity=\"ticket\"".to_owned(),
                format!(
                    "alertname=~\"{}|Slo.*\"",
                    AlertName::ApiTelemetryAbsent.as_str()
                ),
            ],
            equal: vec!["job", DRILL],
        },
    ]
}
