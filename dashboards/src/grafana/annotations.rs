//! What happened, marked on every board: from Prometheus' series alone, so that it needs no token, and is there for as long as they are.

use api::telemetry::catalogue::{BUILD_INFO, FAULT_ACTIVE, PLAN_CHANGES, PROCESS_START, label};
use serde_json::{Value, json};

use super::datasource;
use crate::{
    catalogue::{INSTANCE, JOB, loadtest, prometheus},
    promql::write::{RATE, max_by, series, some, sum_by},
};

/// One kind of mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// As the reader switches it on and off.
    pub name: &'static str,
    /// Where it has a value more than 0, it is marked; for as long as that goes on.
    pub expression: String,
    /// Of the mark.
    pub colour: &'static str,
    /// What it says, with labels as in `{{run}}`.
    pub title: &'static str,
    /// What it says besides.
    pub text: &'static str,
}

/// All kinds of marks.
#[must_use]
pub fn all() -> Vec<Annotation> {
    vec![load_tests(), faults(), starts(), alerts(), plan_changes()]
}

/// As they stand on every board.
#[must_use]
pub fn list() -> Vec<Value> {
    let built_in = json!({
        "builtIn": 1,
        "datasource": {"type": "grafana", "uid": "-- Grafana --"},
        "enable": false,
        "hide": true,
        "iconColor": "blue",
        "name": "Annotations & Alerts",
        "type": "dashboard",
    });
    let ours = all().into_iter().map(|annotation| {
        json!({
            "name": annotation.name,
            "enable": true,
            "hide": false,
            "datasource": datasource(),
            "iconColor": annotation.colour,
            "target": {"refId": "Anno", "expr": annotation.expression, "range": true, "instant": false},
            "titleFormat": annotation.title,
            "textFormat": annotation.text,
        })
    });
    std::iter::once(built_in).chain(ours).collect()
}

fn load_tests() -> Annotation {
    use loadtest::label::{PROFILE, RATE, RUN, USERS};
    Annotation {
        name: "Load tests",
        expression: max_by(&[RUN, PROFILE, RATE, USERS], series(&loadtest::RUN_INFO)),
        colour: "purple",
        title: "Load test {{run}}",
        text: "{{profile}} {{rate}}, {{users}} users",
    }
}

fn faults() -> Annotation {
    Annotation {
        name: "Faults",
        expression: format!(
            "{} == 1",
            max_by(&[label::FAULT], series(&FAULT_ACTIVE).of_target())
        ),
        colour: "orange",
        title: "Fault {{fault}}",
        text: "switched on, on purpose",
    }
}

/// A process began: its time of start changed, or an instance is there that was not there before.
fn starts() -> Annotation {
    let began = series(&PROCESS_START).of_target();
    let changed = some(format!("changes({began}[{RATE}])"));
    Annotation {
        name: "Deploys and restarts",
        expression: format!(
            "({changed} or {began} unless {began} offset {RATE}) * on ({JOB}, {INSTANCE}) group_left ({}, {}) {}",
            label::VERSION,
            label::REVISION,
            series(&BUILD_INFO).of_target(),
        ),
        colour: "blue",
        title: "Started {{revision}}",
        text: "{{instance}} version {{version}}",
    }
}

fn alerts() -> Annotation {
    let labels = [prometheus::ALERTNAME, prometheus::SEVERITY];
    let firing = series(&prometheus::ALERTS)
        .eq(prometheus::ALERTSTATE, "firing")
        // Watchdog always fires, and means nothing.
        .fits(prometheus::SEVERITY, "page|ticket");
    Annotation {
        name: "Firing alerts",
        expression: max_by(&labels, firing),
        colour: "red",
        title: "{{alertname}}",
        text: "{{severity}}",
    }
}

fn plan_changes() -> Annotation {
    let changes = series(&PLAN_CHANGES).of_target();
    Annotation {
        name: "Plan changes",
        expression: some(sum_by(&[label::QUERY], changes.increase(RATE))),
        colour: "yellow",
        title: "Plan of {{db_query_summary}} changed",
        text: "the log has the old plan and the new one",
    }
}
