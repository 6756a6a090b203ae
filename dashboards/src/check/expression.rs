//! What is wrong with one expression, wherever it stands: in a panel, a rule or a runbook.
//!
//! An expression is valid PromQL, asks for series that somebody writes, by labels that they have; what only grows is asked how fast; `le` is
//! compared with boundaries; and two sides of an operator can match. `labels` follows the labels through it.

use std::collections::BTreeSet;

use promql_parser::{
    label::{MatchOp, Matcher},
    parser::{Expr, VectorSelector},
};

use super::labels::{Labels, Tracer};
use crate::{
    catalogue::{Known, Part, Series},
    promql::read::read,
};

/// What an expression asks for and gives, and what is wrong with it.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// What is wrong, one sentence each: none for a good one.
    pub faults: Vec<String>,
    /// The names of the series that it asks for, as often as they occur.
    pub series: Vec<String>,
    /// The labels of what it gives; None for a scalar, and where they cannot be known.
    pub labels: Option<BTreeSet<String>>,
    /// The expression itself; None for one that is no PromQL.
    pub(super) parsed: Option<Expr>,
}

/// What is wrong with the expression, one sentence each: none for a good one. Grafana's variables may stand in it.
#[must_use]
pub fn faults(expression: &str, known: &Known) -> Vec<String> {
    examine(expression, known).faults
}

/// Reads the expression against the known series. Grafana's variables may stand in it.
#[must_use]
pub fn examine(expression: &str, known: &Known) -> Reading {
    let parsed = match read(expression) {
        Ok(parsed) => parsed,
        Err(fault) => {
            return Reading {
                faults: vec![fault],
                ..Reading::default()
            };
        }
    };
    let mut tracer = Tracer::new(known);
    let labels = tracer.trace(&parsed, "");
    Reading {
        faults: tracer.faults,
        series: tracer.series,
        labels: match labels {
            Labels::These(labels) => Some(labels),
            Labels::Scalar | Labels::Unknown => None,
        },
        parsed: Some(parsed),
    }
}

/// Every selector of a parsed expression, with the name of the function it is the argument of, or nothing.
pub(super) fn selectors(expression: &Expr) -> Vec<(&VectorSelector, Option<std::time::Duration>)> {
    match expression {
        Expr::VectorSelector(selector) => vec![(selector, None)],
        Expr::MatrixSelector(selector) => vec![(&selector.vs, Some(selector.range))],
        Expr::Aggregate(aggregate) => {
            let parameter = aggregate.param.iter().flat_map(|inner| selectors(inner));
            selectors(&aggregate.expr)
                .into_iter()
                .chain(parameter)
                .collect()
        }
        Expr::Unary(unary) => selectors(&unary.expr),
        Expr::Paren(paren) => selectors(&paren.expr),
        Expr::Subquery(subquery) => selectors(&subquery.expr),
        Expr::Binary(binary) => [&binary.lhs, &binary.rhs]
            .into_iter()
            .flat_map(|side| selectors(side))
            .collect(),
        Expr::Call(call) => call
            .args
            .args
            .iter()
            .flat_map(|argument| selectors(argument))
            .collect(),
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => vec![],
    }
}

/// What is wrong with the labels that a selector compares.
pub(super) fn matcher_faults(name: &str, matchers: &[Matcher], series: Series<'_>) -> Vec<String> {
    let mut faults = Vec::new();
    for matcher in matchers {
        if !series.labels().any(|label| label == matcher.name) {
            faults.push(format!("`{name}` has no label `{}`", matcher.name));
        }
        if matcher.name == "le"
            && let Part::Buckets(bounds) = series.part
        {
            let is_pattern = matches!(matcher.op, MatchOp::Re(_) | MatchOp::NotRe(_));
            let compared = matcher.value.split(if is_pattern { "|" } else { "\0" });
            faults.extend(compared.filter_map(|bound| boundary_fault(bound, bounds)));
        }
    }
    faults
}

fn boundary_fault(bound: &str, bounds: &[f64]) -> Option<String> {
    let number: f64 = bound.parse().unwrap_or(f64::NAN);
    if number.fract() == 0.0 {
        // The service prints `le="1"`, Prometheus 3 stores `le="1.0"`: such a matcher finds nothing on one of the two.
        return Some(format!("`le` is matched on the whole number {bound}"));
    }
    let is_boundary = bound == "+Inf" || bounds.contains(&number);
    (!is_boundary).then(|| format!("`le` is matched on {bound}, which is no boundary"))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    #[track_caller]
    pub(crate) fn assert_found(expression: &str, expected: &str) {
        let faults = faults(expression, &Known::new());
        assert!(
            faults.iter().any(|fault| fault.contains(expected)),
            "`{expected}` is not among the faults of {expression}: {faults:#?}"
        );
    }

    #[test]
    fn a_name_that_nobody_writes_is_found() {
        for (expression, expected) in [
            ("http_requests", "`http_requests` is written by nobody"),
            (
                "rate(http_server_request_duration_seconds[5m])",
                "is written by nobody",
            ),
            ("{job=\"api\"}", "names no metric"),
            ("cache_entries{cache=\"users\"}", "has no label `cache`"),
            ("cache_entries{le=\"0.1\"}", "has no label `le`"),
            (
                "slo:objective:ratio{instance=\"a\"}",
                "has no label `instance`",
            ),
        ] {
            assert_found(expression, expected);
        }
    }

    #[test]
    fn a_comparison_of_le_that_finds_nothing_is_found() {
        let buckets = "http_server_request_duration_seconds_bucket";
        for (matcher, expected) in [
            ("le=\"1\"", "whole number 1"),
            ("le=~\"0.5|1.0\"", "whole number 1.0"),
            ("le=\"0.2\"", "0.2, which is no boundary"),
        ] {
            assert_found(&format!("rate({buckets}{{{matcher}}}[5m])"), expected);
        }
        for matcher in ["le=\"0.1\"", "le=~\"0.1|0.25\"", "le=\"+Inf\""] {
            let expression = format!("rate({buckets}{{{matcher}}}[5m])");
            assert_eq!(
                faults(&expression, &Known::new()),
                Vec::<String>::new(),
                "{matcher}"
            );
        }
    }

    #[test]
    fn what_is_no_promql_is_the_only_fault() {
        let reading = examine("sum by (le", &Known::new());
        assert_eq!(reading.faults.len(), 1);
        assert!(
            reading.faults[0].contains("is no PromQL"),
            "{:?}",
            reading.faults
        );
    }

    #[test]
    fn a_reading_names_the_series_and_the_labels_of_the_answer() {
        let reading = examine(
            "sum by (cache_name) (rate(cache_gets_total[5m])) / on (cache_name) cache_entries",
            &Known::new(),
        );
        assert_eq!(reading.faults, Vec::<String>::new());
        assert_eq!(reading.series, ["cache_gets_total", "cache_entries"]);
        assert_eq!(
            reading.labels,
            Some(BTreeSet::from(["cache_name".to_owned()]))
        );
        assert_eq!(examine("time()", &Known::new()).labels, None);
    }
}
