//! Whether every panel shows something, and what it shows can be.

use super::{Finding, over_all};
use crate::model::{Needs, Panel, Unit};
use crate::preview::{Answer, Answered, Shown, ShownBoard};

/// Of a board's panels: that each query has numbers, and that these can be. Panels that wait for a load test or for requests that nobody sent are
/// passed over, and counted.
#[must_use]
pub fn findings(shown: &Shown) -> Vec<Finding> {
    shown.boards.iter().flat_map(of_board).collect()
}

/// Whether nothing waits for a load test or for requests any more.
#[must_use]
pub fn are_busy(shown: &Shown) -> bool {
    shown
        .boards
        .iter()
        .flat_map(ShownBoard::panels)
        .all(|panel| !panel.is_idle)
}

fn of_board(board: &ShownBoard) -> Vec<Finding> {
    let asked: Vec<_> = board.panels().filter(|panel| !panel.is_idle).collect();
    let wrong = asked.iter().flat_map(|panel| faults(panel)).collect();
    let queries: usize = asked.iter().map(|panel| panel.answers.len()).sum();
    let series: usize = asked.iter().map(|panel| panel.lines().len()).sum();
    let idle = board.panels().count() - asked.len();
    let idle = if idle > 0 {
        format!("; {idle} panels wait for a load test or requests")
    } else {
        String::new()
    };
    let all = format!(
        "{} panels, {queries} queries, {series} series{idle}",
        asked.len()
    );
    over_all(
        board.board.title,
        "every panel has data that can be",
        wrong,
        all,
    )
}

/// What is wrong with a panel, in sentences. A query may be silent beside others that are not, as long as its metrics are there: some things happen
/// now and then only.
fn faults(panel: &Answered) -> Vec<String> {
    let mut faults = Vec::new();
    if !panel.vanished.is_empty() {
        faults.push(format!(
            "nobody exposes {}, which it asks for",
            panel.vanished.join(", ")
        ));
    } else if panel.is_empty() && panel.failures().next().is_none() {
        faults.push(format!(
            "it is empty, although {}",
            needs(panel.panel.needs)
        ));
    }
    faults.extend(
        panel
            .answers
            .iter()
            .filter_map(|answer| fault(&panel.panel, answer)),
    );
    let title = panel.panel.title;
    faults
        .iter()
        .map(|fault| format!("panel `{title}`: {fault}"))
        .collect()
}

fn fault(panel: &Panel, answer: &Answer) -> Option<String> {
    let asked = &answer.asked;
    let streams = match &answer.result {
        Ok(streams) => streams,
        Err(reason) => return Some(format!("Prometheus refuses `{asked}`: {reason}")),
    };
    let (least, most) = bounds(panel, answer.unit);
    let mut values = streams
        .iter()
        .flat_map(|stream| stream.points.iter().map(|point| point.value));
    // No number is what a share of nothing is: a gap.
    let wrong = values.find(|value| !value.is_nan() && !(least..=most).contains(value))?;
    Some(format!(
        "`{asked}` is {wrong}, which is not between {least} and {most}"
    ))
}

/// What the values of a query can be: a column of a table that has a unit of its own has its bounds, too.
fn bounds(panel: &Panel, unit: Unit) -> (f64, f64) {
    if unit == panel.unit {
        return panel.plausible;
    }
    Panel::new(panel.kind, unit, panel.title).plausible
}

fn needs(needs: Needs) -> &'static str {
    match needs {
        Needs::Service => "the service runs",
        Needs::Traffic => "the service answers requests",
        Needs::LoadTest => "a load test runs",
        Needs::Rules => "Prometheus evaluates rules",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kind;
    use crate::prometheus::{Labels, Point, Stream};

    /// A panel of ratios with one query, whose answer has these values.
    fn panel(result: Result<&[f64], &str>) -> Answered {
        let points = |values: &[f64]| {
            values
                .iter()
                .map(|value| Point {
                    time: 0.0,
                    value: *value,
                })
                .collect()
        };
        let stream = |values| Stream {
            labels: Labels::new(),
            points: points(values),
        };
        let answer = Answer {
            asked: "a / b".to_owned(),
            legend: "",
            unit: Unit::Ratio,
            colour: None,
            steps: None,
            exemplars: Vec::new(),
            result: result
                .map(|values| vec![stream(values)])
                .map_err(str::to_owned),
        };
        Answered {
            panel: Panel::new(Kind::TimeSeries, Unit::Ratio, "Share"),
            answers: vec![answer],
            vanished: Vec::new(),
            reason: String::new(),
            is_idle: false,
        }
    }

    #[test]
    fn a_share_between_nothing_and_all_is_right_with_gaps_or_without() {
        for values in [&[0.0, 1.0][..], &[f64::NAN, 0.5]] {
            assert_eq!(faults(&panel(Ok(values))), Vec::<String>::new());
        }
    }

    #[test]
    fn what_is_refused_empty_infinite_or_impossible_is_said_to_be() {
        for (result, expected) in [
            (
                Err("many-to-many matching not allowed"),
                "refuses `a / b`: many-to-many",
            ),
            (
                Ok(&[][..]),
                "it is empty, although the service answers requests",
            ),
            (Ok(&[f64::NAN]), "it is empty"),
            (Ok(&[0.5, f64::INFINITY]), "is inf"),
            (Ok(&[-0.1]), "is -0.1, which is not between 0 and 1"),
            (Ok(&[1.01]), "is 1.01"),
        ] {
            let faults = faults(&panel(result));
            assert!(
                matches!(&faults[..], [fault] if fault.contains(expected)),
                "{faults:?}"
            );
        }
    }

    #[test]
    fn a_metric_that_vanished_is_named() {
        let mut panel = panel(Ok(&[]));
        panel.vanished = vec!["renamed_total".to_owned()];
        assert_eq!(
            faults(&panel),
            ["panel `Share`: nobody exposes renamed_total, which it asks for"]
        );
    }

    #[test]
    fn a_column_of_another_unit_has_the_bounds_of_that() {
        let mut panel = panel(Ok(&[7.0]));
        panel.answers[0].unit = Unit::Count;
        assert_eq!(faults(&panel), Vec::<String>::new());
    }
}
