//! Asks everything that the page shows.

use std::cmp::Reverse;

use api::telemetry::catalogue::HTTP_DURATION;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::{
    Answer, Answered, Firing, Shown, ShownBoard, Vanished, Window, events, standing, vanished,
};
use crate::{
    catalogue::loadtest::RUN_INFO,
    model::{Board, Kind, Needs, Panel, Query, Unit},
    prometheus::{Error, Exemplar, Labels, Prometheus, Stream, Target, Variables, write_duration},
    promql::write::{RANGE, count},
};

/// Questions that are under way at once: Prometheus answers twenty by default, others ask it too.
const AT_ONCE: usize = 6;

/// Asks every panel of `boards`, what happened meanwhile and what fires at the end. `told` is called after each answer with the number of
/// answers so far.
///
/// # Errors
/// When Prometheus cannot be asked at all. A query that it refuses is an answer.
pub async fn ask(
    prometheus: &Prometheus,
    boards: &[Board],
    window: Window,
    variables: &Variables,
    told: impl Fn(usize),
) -> Result<(Shown, Vanished), Error> {
    let mut shown = panels(prometheus, boards, window, variables, told).await?;
    let events = events::ask(prometheus, &window, variables).await?;
    find_idle(prometheus, &mut shown, &window, variables).await?;
    let down = down(prometheus, &window).await?;
    let vanished = vanished::look(prometheus, &mut shown, &window, &down).await?;
    let version = prometheus.build().await?.version;
    let address = prometheus.address();
    let shown = Shown {
        window,
        source: format!("Prometheus {version} at {address}"),
        choices: Vec::new(),
        boards: shown,
        events,
        firing: firing(prometheus, &window).await?,
        down,
    };
    Ok((shown, vanished))
}

/// Asks every panel.
async fn panels(
    prometheus: &Prometheus,
    boards: &[Board],
    window: Window,
    variables: &Variables,
    told: impl Fn(usize),
) -> Result<Vec<ShownBoard>, Error> {
    let panels = boards.iter().flat_map(|board| board.rows.iter().flatten());
    let queries = panels.flat_map(|panel| panel.queries.iter().map(move |query| (panel, query)));
    let answers = queries.map(|(panel, query)| answer(prometheus, panel, query, window, variables));
    let answers: Vec<_> = stream::iter(answers)
        .buffered(AT_ONCE)
        .enumerate()
        .inspect(|(number, _)| told(number + 1))
        .map(|(_, answer)| answer)
        .try_collect()
        .await?;
    Ok(hand_out(boards, answers))
}

/// Writes into the panels whether what they need went on.
async fn find_idle(
    prometheus: &Prometheus,
    boards: &mut [ShownBoard],
    window: &Window,
    variables: &Variables,
) -> Result<(), Error> {
    let is_tested = is_tested(prometheus, window).await?;
    let is_used = is_used(prometheus, window, variables).await?;
    for panel in boards
        .iter_mut()
        .flat_map(|board| board.rows.iter_mut().flatten())
    {
        panel.is_idle = match panel.panel.needs {
            Needs::LoadTest => !is_tested,
            Needs::Traffic => !is_used,
            Needs::Service | Needs::Rules => false,
        };
    }
    Ok(())
}

/// Whether a load test showed its metrics.
async fn is_tested(prometheus: &Prometheus, window: &Window) -> Result<bool, Error> {
    let range = write_duration(window.range);
    let asked = format!("last_over_time({}[{range}])", RUN_INFO.name);
    Ok(!prometheus.query(&asked, Some(window.end)).await?.is_empty())
}

/// Whether the service answered requests.
async fn is_used(
    prometheus: &Prometheus,
    window: &Window,
    variables: &Variables,
) -> Result<bool, Error> {
    let requests = count(&HTTP_DURATION).of_target().increase(RANGE);
    let asked = variables.substitute(&format!("sum({requests}) > 0"));
    Ok(!prometheus.query(&asked, Some(window.end)).await?.is_empty())
}

