//! What a board is, before it becomes Grafana's JSON or a picture: panels with their questions, in rows.
//!
//! The boards themselves are in [`boards`](crate::boards). A panel is a few lines there; what is the same on every board is added when it is
//! written down.

/// A board: one question, and the panels that answer it.
#[derive(Clone, Debug)]
pub struct Board {
    /// Never changes: links and bookmarks hold it.
    pub uid: &'static str,
    /// As in the list of boards, with its place in the reading order.
    pub title: &'static str,
    /// The question that it answers.
    pub question: &'static str,
    /// What the reader can choose, besides data source, job and instance.
    pub variables: Vec<Variable>,
    /// Rows from top to bottom. Within a row panels stand side by side, 24 columns at most.
    pub rows: Vec<Vec<Panel>>,
}

/// A choice of the reader's: the values of a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable {
    /// As in `$name`.
    pub name: &'static str,
    /// What the reader sees.
    pub title: &'static str,
    /// The metric whose series have the label.
    pub metric: &'static str,
    /// The label.
    pub label: &'static str,
}

/// One picture.
#[derive(Clone, Debug)]
pub struct Panel {
    /// What it shows.
    pub title: &'static str,
    /// How to read it, and where to look next.
    pub description: &'static str,
    /// The page of `runbooks/` that explains it, and the heading there, as in `DbPoolStarved.md#look-first`.
    pub runbook: &'static str,
    /// How it is drawn.
    pub kind: Kind,
    /// Of its values.
    pub unit: Unit,
    /// Where values begin to be something else; the first has no lower end.
    pub steps: Vec<Step>,
    /// What is asked.
    pub queries: Vec<Query>,
    /// Columns of 24.
    pub width: u32,
    /// Rows of the grid, of 30 pixels each.
    pub height: u32,
    /// What its values can be. A ratio lies within 0..=1.
    pub plausible: (f64, f64),
}

/// How a panel is drawn, by the names of Grafana.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The newest value, large.
    Stat,
    /// The newest value on an arc.
    Gauge,
    /// Lines over time.
    TimeSeries,
    /// Areas over time, one upon the other.
    Stacked,
    /// Buckets over time.
    Heatmap,
    /// One bar for each series.
    BarGauge,
    /// One row for each set of labels; each query is a column.
    Table,
    /// States over time.
    StateTimeline,
    /// The alerts that fire.
    AlertList,
}

/// What values are measured in, by the identifiers of Grafana.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// 0 to 1, shown as per cent.
    Ratio,
    /// Requests per second.
    RequestsPerSecond,
    /// Anything else per second.
    PerSecond,
    /// Bytes.
    Bytes,
    /// Bytes per second.
    BytesPerSecond,
    /// A count.
    Count,
}

/// From a value on, a colour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// None: from the lowest.
    pub from: Option<f64>,
    /// What it means.
    pub colour: Colour,
}

/// Red is a broken promise, orange is near it; the others say what a thing belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// A promise is broken.
    Red,
    /// A promise is nearly broken.
    Orange,
    /// A promise is kept.
    Green,
    /// Requests at the service.
    Blue,
    /// Requests at the client.
    Violet,
    /// The cache.
    Yellow,
    /// Runtime, process and anything else.
    Grey,
}

/// One expression of a panel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// PromQL with Grafana's variables in it.
    pub expression: String,
    /// What its series are called, with labels as in `{{http_route}}`; the column's title in a table.
    pub legend: &'static str,
    /// The newest value only.
    pub instant: bool,
}
