//! Why a panel is empty: which of the metrics that it asks for have no series at all.

use std::collections::BTreeMap;

use super::{Answered, ShownBoard, Window};
use crate::{
    catalogue::Known,
    check::expression::examine,
    prometheus::{Error, Prometheus, write_duration},
};

/// The metrics that empty panels ask for and nobody exposes, with the panels' titles.
pub type Vanished = BTreeMap<String, Vec<String>>;

/// Looks for the metrics of every query without a number, and writes into the panels which of them are not there.
///
/// # Errors
/// When Prometheus cannot be asked.
pub async fn look(
    prometheus: &Prometheus,
    boards: &mut [ShownBoard],
    window: &Window,
) -> Result<Vanished, Error> {
    let mut known: BTreeMap<String, bool> = BTreeMap::new();
    let mut vanished = Vanished::new();
    let catalogue = Known::new();
    for panel in boards
        .iter_mut()
        .flat_map(|board| board.rows.iter_mut().flatten())
    {
        for metric in metrics(panel, &catalogue) {
            let there = match known.get(&metric) {
                Some(there) => *there,
                None => *known
                    .entry(metric.clone())
                    .or_insert(is_there(prometheus, &metric, window).await?),
            };
            if !there {
                vanished
                    .entry(metric.clone())
                    .or_default()
                    .push(panel.panel.title.to_owned());
                panel.vanished.push(metric);
            }
        }
    }
    Ok(vanished)
}

/// The metrics of the queries without a number.
fn metrics(panel: &Answered, known: &Known) -> Vec<String> {
    if panel.is_idle {
        return Vec::new();
    }
    let silent = panel.silent().into_iter();
    let mut names: Vec<_> = silent
        .flat_map(|answer| examine(&answer.asked, known).series)
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

async fn is_there(prometheus: &Prometheus, metric: &str, window: &Window) -> Result<bool, Error> {
    // Alerts have series only while they are pending or fire.
    if metric.starts_with("ALERTS") {
        return Ok(true);
    }
    let question = format!(
        "count(last_over_time({metric}[{}]))",
        write_duration(window.range)
    );
    let answer = prometheus.query(&question, Some(window.end)).await?;
    Ok(!answer.is_empty())
}
