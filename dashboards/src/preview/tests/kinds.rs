//! Every kind of panel, with every shape of answer.

use super::*;

const KINDS: [Kind; 8] = [
    Kind::Stat,
    Kind::Gauge,
    Kind::TimeSeries,
    Kind::Stacked,
    Kind::Heatmap,
    Kind::BarGauge,
    Kind::Table,
    Kind::StateTimeline,
];
const UNITS: [Unit; 8] = [
    Unit::Seconds,
    Unit::Age,
    Unit::Ratio,
    Unit::RequestsPerSecond,
    Unit::PerSecond,
    Unit::Bytes,
    Unit::BytesPerSecond,
    Unit::Count,
];

/// A name for each shape, and the answer.
fn shapes() -> Vec<(&'static str, Vec<Stream>)> {
    let many = (0..40).map(|number| {
        let route = format!("GET /{number}");
        let values = (0..61).map(|step| f64::from(number * step) * 0.001);
        stream(&[("http_route", &route)], &values.collect::<Vec<_>>())
    });
    let le = |end: &str, value: f64| stream(&[("le", end)], &[value, value * 2.0]);
    vec![
        ("none", vec![]),
        ("a series without points", vec![stream(&[], &[])]),
        ("one value", vec![stream(&[("le", "0.1")], &[0.05])]),
        ("zero", vec![stream(&[], &[0.0, 0.0])]),
        ("less than zero", vec![stream(&[], &[-1.0, -0.5])]),
        ("NaN", vec![stream(&[("le", "NaN")], &[f64::NAN, f64::NAN])]),
        ("NaN between", vec![stream(&[], &[1.0, f64::NAN, 2.0])]),
        (
            "infinite",
            vec![stream(
                &[("le", "+Inf")],
                &[f64::INFINITY, f64::NEG_INFINITY],
            )],
        ),
        ("the greatest", vec![stream(&[], &[f64::MAX, f64::MIN])]),
        ("the least", vec![stream(&[], &[f64::MIN_POSITIVE, 1e-300])]),
        (
            "buckets",
            vec![le("0.1", 5.0), le("0.05", 3.0), le("+Inf", 5.0)],
        ),
        ("many", many.collect()),
    ]
}

#[test]
fn every_kind_is_drawn_with_every_unit_and_every_shape_of_answer() {
    for kind in KINDS {
        for unit in UNITS {
            for (shape, streams) in shapes() {
                for legend in ["", "{{http_route}}"] {
                    let name = format!("{kind:?} {unit:?} {shape}");
                    let panel = answered(kind, unit, vec![answer(legend, Ok(streams.clone()))]);
                    let page = page(panel);
                    let has_number = !matches!(shape, "none" | "a series without points" | "NaN");
                    assert_eq!(page.contains("class=\"loud\""), !has_number, "{name}");
                    // A coordinate that is no number would be drawn nowhere.
                    let numbers = [
                        "=\"NaN", "=\"inf", "MNaN", " NaN\"", "LNaN", "Linf", "=\"-inf",
                    ];
                    for wrong in numbers {
                        assert!(!page.contains(wrong), "{name}: {wrong}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_window_without_length_is_drawn() {
    for kind in KINDS {
        let mut shown = shown(vec![answered(
            kind,
            Unit::Seconds,
            vec![answer("", Ok(vec![stream(&[], &[1.0])]))],
        )]);
        shown.window.range = Duration::from_millis(1);
        assert!(!body(&shown).contains("\"NaN"), "{kind:?}");
    }
}

fn routes() -> Vec<Stream> {
    vec![
        stream(
            &[("http_route", "GET /users")],
            &[0.002, 0.004, f64::NAN, 0.003, 0.250],
        ),
        stream(&[("http_route", "GET /posts")], &[0.001, 0.001]),
    ]
}

#[test]
fn lines_are_drawn_so() {
    let mut panel = answered(
        Kind::TimeSeries,
        Unit::Seconds,
        vec![answer("{{http_route}}", Ok(routes()))],
    );
    panel.panel.drill_down = Some(DrillDown {
        board: "api-test",
        variable: "route",
        label: "http_route",
    });
    insta::assert_snapshot!(article(panel));
}

#[test]
fn a_stack_is_drawn_so() {
    let phases = vec![
        stream(&[("phase", "db")], &[0.02, 0.03]),
        stream(&[("phase", "handler")], &[0.01, 0.02]),
    ];
    let mut panel = answered(
        Kind::Stacked,
        Unit::Seconds,
        vec![answer("{{phase}}", Ok(phases))],
    );
    panel.panel.steps = vec![red(0.1)];
    insta::assert_snapshot!(article(panel));
}

#[test]
fn buckets_are_drawn_so() {
    let le = |end: &str, values: &[f64]| stream(&[("le", end)], values);
    let buckets = vec![
        le("0.05", &[3.0, 4.0]),
        le("0.1", &[5.0, 4.0]),
        le("+Inf", &[5.0, 6.0]),
    ];
    insta::assert_snapshot!(article(answered(
        Kind::Heatmap,
        Unit::Seconds,
        vec![answer("", Ok(buckets))]
    )));
}

#[test]
fn figures_and_gauges_and_bars_are_drawn_so() {
    for kind in [Kind::Stat, Kind::Gauge, Kind::BarGauge] {
        let values = vec![
            stream(&[("pool", "read")], &[0.4, 0.5]),
            stream(&[("pool", "write")], &[0.9, 1.0]),
        ];
        let mut panel = answered(kind, Unit::Ratio, vec![answer("{{pool}}", Ok(values))]);
        panel.panel = panel.panel.steps([
            Step {
                from: None,
                colour: Colour::Green,
            },
            orange(0.8),
            red(1.0),
        ]);
        insta::assert_snapshot!(format!("{kind:?}"), article(panel));
    }
}

#[test]
fn a_table_has_a_column_for_each_query_and_the_worst_row_first() {
    let own = |value| vec![stream(&[("query", "users.list")], &[value])];
    let mut rate = answer(
        "calls",
        Ok([own(5.0), vec![stream(&[("query", "posts.list")], &[9.0])]].concat()),
    );
    rate.steps = Some(vec![]);
    let p99 = answer("p99", Ok(own(0.2)));
    let hidden = answer("", Ok(own(1.0)));
    insta::assert_snapshot!(article(answered(
        Kind::Table,
        Unit::Seconds,
        vec![rate, p99, hidden]
    )));
}

#[test]
fn states_are_drawn_so() {
    let checks = vec![stream(&[("check", "database")], &[1.0, 1.0, 0.0, 0.0, 1.0])];
    let mut panel = answered(
        Kind::StateTimeline,
        Unit::Count,
        vec![answer("{{check}}", Ok(checks))],
    );
    panel.panel = panel.panel.steps([
        Step {
            from: None,
            colour: Colour::Red,
        },
        green(1.0),
    ]);
    insta::assert_snapshot!(article(panel));
}
