//! Why a panel is empty: which of the metrics that it asks for have no series at all.

use std::collections::BTreeMap;

use super::{Answered, ShownBoard, Window};
use crate::{
    catalogue::Known,
    check::expression::examine,
    model::Needs,
    prometheus::{Error, Prometheus, Target, write_duration},
};

/// The metrics that empty panels ask for and nobody exposes, with the panels' titles.
pub type Vanished = BTreeMap<String, Vec<String>>;

/// Looks for the metrics of every query without a number, and writes into the panels why they are empty.
///
/// # Errors
/// When Prometheus cannot be asked.
pub async fn look(
    prometheus: &Prometheus,
    boards: &mut [ShownBoard],
    window: &Window,
    down: &[Target],
) -> Result<Vanished, Error> {
    let mut known: BTreeMap<String, bool> = BTreeMap::new();
    let mut vanished = Vanished::new();
    let catalogue = Known::new();
    let panels = boards
        .iter_mut()
        .flat_map(|board| board.rows.iter_mut().flatten());
    for panel in panels {
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
        panel.reason = reason(panel, down);
    }
    Ok(vanished)
}

/// Why the panel is empty; nothing when it is not.
fn reason(panel: &Answered, down: &[Target]) -> String {
    if !panel.is_empty() {
        return String::new();
    }
    if panel.is_idle {
        return match panel.panel.needs {
            Needs::LoadTest => "It needs a load test with --live, and none ran.",
            _ => "It needs requests, and none were answered.",
        }
        .to_owned();
    }
    let down = down
        .iter()
        .find(|target| target.labels.get("job").is_some_and(|job| job == "api"));
    let because = down.map_or_else(String::new, |target| {
        let instance = target.labels.get("instance").map_or("", String::as_str);
        format!(" The service at {instance} is down.")
    });
    let what = match panel.vanished.as_slice() {
        _ if panel.is_nan() => "Only NaN: something was divided by nothing.".to_owned(),
        [] => "The metrics were there in this time, but nothing is left of them.".to_owned(),
        missing if down.is_some() => format!("No series of {}.", missing.join(", ")),
        missing => format!(
            "No series of {}: nobody exposes it any more, or it is not scraped.",
            missing.join(", ")
        ),
    };
    format!("{what}{because}")
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Kind, Panel, Unit};

    fn empty(needs: Needs, is_idle: bool, missing: &[String]) -> Answered {
        Answered {
            panel: Panel::new(Kind::Stat, Unit::Count, "Panics").needs(needs),
            answers: vec![],
            vanished: missing.to_vec(),
            reason: String::new(),
            is_idle,
        }
    }

    #[test]
    fn an_empty_panel_says_why() {
        let missing = ["a_total".to_owned()];
        let api = Target {
            labels: [("job", "api"), ("instance", "a:1")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            scrape_url: String::new(),
            health: "down".to_owned(),
            last_error: String::new(),
            last_scrape_duration: 0.0,
            scrape_interval: 15.0,
        };
        let says = |needs, is_idle, missing: &[String], down: &[Target]| {
            reason(&empty(needs, is_idle, missing), down)
        };
        assert!(says(Needs::LoadTest, true, &[], &[]).contains("load test with --live"));
        assert!(says(Needs::Traffic, true, &[], &[]).contains("requests"));
        assert!(
            says(Needs::Traffic, false, &missing, &[])
                .contains("No series of a_total: nobody exposes it")
        );
        assert!(says(Needs::Service, false, &[], &[]).contains("nothing is left"));
        let down = says(Needs::Service, false, &missing, &[api]);
        assert_eq!(down, "No series of a_total. The service at a:1 is down.");
    }
}
