//! The page as a whole: what is first, what is loud, what stays text.

use super::*;

/// The kinds that show names.
const KINDS: [Kind; 7] = [
    Kind::Stat,
    Kind::Gauge,
    Kind::TimeSeries,
    Kind::Stacked,
    Kind::BarGauge,
    Kind::Table,
    Kind::StateTimeline,
];

/// A panel of every standing, named by it.
fn of_every_standing() -> Vec<Answered> {
    let named = |title, panel: Answered| Answered {
        panel: Panel {
            title,
            ..panel.panel
        },
        ..panel
    };
    let series = |values| answered(Kind::TimeSeries, Unit::Seconds, requests(values));
    let idle = Answered {
        is_idle: true,
        ..answered(
            Kind::TimeSeries,
            Unit::Seconds,
            vec![answer("", Ok(vec![]))],
        )
    };
    vec![
        named("Fine", series(&[0.001])),
        named("Empty", series(&[])),
        named("Red", series(&[0.25])),
        named("Waits", idle),
        named(
            "Fails",
            answered(
                Kind::Stat,
                Unit::Count,
                vec![answer("", Err("many-to-many".to_owned()))],
            ),
        ),
    ]
}

#[test]
fn what_is_red_is_first_and_what_is_quiet_is_not_said() {
    let mut shown = shown(of_every_standing());
    shown.firing = vec![Firing {
        labels: labels(&[("alertname", "DbPoolStarved"), ("severity", "page")]),
        summary: "Requests wait for a connection".to_owned(),
        since: Some(WINDOW.end - 60.0),
    }];
    let body = body(&shown);
    let list = body
        .split_once("<ul class=\"concerns\">")
        .unwrap()
        .1
        .split_once("</ul>")
        .unwrap()
        .0;
    let places: Vec<_> = list
        .split("<li class=\"")
        .skip(1)
        .map(|item| item.split('"').next().unwrap())
        .collect();
    assert_eq!(places, ["failed", "red", "red", "empty"]);
    assert!(
        list.contains("DbPoolStarved (page) since 07:59:00"),
        "{list}"
    );
    assert!(list.contains("GET /users 250 ms"), "{list}");
    assert!(!list.contains("Waits") && !list.contains("Fine"), "{list}");
    assert!(
        body.contains("<h1>1 alert fires, 1 panel fails, 1 panel is red, 1 panel is empty</h1>"),
        "{body}"
    );
}

#[test]
fn a_page_on_which_all_is_well_says_so() {
    let body = page(answered(
        Kind::TimeSeries,
        Unit::Seconds,
        requests(&[0.001]),
    ));
    assert!(body.contains("<h1>Nothing is red</h1>"), "{body}");
}

#[test]
fn an_empty_panel_is_loud_and_shows_what_was_asked() {
    let mut panel = answered(
        Kind::TimeSeries,
        Unit::Seconds,
        vec![answer("", Ok(vec![]))],
    );
    panel.reason = "No series of requests_total".to_owned();
    let body = page(panel);
    assert!(
        body.contains("class=\"panel empty\"") && body.contains("No data"),
        "{body}"
    );
    assert!(body.contains("No series of requests_total"), "{body}");
    assert!(body.contains("title=\"sum by (http_route)"), "{body}");
}

#[test]
fn a_panel_that_waits_for_a_load_test_is_quiet() {
    let mut panel = answered(
        Kind::TimeSeries,
        Unit::Seconds,
        vec![answer("", Ok(vec![]))],
    );
    panel.panel.needs = Needs::LoadTest;
    panel.is_idle = true;
    panel.reason = "and none ran".to_owned();
    let body = page(panel);
    assert!(
        body.contains("none ran") && !body.contains("class=\"loud\""),
        "{body}"
    );
}

#[test]
fn a_query_that_says_nothing_beside_others_is_named() {
    let mut answers = requests(&[0.001]);
    answers.push(answer("p99", Ok(vec![])));
    let body = page(answered(Kind::TimeSeries, Unit::Seconds, answers));
    assert!(body.contains("No data from 1 of 2 queries"), "{body}");
}

