//! Panels with what their questions were answered.

use super::{Event, Window, legend};
use crate::{
    model::{Board, Colour, Kind, Panel, Step, Unit},
    prometheus::{Exemplar, Labels, Point, Stream, Target},
};

/// Everything that the page shows.
#[derive(Clone, Debug)]
pub struct Shown {
    /// What was looked at.
    pub window: Window,
    /// Where it was asked, and which version answered.
    pub source: String,
    /// What the reader has chosen, as in `route: GET /x`.
    pub choices: Vec<String>,
    /// The boards in their order.
    pub boards: Vec<ShownBoard>,
    /// What happened meanwhile, in the order of time.
    pub events: Vec<Event>,
    /// The alerts that fire at the end, worst first.
    pub firing: Vec<Firing>,
    /// The targets that are down at the end.
    pub down: Vec<Target>,
}

/// An alert that fires at the end of the window.
#[derive(Clone, Debug, PartialEq)]
pub struct Firing {
    /// `alertname` among them.
    pub labels: Labels,
    /// What it says; empty when it fires no more and nobody knows.
    pub summary: String,
    /// When its condition began to hold, in seconds since 1970.
    pub since: Option<f64>,
}

/// A board with its panels' answers.
#[derive(Clone, Debug)]
pub struct ShownBoard {
    /// As it is defined.
    pub board: Board,
    /// Its rows, answered.
    pub rows: Vec<Vec<Answered>>,
}

/// A panel with its answers.
#[derive(Clone, Debug)]
pub struct Answered {
    /// As it is defined.
    pub panel: Panel,
    /// One for each query.
    pub answers: Vec<Answer>,
    /// Of the metrics that it asks for and has no number of, those without a series in the window.
    pub vanished: Vec<String>,
    /// Why there is nothing to show; empty when there is something.
    pub reason: String,
    /// Whether what it needs did not go on, so that nothing can be expected of it.
    pub is_idle: bool,
}

/// What a query was answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The expression as it was asked, without variables.
    pub asked: String,
    /// What its series are called.
    pub legend: &'static str,
    /// What its values are measured in.
    pub unit: Unit,
    /// Of its series, if they have one.
    pub colour: Option<Colour>,
    /// Of its column in a table, if they are not the panel's.
    pub steps: Option<Vec<Step>>,
    /// Single observations, of a panel of times.
    pub exemplars: Vec<Exemplar>,
    /// Series with their points, one point of an instant query; or why there are none.
    pub result: Result<Vec<Stream>, String>,
}

/// A series of a panel, with the name that it has there.
#[derive(Clone, Debug)]
pub struct Line<'a> {
    /// From the legend.
    pub name: String,
    /// Of the series.
    pub labels: &'a Labels,
    /// In the order of time.
    pub points: &'a [Point],
    /// The number of its query.
    pub query: usize,
    /// What its values are measured in.
    pub unit: Unit,
}

impl Line<'_> {
    /// The newest value that is a number, which may be infinite.
    #[must_use]
    pub fn last(&self) -> Option<Point> {
        let mut numbers = self.points.iter().rev();
        numbers.find(|point| !point.value.is_nan()).copied()
    }

    /// The greatest value.
    #[must_use]
    pub fn max(&self) -> Option<f64> {
        self.numbers().reduce(f64::max)
    }

    /// The least value.
    #[must_use]
    pub fn min(&self) -> Option<f64> {
        self.numbers().reduce(f64::min)
    }

    fn numbers(&self) -> impl Iterator<Item = f64> {
        let values = self.points.iter().map(|point| point.value);
        values.filter(|value| !value.is_nan())
    }
}

impl ShownBoard {
    /// Its panels, from top to bottom and left to right.
    pub fn panels(&self) -> impl Iterator<Item = &Answered> {
        self.rows.iter().flatten()
    }
}

impl Answered {
    /// Its series, in the order of queries and then of names.
    #[must_use]
    pub fn lines(&self) -> Vec<Line<'_>> {
        let answers = self.answers.iter().enumerate();
        answers
            .flat_map(|(query, answer)| {
                let streams = answer.result.as_deref().unwrap_or_default();
                let mut lines: Vec<_> = streams
                    .iter()
                    .map(|stream| Line {
                        name: legend::name(answer.legend, &stream.labels),
                        labels: &stream.labels,
                        points: &stream.points,
                        query,
                        unit: answer.unit,
                    })
                    .collect();
                lines.sort_by(|left, right| left.name.cmp(&right.name));
                lines
            })
            .collect()
    }

    /// Whether there is no number to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines().iter().all(|line| line.last().is_none())
    }

    /// Whether there are points, but none of them is a number.
    #[must_use]
    pub fn is_nan(&self) -> bool {
        let lines = self.lines();
        !lines.is_empty() && lines.iter().all(|line| line.last().is_none())
    }

    /// The queries without a number, of a panel that has other ones.
    #[must_use]
    pub fn silent(&self) -> Vec<&Answer> {
        let lines = self.lines();
        let speaks = |query| {
            lines
                .iter()
                .any(|line| line.query == query && line.last().is_some())
        };
        let answers = self.answers.iter().enumerate();
        let silent = answers.filter(|(query, answer)| answer.result.is_ok() && !speaks(*query));
        silent.map(|(_, answer)| answer).collect()
    }

    /// The steps of a query's values.
    #[must_use]
    pub fn steps(&self, query: usize) -> &[Step] {
        let own = self
            .answers
            .get(query)
            .and_then(|answer| answer.steps.as_deref());
        own.unwrap_or(&self.panel.steps)
    }

    /// Whether the lines of a query are limits, and not what is limited: they are red or orange on purpose.
    #[must_use]
    pub fn is_limit(&self, query: usize) -> bool {
        let colour = self.answers.get(query).and_then(|answer| answer.colour);
        self.panel.kind == Kind::TimeSeries && matches!(colour, Some(Colour::Red | Colour::Orange))
    }

    /// Why queries failed.
    pub fn failures(&self) -> impl Iterator<Item = &str> {
        self.answers
            .iter()
            .filter_map(|answer| answer.result.as_ref().err())
            .map(String::as_str)
    }
}
