//! The rules that every board keeps, and the list of where one breaks them.

use api::telemetry::{Kind, MetricFamily};
use serde_json::Value;

use super::board::{Place, Query, list, queries, text};
use crate::promql::read::{self as promql, Expression, Matcher, Selector};

/// Labels that Prometheus adds to every series it scrapes.
const TARGET_LABELS: [&str; 2] = ["job", "instance"];
/// What every board lets the reader choose.
const VARIABLES: [&str; 4] = ["datasource", "job", "instance", "route"];
/// Ranges that follow the zoom of the reader; a fixed one is wrong at some zoom.
const RANGES: [&str; 2] = ["$__rate_interval", "$__range"];
/// The width of Grafana's grid.
const COLUMNS: u64 = 24;
/// The budget in seconds, drawn on every panel of times.
const BUDGET_SECONDS: f64 = 0.1;

/// What is wrong with the board, one sentence each: none for a good one.
#[must_use]
pub fn faults(board: &Value, catalogue: &[MetricFamily]) -> Vec<String> {
    let mut faults = board_faults(board);
    for query in queries(board) {
        faults.extend(
            query_faults(&query, catalogue)
                .into_iter()
                .map(|fault| format!("{}: {fault}", query.place)),
        );
    }
    let panels = list(board, "/panels");
    for panel in panels {
        faults.extend(
            panel_faults(panel)
                .into_iter()
                .map(|fault| format!("{}: {fault}", place(panel))),
        );
    }
    for (index, panel) in panels.iter().enumerate() {
        for other in panels.iter().skip(index + 1) {
            if overlap(panel, other) {
                faults.push(format!("{}: lies over {}", place(panel), place(other)));
            }
            if panel.get("id") == other.get("id") {
                faults.push(format!("{}: has the id of {}", place(panel), place(other)));
            }
        }
    }
    faults
}

fn board_faults(board: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    for field in ["/uid", "/title", "/description"] {
        if text(board, field).is_empty() {
            faults.push(format!("the board has no `{field}`"));
        }
    }
    if board.pointer("/editable") != Some(&Value::Bool(false)) {
        faults.push("the board can be edited in the browser".to_owned());
    }
    let variables: Vec<String> = list(board, "/templating/list")
        .iter()
        .map(|variable| text(variable, "/name"))
        .collect();
    for name in VARIABLES {
        if !variables.iter().any(|variable| variable == name) {
            faults.push(format!("the board has no variable `{name}`"));
        }
    }
    faults
}

fn panel_faults(panel: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    for field in ["/title", "/description", "/fieldConfig/defaults/unit"] {
        if text(panel, field).trim().is_empty() {
            faults.push(format!("has no `{field}`"));
        }
    }
    let targets = list(panel, "/targets");
    if targets.is_empty()
        || targets
            .iter()
            .any(|target| text(target, "/expr").trim().is_empty())
    {
        faults.push("has no `expr`".to_owned());
    }
    if std::iter::once(panel)
        .chain(targets)
        .any(|part| text(part, "/datasource/uid") != "${datasource}")
    {
        faults.push("does not ask the chosen `datasource`".to_owned());
    }
    let steps = list(panel, "/fieldConfig/defaults/thresholds/steps");
    let has_budget = steps
        .iter()
        .any(|step| step.pointer("/value").and_then(Value::as_f64) == Some(BUDGET_SECONDS));
    if text(panel, "/fieldConfig/defaults/unit") == "s" && !has_budget {
        faults.push("shows times without the line of 100 ms".to_owned());
    }
    if grid(panel).is_none_or(|(x, _, width, _)| x + width > COLUMNS) {
        faults.push("does not lie on the grid".to_owned());
    }
    faults
}

fn query_faults(query: &Query, catalogue: &[MetricFamily]) -> Vec<String> {
    let expression = match promql::read(&query.expression) {
        Ok(expression) => expression,
        Err(fault) => return vec![fault],
    };
    let mut faults = Vec::new();
    for selector in &expression.selectors {
        match Series::find(&selector.metric, catalogue) {
            Some(series) => {
                faults.extend(matcher_faults(selector, &series));
                if series.grows
                    && selector.range.is_none()
                    && !matches!(query.place, Place::Variable(_))
                {
                    faults.push(format!(
                        "`{}` only grows: read it by `rate` or `increase`",
                        selector.metric
                    ));
                }
            }
            None => faults.push(format!("`{}` is no metric of the service", selector.metric)),
        }
        if matches!(query.place, Place::Panel(_)) {
            faults.extend(choice_faults(selector));
        }
    }
    faults.extend(grouping_faults(&expression, catalogue));
    faults
}