#[test]
fn a_stack_is_as_bad_as_its_whole() {
    let phases = vec![
        stream(&[("phase", "db")], &[0.06]),
        stream(&[("phase", "wait")], &[0.06]),
    ];
    let panel = answered(
        Kind::Stacked,
        Unit::Seconds,
        vec![answer("{{phase}}", Ok(phases))],
    );
    assert_eq!(panel.standing(), Standing::Red);
    assert!(page(panel).contains("in all 120 ms"));
}

#[test]
fn what_happened_is_on_every_axis_of_time() {
    let axis = |kind| {
        answered(
            kind,
            Unit::Seconds,
            vec![answer("", Ok(vec![stream(&[("le", "0.1")], &[0.1, 0.1])]))],
        )
    };
    let kinds = [
        Kind::TimeSeries,
        Kind::Stacked,
        Kind::Heatmap,
        Kind::StateTimeline,
    ];
    let mut shown = shown(kinds.map(axis).to_vec());
    let event = |kind, colour, text: &str, from, to| Event {
        from: WINDOW.end - from,
        to: WINDOW.end - to,
        kind,
        colour,
        text: text.to_owned(),
    };
    shown.events = vec![
        event("Load tests", "purple", "steady", 500.0, 0.0),
        event("Faults", "orange", "slow_query", 300.0, 100.0),
        event("Firing alerts", "red", "DbQueryOverBudget", 200.0, 200.0),
    ];
    let body = body(&shown);
    for class in [
        "region purple",
        "region orange",
        "event red",
        "event orange",
    ] {
        let drawn = body.matches(&format!("class=\"{class}\"")).count();
        assert_eq!(drawn, kinds.len(), "{class}");
    }
    assert!(body.contains("What happened: 3") && body.contains("slow_query"));
}

#[test]
fn what_is_down_is_said_with_the_reason() {
    let mut shown = shown(vec![]);
    shown.down = vec![Target {
        labels: labels(&[("job", "api"), ("instance", "127.0.0.1:9464")]),
        scrape_url: String::new(),
        health: "down".to_owned(),
        last_error: "connection refused".to_owned(),
        last_scrape_duration: 0.0,
        scrape_interval: 15.0,
    }];
    let body = body(&shown);
    assert!(body.contains("api 127.0.0.1:9464 is down") && body.contains("connection refused"));
    assert!(body.contains("<h1>1 target is down</h1>"), "{body}");
}

#[test]
fn markup_in_labels_and_reasons_stays_text() {
    let evil = "<script>alert('&\"')</script><img src=x onerror=y>";
    for kind in KINDS {
        let own = stream(&[("http_route", evil), (evil, "x")], &[0.5, 0.6]);
        let mut panel = answered(
            kind,
            Unit::Seconds,
            vec![answer("{{http_route}}", Ok(vec![own]))],
        );
        panel.answers[0].asked = evil.to_owned();
        let failed = answered(kind, Unit::Seconds, vec![answer("", Err(evil.to_owned()))]);
        let mut shown = shown(vec![panel, failed]);
        shown.source = evil.to_owned();
        shown.choices = vec![evil.to_owned()];
        shown.firing = vec![Firing {
            labels: labels(&[("alertname", evil), (evil, evil)]),
            summary: String::new(),
            since: None,
        }];
        shown.events = vec![Event {
            from: WINDOW.end,
            to: WINDOW.end,
            kind: "Firing alerts",
            colour: "red",
            text: evil.to_owned(),
        }];
        let page = render(&shown);
        assert!(
            !page.contains("<script") && !page.contains("<img"),
            "{kind:?}"
        );
        assert!(page.matches("&lt;script&gt;").count() > 7, "{kind:?}");
    }
}

#[test]
fn nothing_is_loaded_from_elsewhere() {
    let page = render(&shown(vec![answered(
        Kind::TimeSeries,
        Unit::Seconds,
        requests(&[0.1]),
    )]));
    let own = page.replace("http://127.0.0.1", "");
    for word in [
        "http:", "https:", "url(", "@import", "<link", "<script", " src=", "onclick",
    ] {
        assert!(!own.contains(word), "{word}");
    }
}
