//! What telemetry itself costs: the series of an instance, and the size and time of one scrape.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use loadtest::probe::parse;
use loadtest::wording::{count, mebibytes, time};
use reqwest::Client;

use super::{Finding, finding};

/// Series of one instance at most.
const MOST_SERIES: usize = 5_000;
/// Bytes of one scrape at most.
const MOST_BYTES: usize = 1 << 20;
/// The time of one scrape is the median of so many.
const SCRAPES: usize = 5;
/// What Prometheus asks for first.
const OPENMETRICS: &str = "application/openmetrics-text;version=1.0.0";

/// Reads the metrics of a service as Prometheus does, a few times. The time is told, not judged: it is this machine's.
///
/// # Errors
/// When the service does not answer.
pub async fn findings(metrics: &str) -> Result<Vec<Finding>> {
    let client = Client::builder().no_proxy().build()?;
    let (mut times, mut text) = (Vec::new(), String::new());
    for _ in 0..SCRAPES {
        let started = Instant::now();
        let answer = client
            .get(metrics)
            .header("accept", OPENMETRICS)
            .send()
            .await;
        let answer = answer.and_then(reqwest::Response::error_for_status);
        text = answer
            .with_context(|| format!("no metrics from {metrics}"))?
            .text()
            .await?;
        times.push(started.elapsed());
    }
    times.sort();
    Ok(of(
        &text,
        times.get(SCRAPES / 2).copied().unwrap_or_default(),
    ))
}

fn of(text: &str, took: Duration) -> Vec<Finding> {
    let number = |number: usize| count(u64::try_from(number).unwrap_or(u64::MAX));
    let size = |bytes: usize| mebibytes(u64::try_from(bytes).unwrap_or(u64::MAX));
    let series = parse(text).len();
    let enough = format!("at most {} series", number(MOST_SERIES));
    let small = format!("a scrape is at most {}", size(MOST_BYTES));
    let took = time(took.as_secs_f64() * 1_000.0);
    vec![
        finding("telemetry", &enough, series <= MOST_SERIES, number(series)),
        finding(
            "telemetry",
            &small,
            text.len() <= MOST_BYTES,
            format!("{}, in {took}", size(text.len())),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::Verdict;

    fn verdicts(series: usize, padding: usize) -> Vec<Verdict> {
        let lines = (0..series).map(|number| format!("m{{n=\"{number}\"}} 1\n"));
        let text = format!("# {}\n{}", "x".repeat(padding), lines.collect::<String>());
        of(&text, Duration::from_millis(3))
            .into_iter()
            .map(|finding| finding.verdict)
            .collect()
    }

    #[test]
    fn too_many_series_and_too_large_a_scrape_are_found() {
        assert_eq!(verdicts(5_000, 0), [Verdict::Pass, Verdict::Pass]);
        assert_eq!(verdicts(5_001, 0), [Verdict::Fail, Verdict::Pass]);
        assert_eq!(verdicts(1, 1 << 20), [Verdict::Pass, Verdict::Fail]);
    }
}
