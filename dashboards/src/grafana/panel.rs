//! A panel: what it asks, and how its values are shown.

use api::telemetry::catalogue::{HTTP_DURATION, QUERY_DURATION, label};
use serde_json::{Value, json};

use super::{datasource, options};
use crate::{
    catalogue::{INSTANCE, JOB, loadtest, prometheus},
    model::{Colour, DrillDown, Kind, Needs, Panel, Query, Step, Unit},
};

/// What a column of a table is called that shows a label; any other is called as the label.
pub const COLUMN_TITLES: [(&str, &str); 9] = [
    (label::ROUTE, "Route"),
    (label::QUERY, "Query"),
    (label::PLAN_HASH, "Plan"),
    (label::TOP_NODE, "Top node"),
    (prometheus::ALERTNAME, "Alert"),
    (prometheus::ALERTSTATE, "State"),
    (prometheus::SEVERITY, "Severity"),
    (loadtest::label::RUN, "Run"),
    (INSTANCE, "Instance"),
];
/// The histograms whose buckets carry exemplars.
const EXEMPLIFIED: [&str; 2] = [HTTP_DURATION.name, QUERY_DURATION.name];

/// The panel with this id at this place.
pub(super) fn written(panel: &Panel, id: usize, place: &Value) -> Value {
    let mut written = json!({
        "id": id,
        "type": options::name(panel.kind),
        "title": panel.title,
        "description": format!("{}\n\nRunbook: runbooks/{}", panel.description, panel.runbook),
        "datasource": datasource(),
        "gridPos": place,
        "fieldConfig": {"defaults": defaults(panel), "overrides": overrides(panel)},
        "options": options::options(panel),
        "targets": targets(panel),
    });
    if panel.kind == Kind::Table
        && let Some(written) = written.as_object_mut()
    {
        written.insert("transformations".to_owned(), transformations(panel));
    }
    written
}

/// `A` for the first query, and so on.
fn ref_id(index: usize) -> String {
    let letter = u32::try_from(index)
        .ok()
        .and_then(|index| char::from_u32(u32::from('A') + index));
    letter.unwrap_or('Z').to_string()
}

fn targets(panel: &Panel) -> Vec<Value> {
    let is_exemplified = |query: &Query| {
        EXEMPLIFIED
            .iter()
            .any(|name| query.expression.contains(&format!("{name}_bucket")))
    };
    // All quantiles of a histogram have the same exemplars: one of them shows them.
    let shows_exemplars = match panel.kind {
        Kind::TimeSeries if panel.unit == Unit::Seconds => {
            panel.queries.iter().rposition(is_exemplified)
        }
        _ => None,
    };
    let format = match panel.kind {
        Kind::Table => "table",
        Kind::Heatmap => "heatmap",
        _ => "time_series",
    };
    let target = |(index, query): (usize, &Query)| {
        json!({
            "refId": ref_id(index),
            "datasource": datasource(),
            "expr": query.expression,
            "legendFormat": query.legend,
            "format": format,
            "instant": query.instant,
            "range": !query.instant,
            "exemplar": Some(index) == shows_exemplars,
            "editorMode": "code",
        })
    };
    panel.queries.iter().enumerate().map(target).collect()
}

fn defaults(panel: &Panel) -> Value {
    let absent = match panel.needs {
        Needs::Service => "no data",
        Needs::Traffic => "no traffic",
        Needs::LoadTest => "no load test",
        Needs::Rules => "no rules",
    };
    let mut defaults = json!({
        "unit": unit(panel.unit),
        "color": {"mode": match panel.kind {
            Kind::TimeSeries | Kind::Stacked => "palette-classic-by-name",
            _ => "thresholds",
        }},
        "custom": options::custom(panel),
        "mappings": [{
            "type": "special",
            "options": {"match": "null+nan", "result": {"index": 0, "text": absent}},
        }],
        "noValue": absent,
        "thresholds": thresholds(&panel.steps, panel.kind),
        "links": match (&panel.drill_down, panel.kind) {
            (Some(drill_down), kind) if kind != Kind::Table => json!([link(
                drill_down,
                &format!("${{__field.labels.{}:percentencode}}", drill_down.label),
            )]),
            _ => json!([]),
        },
    });
    if let Some(defaults) = defaults.as_object_mut() {
        if panel.plausible.0 >= 0.0 {
            defaults.insert("min".to_owned(), json!(0));
        }
        if panel.unit == Unit::Ratio && matches!(panel.kind, Kind::Gauge | Kind::Stacked) {
            defaults.insert("max".to_owned(), json!(1));
        }
    }
    defaults
}

