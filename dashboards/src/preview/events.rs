//! What happened meanwhile, from Prometheus' series only: load-test runs, drills, starts of the service, changed plans, firing alerts.

use api::telemetry::catalogue::{FAULT_ACTIVE, PLAN_CHANGES, PROCESS_START, label};

use super::Window;
use crate::{
    catalogue::loadtest,
    prometheus::{Error, Labels, Prometheus, Stream, Variables},
    promql::write::{RATE, max_by, series, sum_by},
};

/// Something that happened, drawn on every axis of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Seconds since 1970.
    pub from: f64,
    /// Seconds since 1970; the same as `from` unless it took some time.
    pub to: f64,
    /// What kind of thing.
    pub happening: Happening,
    /// Which one.
    pub text: String,
}

/// Kinds of things that happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Happening {
    /// The harness sent requests.
    LoadTest,
    /// A fault was switched on.
    Drill,
    /// The service began, anew or in a new version.
    Start,
    /// A statement was planned in another shape.
    PlanChange,
    /// An alert fired.
    Alert,
}

impl Happening {
    /// The class of the page's style.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::LoadTest => "load-test",
            Self::Drill => "drill",
            Self::Start => "start",
            Self::PlanChange => "plan-change",
            Self::Alert => "alert",
        }
    }

    /// What it is called.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::LoadTest => "load test",
            Self::Drill => "drill",
            Self::Start => "service started",
            Self::PlanChange => "plan changed",
            Self::Alert => "alert fires",
        }
    }

    /// Whether it is drawn from its beginning to its end.
    #[must_use]
    pub fn lasts(self) -> bool {
        matches!(self, Self::LoadTest | Self::Drill)
    }
}

/// Asks what happened in the window.
///
/// # Errors
/// When Prometheus cannot be asked.
pub async fn ask(
    prometheus: &Prometheus,
    window: &Window,
    variables: &Variables,
) -> Result<Vec<Event>, Error> {
    let mut events = Vec::new();
    for (happening, expression) in questions() {
        let asked = variables.substitute(&expression);
        let streams = prometheus.query_range(&asked, window.range()).await?;
        events.extend(
            streams
                .iter()
                .flat_map(|stream| read(happening, stream, window)),
        );
    }
    events.sort_by(|left, right| {
        left.from
            .total_cmp(&right.from)
            .then_with(|| left.text.cmp(&right.text))
    });
    events.dedup();
    Ok(events)
}

fn questions() -> [(Happening, String); 5] {
    let own = |family| series(family).of_target();
    let changes = sum_by(&[label::QUERY], own(&PLAN_CHANGES).increase(RATE));
    [
        (Happening::LoadTest, series(&loadtest::RUN_INFO).to_string()),
        (
            Happening::Drill,
            format!("{} == 1", max_by(&[label::FAULT], own(&FAULT_ACTIVE))),
        ),
        (Happening::Start, own(&PROCESS_START).to_string()),
        (Happening::PlanChange, format!("{changes} > 0")),
        (
            Happening::Alert,
            "ALERTS{alertstate=\"firing\",severity!=\"none\"}".to_owned(),
        ),
    ]
}

/// The events that a series tells of: one for each stretch without a gap, or one for each time of a start.
fn read(happening: Happening, stream: &Stream, window: &Window) -> Vec<Event> {
    let text = text(happening, &stream.labels);
    let event = |from: f64, to: f64| Event {
        from,
        to,
        happening,
        text: text.clone(),
    };
    if happening == Happening::Start {
        let mut starts: Vec<_> = stream.points.iter().map(|point| point.value).collect();
        starts.dedup();
        starts.retain(|start| (window.start()..=window.end).contains(start));
        return starts
            .into_iter()
            .map(|start| event(start, start))
            .collect();
    }
    let together = stream
        .points
        .chunk_by(|left, right| right.time - left.time <= window.patience());
    let ends = together.filter_map(|stretch| Some((stretch.first()?.time, stretch.last()?.time)));
    ends.map(|(from, to)| {
        if happening.lasts() {
            event(from, to)
        } else {
            event(from, from)
        }
    })
    .collect()
}

fn text(happening: Happening, labels: &Labels) -> String {
    let names: &[&str] = match happening {
        Happening::LoadTest => &[loadtest::label::PROFILE, loadtest::label::RUN],
        Happening::Drill => &[label::FAULT],
        Happening::Start => &["instance"],
        Happening::PlanChange => &[label::QUERY],
        Happening::Alert => &["alertname", "slo", label::ROUTE, label::QUERY, label::POOL],
    };
    let values = names.iter().filter_map(|name| labels.get(*name));
    let values: Vec<_> = values
        .filter(|value| !value.is_empty())
        .map(String::as_str)
        .collect();
    values.join(" ")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::prometheus::Point;

    fn stream(points: &[(f64, f64)]) -> Stream {
        let labels = [("fault", "panics"), ("instance", "a:1")];
        Stream {
            labels: labels
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            points: points
                .iter()
                .map(|(time, value)| Point {
                    time: *time,
                    value: *value,
                })
                .collect(),
        }
    }

    const WINDOW: Window = Window {
        end: 1_000.0,
        range: Duration::from_mins(10),
        scrape: Duration::from_secs(5),
    };

    #[test]
    fn a_drill_lasts_and_two_drills_are_two() {
        let drills = stream(&[(500.0, 1.0), (505.0, 1.0), (510.0, 1.0), (700.0, 1.0)]);
        let events = read(Happening::Drill, &drills, &WINDOW);
        let ends: Vec<_> = events
            .iter()
            .map(|event| (event.from, event.to, event.text.as_str()))
            .collect();
        assert_eq!(ends, [(500.0, 510.0, "panics"), (700.0, 700.0, "panics")]);
    }

    #[test]
    fn a_start_is_where_the_process_says_and_only_within_the_window() {
        let starts = stream(&[
            (500.0, 200.0),
            (505.0, 200.0),
            (700.0, 694.5),
            (705.0, 694.5),
        ]);
        let events = read(Happening::Start, &starts, &WINDOW);
        let [event] = events.as_slice() else {
            panic!("{events:?}")
        };
        assert_eq!((event.from, event.text.as_str()), (694.5, "a:1"));
    }
}
