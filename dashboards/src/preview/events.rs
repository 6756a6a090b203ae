//! What happened meanwhile: the marks that every board has in Grafana, by the same questions.

use super::{Window, legend};
use crate::{
    grafana::annotations::{self, Annotation},
    prometheus::{Error, Prometheus, Stream, Variables},
    promql::write::RATE,
};

/// Something that happened, drawn on every axis of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Seconds since 1970.
    pub from: f64,
    /// Seconds since 1970; the same as `from` unless it is known how long it took.
    pub to: f64,
    /// What kind of thing, as the reader of a board switches it on and off.
    pub kind: &'static str,
    /// The kind's colour, which is a class of the page's style.
    pub colour: &'static str,
    /// Which one.
    pub text: String,
}

impl Event {
    /// Whether it goes on for some time.
    #[must_use]
    pub fn lasts(&self) -> bool {
        self.to > self.from
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
    for annotation in annotations::all() {
        let asked = variables.substitute(&annotation.expression);
        let streams = prometheus.query_range(&asked, window.range()).await?;
        events.extend(
            streams
                .iter()
                .flat_map(|stream| read(&annotation, stream, window)),
        );
    }
    events.sort_by(|left, right| {
        left.from
            .total_cmp(&right.from)
            .then_with(|| left.text.cmp(&right.text))
    });
    Ok(events)
}

/// The events that a series tells of: one for each stretch without a gap.
///
/// What is asked over a window seems to last as long as the window, which says nothing: it is a moment.
fn read(annotation: &Annotation, stream: &Stream, window: &Window) -> Vec<Event> {
    let is_moment = annotation.expression.contains(RATE);
    let [title, text] =
        [annotation.title, annotation.text].map(|text| legend::name(text, &stream.labels));
    let points = stream.points.iter().filter(|point| point.value > 0.0);
    let times: Vec<f64> = points.map(|point| point.time).collect();
    let together = times.chunk_by(|left, right| right - left <= window.patience());
    let ends = together.filter_map(|stretch| Some((*stretch.first()?, *stretch.last()?)));
    ends.map(|(from, to)| Event {
        from,
        to: if is_moment { from } else { to },
        kind: annotation.name,
        colour: annotation.colour,
        text: format!("{title}: {text}"),
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::prometheus::Point;

    const WINDOW: Window = Window {
        end: 1_000.0,
        range: Duration::from_mins(10),
        scrape: Duration::from_secs(5),
    };

    /// The ends of the events that a series of ones and zeros tells of.
    fn ends(expression: &str, points: &[(f64, f64)]) -> Vec<(f64, f64)> {
        let annotation = Annotation {
            name: "Faults",
            expression: expression.to_owned(),
            colour: "orange",
            title: "Fault {{fault}}",
            text: "on purpose",
        };
        let stream = Stream {
            labels: [("fault".to_owned(), "panics".to_owned())].into(),
            points: points
                .iter()
                .map(|(time, value)| Point {
                    time: *time,
                    value: *value,
                })
                .collect(),
        };
        let events = read(&annotation, &stream, &WINDOW);
        assert!(
            events
                .iter()
                .all(|event| event.text == "Fault panics: on purpose")
        );
        events.iter().map(|event| (event.from, event.to)).collect()
    }

    #[test]
    fn what_goes_on_lasts_and_what_pauses_happens_twice() {
        let points = [
            (500.0, 1.0),
            (505.0, 1.0),
            (510.0, 1.0),
            (700.0, 1.0),
            (705.0, 0.0),
        ];
        assert_eq!(
            ends("fault_injection_active", &points),
            [(500.0, 510.0), (700.0, 700.0)]
        );
    }

    #[test]
    fn what_is_asked_over_a_window_is_a_moment() {
        let points = [(500.0, 1.0), (505.0, 1.0), (510.0, 1.0)];
        assert_eq!(
            ends("changes(a[$__rate_interval]) > 0", &points),
            [(500.0, 500.0)]
        );
    }
}