/// A link to a board that shows more, which keeps the time and what was chosen.
fn link(drill_down: &DrillDown, value: &str) -> Value {
    let DrillDown {
        board, variable, ..
    } = drill_down;
    json!({
        "title": format!("Show this {variable}"),
        "url": format!(
            "/d/{board}?${{datasource:queryparam}}&${{{JOB}:queryparam}}&${{{INSTANCE}:queryparam}}&var-{variable}={value}&${{__url_time_range}}"
        ),
        "targetBlank": false,
    })
}

fn overrides(panel: &Panel) -> Vec<Value> {
    if panel.kind == Kind::Table {
        return columns(panel);
    }
    let coloured = panel
        .queries
        .iter()
        .enumerate()
        .filter_map(|(index, query)| {
            let colour = colour(query.colour?);
            Some(json!({
                "matcher": {"id": "byFrameRefID", "options": ref_id(index)},
                "properties": [{"id": "color", "value": {"mode": "fixed", "fixedColor": colour}}],
            }))
        });
    coloured.collect()
}

/// The name of the field that holds the values of a table's query.
fn value_field(panel: &Panel, index: usize) -> String {
    if panel.queries.len() == 1 {
        "Value".to_owned()
    } else {
        format!("Value #{}", ref_id(index))
    }
}

/// What is special about each column of a table: those of values, then those of labels.
fn columns(panel: &Panel) -> Vec<Value> {
    let values = panel.queries.iter().enumerate().map(|(index, query)| {
        let steps = if query.unit.is_some() {
            &query.steps
        } else {
            &panel.steps
        };
        let cell = if steps.len() > 1 {
            "color-text"
        } else {
            "auto"
        };
        json!({
            "matcher": {"id": "byName", "options": value_field(panel, index)},
            "properties": [
                {"id": "displayName", "value": query.legend},
                {"id": "unit", "value": unit(query.unit.unwrap_or(panel.unit))},
                {"id": "thresholds", "value": thresholds(steps, Kind::Table)},
                {"id": "custom.cellOptions", "value": {"type": cell}},
            ],
        })
    });
    let labels = COLUMN_TITLES.iter().map(|(label, title)| {
        let mut properties = vec![json!({"id": "displayName", "value": title})];
        if let Some(drill_down) = &panel.drill_down
            && drill_down.label == *label
        {
            let link = link(drill_down, "${__value.text:percentencode}");
            properties.push(json!({"id": "links", "value": [link]}));
        }
        json!({"matcher": {"id": "byName", "options": label}, "properties": properties})
    });
    values.chain(labels).collect()
}

/// One row for each set of labels, without the columns that say nothing.
fn transformations(panel: &Panel) -> Value {
    let silent = panel.queries.iter().enumerate();
    let silent = silent.filter(|(_, query)| query.legend.is_empty());
    let hidden: serde_json::Map<String, Value> = ["Time".to_owned(), JOB.to_owned()]
        .into_iter()
        .chain(silent.map(|(index, _)| value_field(panel, index)))
        .map(|name| (name, json!(true)))
        .collect();
    json!([
        {"id": "merge", "options": {}},
        {"id": "organize", "options": {"excludeByName": hidden, "indexByName": {}, "renameByName": {}}},
    ])
}

fn thresholds(steps: &[Step], kind: Kind) -> Value {
    let steps: Vec<Value> = steps
        .iter()
        .map(|step| {
            let named = match (step.from, step.colour, kind) {
                (None, Colour::Grey, Kind::TimeSeries | Kind::Stacked) => "transparent",
                (None, Colour::Grey, _) => "text",
                (_, other, _) => colour(other),
            };
            json!({"value": step.from, "color": named})
        })
        .collect();
    json!({"mode": "absolute", "steps": steps})
}

const fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Seconds => "s",
        Unit::Age => "dtdurations",
        Unit::Ratio => "percentunit",
        Unit::RequestsPerSecond => "reqps",
        Unit::PerSecond => "ops",
        Unit::Bytes => "bytes",
        Unit::BytesPerSecond => "Bps",
        Unit::Count => "short",
    }
}

const fn colour(colour: Colour) -> &'static str {
    match colour {
        Colour::Red => "red",
        Colour::Orange => "orange",
        Colour::Green => "green",
        Colour::Blue => "blue",
        Colour::Violet => "purple",
        Colour::Yellow => "yellow",
        Colour::Grey => "#8e8e8e",
    }
}
