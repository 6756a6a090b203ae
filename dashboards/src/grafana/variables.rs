//! What the reader of a board can choose.

use api::telemetry::catalogue::BUILD_INFO;
use serde_json::{Value, json};

use super::datasource;
use crate::{
    catalogue::{INSTANCE, JOB, Known, Writer},
    model::Variable,
};

/// Which jobs: those of this service.
const JOBS: Variable = Variable {
    name: JOB,
    title: "Job",
    metric: BUILD_INFO.name,
    label: JOB,
};
/// Which instances of them.
const INSTANCES: Variable = Variable {
    name: INSTANCE,
    title: "Instance",
    metric: BUILD_INFO.name,
    label: INSTANCE,
};

/// The choices of every board, and those of this one.
#[must_use]
pub fn list(of_board: &[Variable]) -> Vec<Value> {
    let source = json!({
        "name": "datasource",
        "label": "Data source",
        "type": "datasource",
        "query": "prometheus",
        "current": {"text": "Prometheus", "value": "prometheus"},
        "hide": 0,
        "includeAll": false,
        "multi": false,
        "options": [],
        "refresh": 1,
        "regex": "",
    });
    let of_all = [(JOBS, BUILD_INFO.name.to_owned())];
    let instances = format!("{}{{{JOB}=~\"${JOB}\"}}", BUILD_INFO.name);
    let of_board = of_board
        .iter()
        .map(|variable| (*variable, selector(variable)));
    let queries = of_all
        .into_iter()
        .chain([(INSTANCES, instances)])
        .chain(of_board)
        .map(|(variable, selector)| query(&variable, &selector));
    std::iter::once(source).chain(queries).collect()
}

/// The series of a variable, of the chosen instances where the service writes them.
fn selector(variable: &Variable) -> String {
    let of_service = Known::new()
        .find(variable.metric)
        .is_some_and(|series| series.family.writer == Writer::Service);
    let chosen = format!("{{{JOB}=~\"${JOB}\",{INSTANCE}=~\"${INSTANCE}\"}}");
    format!(
        "{}{}",
        variable.metric,
        if of_service { &chosen } else { "" }
    )
}

fn query(variable: &Variable, selector: &str) -> Value {
    let query = format!("label_values({selector}, {})", variable.label);
    json!({
        "name": variable.name,
        "label": variable.title,
        "type": "query",
        "datasource": datasource(),
        "query": query,
        "hide": 0,
        // When the range changes: what there was then.
        "refresh": 2,
        "regex": "",
        "sort": 1,
        "options": [],
        "multi": true,
        "includeAll": true,
        "allValue": ".+",
        "current": {"text": ["All"], "value": ["$__all"]},
    })
}
