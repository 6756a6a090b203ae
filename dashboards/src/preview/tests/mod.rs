//! Pages of fixed answers.

mod curves;
mod kinds;
mod page;

use std::time::Duration;

use super::*;
use crate::{
    model::{Board, Colour, DrillDown, Kind, Needs, Panel, Step, Unit, green, orange, red},
    prometheus::{Labels, Point, Stream, Target},
};

/// Ten minutes, a point every ten seconds.
const WINDOW: Window = Window {
    end: 1_790_668_800.0,
    range: Duration::from_mins(10),
    scrape: Duration::from_secs(10),
};

fn labels(pairs: &[(&str, &str)]) -> Labels {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// A series with these values, the last of them at the end of the window.
fn stream(pairs: &[(&str, &str)], values: &[f64]) -> Stream {
    let before_end = (0_u32..).zip(values.iter().rev());
    let mut points: Vec<_> = before_end
        .map(|(number, value)| Point {
            time: WINDOW.end - 10.0 * f64::from(number),
            value: *value,
        })
        .collect();
    points.reverse();
    Stream {
        labels: labels(pairs),
        points,
    }
}

fn answer(legend: &'static str, result: Result<Vec<Stream>, String>) -> Answer {
    Answer {
        asked: "sum by (http_route) (rate(requests_total{job=~\".*\"}[1m]))".to_owned(),
        legend,
        unit: Unit::Seconds,
        colour: None,
        steps: None,
        exemplars: vec![],
        result,
    }
}

fn answered(kind: Kind, unit: Unit, answers: Vec<Answer>) -> Answered {
    let panel = Panel::new(kind, unit, "Request time").says(
        "How long requests take.",
        "SloHttpLatencyBudgetBurn.md#look-first",
    );
    let answers = answers.into_iter().map(|answer| Answer { unit, ..answer });
    Answered {
        panel,
        answers: answers.collect(),
        vanished: vec![],
        reason: String::new(),
        is_idle: false,
    }
}

fn shown(panels: Vec<Answered>) -> Shown {
    let board = Board {
        uid: "api-test",
        title: "API / 00 Test",
        question: "Is it slow?",
        variables: vec![],
        rows: vec![],
    };
    Shown {
        window: WINDOW,
        source: "Prometheus 2.42.0 at http://127.0.0.1:9090".to_owned(),
        choices: vec![],
        boards: vec![ShownBoard {
            board,
            rows: vec![panels],
        }],
        events: vec![],
        firing: vec![],
        down: vec![],
    }
}

/// The page of one panel, without its style.
fn page(panel: Answered) -> String {
    body(&shown(vec![panel]))
}

fn body(shown: &Shown) -> String {
    let page = render(shown);
    page.split_once("</style>").unwrap().1.to_owned()
}

/// The article of a page's only panel, one element on each line.
fn article(panel: Answered) -> String {
    let page = page(panel);
    let start = page.find("<article").unwrap();
    let end = page.find("</article>").unwrap();
    page[start..end].replace("><", ">\n<")
}

fn requests(values: &[f64]) -> Vec<Answer> {
    vec![answer(
        "{{http_route}}",
        Ok(vec![stream(&[("http_route", "GET /users")], values)]),
    )]
}
