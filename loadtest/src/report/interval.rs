//! The interval in which the true 99th percentile of a route lies: all times that the requests
//! seen do not contradict. A budget beyond it is decided, one within it is not.

use super::{Report, look};
use crate::budgets::Budgets;
use crate::evidence::{Cell, Histogram};
use crate::numbers::{count, milliseconds};
use crate::statistics::{error_at_look, lower_bound, upper_bound};
use std::time::Duration;

/// The share of the requests that take longer than the 99th percentile.
const BEYOND: f64 = 0.01;

/// Milliseconds; the upper end is None where too few or too slow requests leave it open, and all
/// is None where no request was made.
pub(super) fn p99(report: &Report, route: &str, design_effect: f64) -> Option<(f64, Option<f64>)> {
    let whole = whole(report, route);
    let budgets = Budgets::parse(&report.budgets.file, &report.budgets.text).ok()?;
    let error = error_at_look(1.0 - budgets.confidence, look(&report.evidence));
    let samples = count(whole.requests()) / design_effect.max(1.0);
    let over = |time: Duration| {
        let over = whole.requests() - whole.right.up_to(time);
        count(over) / design_effect.max(1.0)
    };
    let times = times(&whole.right);
    let first = |bound: fn(f64, f64, f64) -> f64| {
        let from = times.partition_point(|time| bound(over(*time), samples, error) > BEYOND);
        times.get(from).map(|time| milliseconds(*time))
    };
    let low = first(lower_bound).or(whole.right.max().map(milliseconds))?;
    Some((low, first(upper_bound)))
}

fn whole(report: &Report, route: &str) -> Cell {
    let mut whole = Cell::default();
    let records = report
        .evidence
        .rounds
        .iter()
        .flat_map(|round| &round.routes);
    for record in records.filter(|record| record.route == route) {
        whole.merge(&record.whole());
    }
    whole
}

fn times(histogram: &Histogram) -> Vec<Duration> {
    let buckets = histogram.buckets();
    buckets
        .map(|(micros, _)| Duration::from_micros(micros))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Evidence, Round, RouteRecord};
    use crate::report::tests::golden;

    /// The interval where the answers took 1, 2, … milliseconds, and so many were wrong.
    fn interval(answers: u64, wrong: u64, design_effect: f64) -> Option<(f64, Option<f64>)> {
        let mut cell = Cell {
            wrong,
            ..Cell::default()
        };
        for number in 1..=answers {
            cell.right.record(Duration::from_millis(number));
        }
        let record = RouteRecord {
            route: "GET /".to_owned(),
            blocks: [(0, cell)].into(),
            ..RouteRecord::default()
        };
        let round = Round {
            routes: vec![record],
            ..Round::default()
        };
        let evidence = Evidence {
            rounds: vec![round],
            ..Evidence::default()
        };
        let report = Report {
            evidence,
            ..golden()
        };
        p99(&report, "GET /", design_effect)
    }

    #[test]
    fn it_has_the_percentile_within_and_is_wider_where_requests_share_their_fate() {
        let (low, high) = interval(900, 0, 1.0).unwrap();
        let high = high.unwrap();
        assert!(low < 891.0 && 891.0 < high && high <= 900.0, "{low} {high}");
        let (wider, _) = interval(900, 0, 4.0).unwrap();
        assert!(wider < low, "{wider} {low}");
    }

    #[test]
    fn too_few_requests_leave_its_upper_end_open() {
        assert_eq!(interval(100, 0, 1.0).unwrap().1, None);
        assert_eq!(interval(900, 90, 1.0).unwrap().1, None);
        assert_eq!(interval(0, 0, 1.0), None);
    }
}