async fn answer(
    prometheus: &Prometheus,
    panel: &Panel,
    query: &Query,
    window: Window,
    variables: &Variables,
) -> Result<Answer, Error> {
    let asked = variables.substitute(&query.expression);
    let streams = if query.instant {
        let samples = prometheus.query(&asked, Some(window.end)).await;
        samples.map(|samples| samples.into_iter().map(Stream::from).collect())
    } else {
        prometheus.query_range(&asked, window.range()).await
    };
    let result = match streams {
        Err(Error::Refused { reason, .. }) => Err(reason),
        streams => Ok(streams?),
    };
    Ok(Answer {
        legend: query.legend,
        unit: query.unit.unwrap_or(panel.unit),
        colour: query.colour,
        // As Grafana has it: a column with a unit of its own has steps of its own, if only none.
        steps: query.unit.map(|_| query.steps.clone()),
        exemplars: exemplars(prometheus, panel, query, &asked, &window).await?,
        asked,
        result,
    })
}

/// Exemplars of a panel, at most.
const EXEMPLARS: usize = 60;

/// Single observations with their traces, the greatest ones: where Grafana shows them, at the last query of times from a histogram's buckets.
async fn exemplars(
    prometheus: &Prometheus,
    panel: &Panel,
    query: &Query,
    asked: &str,
    window: &Window,
) -> Result<Vec<Exemplar>, Error> {
    let mut with_buckets = panel
        .queries
        .iter()
        .rev()
        .filter(|query| query.expression.contains("_bucket"));
    let shows_them = panel.kind == Kind::TimeSeries && panel.unit == Unit::Seconds;
    if !shows_them || with_buckets.next() != Some(query) {
        return Ok(Vec::new());
    }
    let series = prometheus
        .exemplars(asked, window.start(), window.end)
        .await;
    // What is no selector at all was refused as a query already.
    let series = match series {
        Err(Error::Refused { .. }) => Vec::new(),
        series => series?,
    };
    let mut exemplars: Vec<_> = series
        .into_iter()
        .flat_map(|series| series.exemplars)
        .collect();
    exemplars.sort_by(|left, right| right.value.total_cmp(&left.value));
    exemplars.truncate(EXEMPLARS);
    Ok(exemplars)
}

/// Gives every panel its answers, which are in the order of the panels.
fn hand_out(boards: &[Board], answers: Vec<Answer>) -> Vec<ShownBoard> {
    let mut answers = answers.into_iter();
    let mut answered = |panel: &Panel| Answered {
        panel: panel.clone(),
        answers: answers.by_ref().take(panel.queries.len()).collect(),
        vanished: Vec::new(),
        reason: String::new(),
        is_idle: false,
    };
    let shown = boards.iter().map(|board| ShownBoard {
        board: board.clone(),
        rows: board
            .rows
            .iter()
            .map(|row| row.iter().map(&mut answered).collect())
            .collect(),
    });
    shown.collect()
}

/// The alerts that fire at the end of the window, worst first; with their texts if they still fire.
async fn firing(prometheus: &Prometheus, window: &Window) -> Result<Vec<Firing>, Error> {
    let at = Some(window.end);
    let samples = prometheus
        .query("ALERTS{alertstate=\"firing\",severity!=\"none\"}", at)
        .await?;
    let begun = prometheus.query("ALERTS_FOR_STATE", at).await?;
    let known = prometheus.alerts().await?;
    let firing = samples.into_iter().map(|sample| {
        let labels = own(sample.labels);
        let begun = begun
            .iter()
            .find(|other| own(other.labels.clone()) == labels);
        let summary = known.iter().find(|alert| alert.labels == labels);
        let summary = summary.and_then(|alert| alert.annotations.get("summary").cloned());
        Firing {
            since: begun.map(|sample| sample.point.value),
            summary: summary.unwrap_or_default(),
            labels,
        }
    });
    let mut firing: Vec<_> = firing.collect();
    firing.sort_by_key(|alert| {
        (
            Reverse(standing::alert(alert)),
            alert.labels.get("alertname").cloned(),
        )
    });
    Ok(firing)
}

/// Without the labels that Prometheus adds to the series of an alert.
fn own(mut labels: Labels) -> Labels {
    labels.retain(|label, _| label != "alertstate" && label != "__name__");
    labels
}

/// The targets that are down at the end of the window, with the reason if they still are.
async fn down(prometheus: &Prometheus, window: &Window) -> Result<Vec<Target>, Error> {
    let samples = prometheus.query("up == 0", Some(window.end)).await?;
    let targets = prometheus.targets().await?;
    let is_down = |target: &Target| {
        let of = |name: &str| target.labels.get(name);
        samples.iter().any(|sample| {
            sample.labels.get("job") == of("job") && sample.labels.get("instance") == of("instance")
        })
    };
    Ok(targets.into_iter().filter(is_down).collect())
}
