//! What each kind of panel is drawn with: its options, and the part of its fields' settings that only its kind knows.

use serde_json::{Value, json};

use crate::model::{BUDGET_SECONDS, Kind, Panel, Unit};

/// The name by which Grafana knows the kind.
pub(super) const fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Stat => "stat",
        Kind::Gauge => "gauge",
        Kind::TimeSeries | Kind::Stacked => "timeseries",
        Kind::Heatmap => "heatmap",
        Kind::BarGauge => "bargauge",
        Kind::Table => "table",
        Kind::StateTimeline => "state-timeline",
    }
}

/// The options of the panel.
pub(super) fn options(panel: &Panel) -> Value {
    match panel.kind {
        Kind::Stat => stat(),
        Kind::Gauge => gauge(),
        Kind::BarGauge => bar_gauge(),
        Kind::TimeSeries | Kind::Stacked => json!({
            "legend": legend(true),
            "tooltip": {"mode": "multi", "sort": "desc"},
        }),
        Kind::Table => json!({"cellHeight": "sm", "frameIndex": 0, "showHeader": true}),
        Kind::StateTimeline => json!({
            "alignValue": "left",
            "legend": legend(true),
            "mergeValues": true,
            "rowHeight": 0.9,
            "showValue": "auto",
            "tooltip": {"mode": "single", "sort": "none"},
        }),
        Kind::Heatmap => heatmap(),
    }
}

fn legend(is_shown: bool) -> Value {
    json!({"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": is_shown})
}

/// The newest value of each series.
fn newest() -> Value {
    json!({"calcs": ["lastNotNull"], "fields": "", "values": false})
}

fn stat() -> Value {
    json!({
        "colorMode": "value",
        "graphMode": "area",
        "justifyMode": "auto",
        "orientation": "auto",
        "percentChangeColorMode": "standard",
        "reduceOptions": newest(),
        "showPercentChange": false,
        "textMode": "auto",
        "wideLayout": true,
    })
}

fn gauge() -> Value {
    json!({
        "barShape": "flat",
        "barWidthFactor": 0.5,
        "effects": {},
        "minVizHeight": 75,
        "minVizWidth": 75,
        "orientation": "auto",
        "reduceOptions": newest(),
        "segmentCount": 1,
        "segmentSpacing": 0.3,
        "shape": "gauge",
        "showThresholdLabels": false,
        "showThresholdMarkers": true,
        "sizing": "auto",
    })
}

fn bar_gauge() -> Value {
    json!({
        "displayMode": "basic",
        "legend": legend(false),
        "maxVizHeight": 300,
        "minVizHeight": 16,
        "minVizWidth": 8,
        "namePlacement": "left",
        "orientation": "horizontal",
        "reduceOptions": newest(),
        "showUnfilled": true,
        "sizing": "auto",
        "valueMode": "color",
    })
}

fn heatmap() -> Value {
    json!({
        "calculate": false,
        "cellGap": 1,
        "color": {
            "exponent": 0.5,
            "fill": "dark-orange",
            "mode": "scheme",
            "reverse": false,
            "scale": "exponential",
            "scheme": "Blues",
            "steps": 64,
        },
        "exemplars": {"color": "rgba(255,0,255,0.7)"},
        "filterValues": {"le": 1e-9},
        "legend": {"show": true},
        "rowsFrame": {"layout": "auto"},
        "showValue": "never",
        "tooltip": {"mode": "single", "showColorScale": false, "yHistogram": false},
        "yAxis": {"axisPlacement": "left", "reverse": false, "unit": "short"},
    })
}

/// What only the panel's kind knows of its fields.
pub(super) fn custom(panel: &Panel) -> Value {
    let is_stacked = panel.kind == Kind::Stacked;
    match panel.kind {
        Kind::TimeSeries | Kind::Stacked => {
            let mut custom = json!({
                "drawStyle": "line",
                "lineInterpolation": "linear",
                "lineWidth": 1,
                "fillOpacity": if is_stacked { 60 } else { 8 },
                "showPoints": "never",
                "spanNulls": false,
                "axisSoftMin": 0,
                "stacking": {"group": "A", "mode": if is_stacked { "normal" } else { "none" }},
                "thresholdsStyle": {"mode": if panel.steps.len() > 1 { "line" } else { "off" }},
            });
            if panel.unit == Unit::Seconds
                && let Some(custom) = custom.as_object_mut()
            {
                // The line of 100 ms is always in sight, however far below it all is.
                custom.insert("axisSoftMax".to_owned(), json!(BUDGET_SECONDS * 1.1));
            }
            custom
        }
        Kind::StateTimeline => json!({"fillOpacity": 70, "lineWidth": 0}),
        Kind::Table => json!({"align": "auto", "cellOptions": {"type": "auto"}, "inspect": false}),
        Kind::Stat | Kind::Gauge | Kind::BarGauge | Kind::Heatmap => json!({}),
    }
}
