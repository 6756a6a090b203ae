//! Which curves have a colour, and what stands beside them.

use super::*;

#[test]
fn a_line_that_ended_says_when() {
    let mut old = stream(&[("http_route", "GET /users")], &[0.001, 0.001]);
    for point in &mut old.points {
        point.time -= 300.0;
    }
    let body = page(answered(
        Kind::TimeSeries,
        Unit::Seconds,
        vec![answer("old", Ok(vec![old]))],
    ));
    assert!(body.contains("until 07:55:00"), "{body}");
}

#[test]
fn a_single_observation_is_drawn_with_its_trace() {
    let mut answers = requests(&[0.01, 0.02]);
    answers[0].exemplars = vec![crate::prometheus::Exemplar {
        labels: labels(&[("trace_id", "4bf92f3577b34da6")]),
        value: 0.35,
        timestamp: WINDOW.end - 30.0,
    }];
    let body = page(answered(Kind::TimeSeries, Unit::Seconds, answers));
    assert!(body.contains("class=\"exemplar\""), "{body}");
    assert!(body.contains("350 ms, trace 4bf92f3577b34da6"), "{body}");
    // It is on the axis.
    assert!(body.contains(">1 s</text>"), "{body}");
}

#[test]
fn many_lines_have_the_worst_in_colour_and_zeros_folded() {
    let own = |number: u32| {
        let name = format!("GET /{number}");
        let value = if number < 20 {
            0.0
        } else {
            f64::from(number) * 0.01
        };
        stream(&[("http_route", &name)], &[value, value])
    };
    let streams = (0..30).map(own).collect();
    let body = page(answered(
        Kind::TimeSeries,
        Unit::Seconds,
        vec![answer("{{http_route}}", Ok(streams))],
    ));
    let key = body
        .split_once("<ul class=\"key\">")
        .unwrap()
        .1
        .split_once("</ul>")
        .unwrap()
        .0;
    assert!(
        key.starts_with("<li><i class=\"c0\"></i><span class=\"name\" title=\"GET /29\""),
        "{key}"
    );
    assert_eq!(key.matches("<li>").count(), 8);
    assert!(body.contains("and 22 more in grey"), "{body}");
}

#[test]
fn a_limit_is_no_value_that_could_break_it() {
    let mut answers = requests(&[0.01]);
    answers.push(answer("budget", Ok(vec![stream(&[], &[0.1, 0.1])])));
    answers[1].colour = Some(Colour::Orange);
    let panel = answered(Kind::TimeSeries, Unit::Seconds, answers);
    assert_eq!(panel.standing(), Standing::Fine);
    assert!(page(panel).contains("class=\"line orange limit\""));
}
