//! What a board is, before it becomes Grafana's JSON or a picture: panels with their questions, in rows.
//!
//! The boards themselves are in [`boards`](crate::boards). A panel is a few lines there, put together by the functions of [`Panel`]; what is
//! the same on every board is added when it is written down.

mod panel;

pub use self::panel::{bad_below, good_below, green, orange, red};

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
    /// What must go on for it to show anything: if that goes on and it is empty, a signal is broken.
    pub needs: Needs,
    /// Where a click on one of its series or rows leads.
    pub drill_down: Option<DrillDown>,
}

/// What must go on for a panel to have data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// The service runs.
    Service,
    /// The service answers requests.
    Traffic,
    /// The harness attacks the service, and shows its own metrics (`--live`).
    LoadTest,
    /// Prometheus evaluates our rules.
    Rules,
}

/// A link from a series to a board that shows more of what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DrillDown {
    /// The `uid` of the board.
    pub board: &'static str,
    /// The board's variable that is set.
    pub variable: &'static str,
    /// The label of the series whose value it is set to.
    pub label: &'static str,
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
}

/// What values are measured in, by the identifiers of Grafana.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Seconds that somebody waits: the line of 100 ms is drawn.
    Seconds,
    /// Seconds that nobody waits, such as the age of a process.
    Age,
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
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// PromQL with Grafana's variables in it.
    pub expression: String,
    /// What its series are called, with labels as in `{{http_route}}`; the column's title in a table, where none hides the column.
    pub legend: &'static str,
    /// The newest value only.
    pub instant: bool,
    /// Of its series, instead of one by their names.
    pub colour: Option<Colour>,
    /// Of its column in a table, instead of the panel's.
    pub unit: Option<Unit>,
    /// Of its column in a table, instead of the panel's.
    pub steps: Vec<Step>,
}

/// The time within which everything is promised to be answered, in seconds.
pub const BUDGET_SECONDS: f64 = 0.1;
/// Columns of Grafana's grid.
pub const COLUMNS: u32 = 24;