/// Names that the service does not register, and comparisons that miss what they mean.
fn matcher_faults(selector: &Selector, series: &Series<'_>) -> Vec<String> {
    let mut faults = Vec::new();
    for matcher in &selector.matchers {
        if !series.has(&matcher.label) {
            faults.push(format!(
                "`{}` has no label `{}`",
                selector.metric, matcher.label
            ));
        }
        if matcher.label == "le" {
            faults.extend(
                matcher
                    .value
                    .split('|')
                    .filter_map(|bound| boundary_fault(bound, series)),
            );
        }
    }
    faults
}

fn boundary_fault(bound: &str, series: &Series<'_>) -> Option<String> {
    let number: f64 = bound.parse().unwrap_or(f64::NAN);
    if number.fract() == 0.0 {
        // The service prints `le="1"`, Prometheus 3 stores `le="1.0"`: such a matcher finds nothing on one of the two.
        return Some(format!("`le` is matched on the whole number {bound}"));
    }
    let is_boundary = bound == "+Inf" || series.bounds.contains(&number);
    (!is_boundary).then(|| format!("`le` is matched on {bound}, which is no boundary"))
}

/// A panel shows what the reader chose: job, instance and zoom.
fn choice_faults(selector: &Selector) -> Vec<String> {
    let mut faults = Vec::new();
    for label in TARGET_LABELS {
        let chosen = |matcher: &Matcher| {
            matcher.label == label
                && matcher.operator == "=~"
                && matcher.value == format!("${label}")
        };
        if !selector.matchers.iter().any(chosen) {
            faults.push(format!(
                "`{}` is not limited to the chosen `{label}`",
                selector.metric
            ));
        }
    }
    if let Some(range) = selector
        .range
        .as_deref()
        .filter(|range| !RANGES.contains(range))
    {
        faults.push(format!(
            "the range [{range}] is fixed: take [$__rate_interval]"
        ));
    }
    faults
}

fn grouping_faults(expression: &Expression, catalogue: &[MetricFamily]) -> Vec<String> {
    let series: Vec<_> = expression
        .selectors
        .iter()
        .filter_map(|selector| Series::find(&selector.metric, catalogue))
        .collect();
    let unknown = expression
        .groupings
        .iter()
        .filter(|label| !series.iter().any(|series| series.has(label)));
    unknown
        .map(|label| format!("no metric of the expression has the label `{label}`"))
        .collect()
}

/// What the name of a metric stands for.
struct Series<'a> {
    labels: &'a [&'static str],
    /// The boundaries of the buckets, if the metric is a bucket: then it has the label `le`.
    bounds: &'static [f64],
    /// A counter, or a part of a histogram.
    grows: bool,
}

impl<'a> Series<'a> {
    fn find(metric: &str, catalogue: &'a [MetricFamily]) -> Option<Self> {
        if metric == "up" {
            // Prometheus itself writes it for every target.
            return Some(Self {
                labels: &[],
                bounds: &[],
                grows: false,
            });
        }
        catalogue.iter().find_map(|family| {
            let (bounds, grows): (&[f64], bool) =
                match (family.kind, metric.strip_prefix(family.name)?) {
                    (Kind::Gauge, "") => (&[], false),
                    (Kind::Counter, "") | (Kind::Histogram(_), "_sum" | "_count") => (&[], true),
                    (Kind::Histogram(bounds), "_bucket") => (bounds, true),
                    _ => return None,
                };
            Some(Self {
                labels: family.labels,
                bounds,
                grows,
            })
        })
    }

    fn has(&self, label: &str) -> bool {
        let has_le = label == "le" && !self.bounds.is_empty();
        has_le || TARGET_LABELS.contains(&label) || self.labels.contains(&label)
    }
}

fn overlap(panel: &Value, other: &Value) -> bool {
    let (Some((x, y, width, height)), Some((other_x, other_y, other_width, other_height))) =
        (grid(panel), grid(other))
    else {
        return false;
    };
    x < other_x + other_width
        && other_x < x + width
        && y < other_y + other_height
        && other_y < y + height
}

/// Left, top, width and height, in cells of the grid.
fn grid(panel: &Value) -> Option<(u64, u64, u64, u64)> {
    let side = |name: &str| panel.pointer("/gridPos")?.get(name)?.as_u64();
    Some((side("x")?, side("y")?, side("w")?, side("h")?))
}

fn place(panel: &Value) -> Place {
    Place::Panel(text(panel, "/title"))
}
