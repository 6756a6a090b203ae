//! Reads an expression as Prometheus would, with Grafana's variables in the place of durations.
//!
//! Variables in strings (`job=~"$job"`) are text like any other.

use std::time::Duration;

use promql_parser::parser::{self, Expr};

/// The variables that stand for durations, and what each is read as: nobody writes such a duration by hand, so that it can be told apart.
const DURATIONS: [(&str, Duration); 3] = [
    ("$__rate_interval", Duration::from_millis(60_007)),
    ("$__range", Duration::from_millis(1_800_011)),
    ("$__interval", Duration::from_millis(15_013)),
];

/// Reads `text`.
///
/// # Errors
/// One sentence when it is no valid PromQL.
pub fn read(text: &str) -> Result<Expr, String> {
    let mut plain = text.to_owned();
    for (variable, duration) in DURATIONS {
        plain = plain.replace(variable, &format!("{}ms", duration.as_millis()));
    }
    parser::parse(&plain).map_err(|fault| format!("`{text}` is no PromQL: {fault}"))
}

/// The variable that a duration of an expression was read from; None for one that was written down.
#[must_use]
pub fn variable(duration: Duration) -> Option<&'static str> {
    let mut variables = DURATIONS.into_iter();
    variables
        .find(|(_, read_as)| *read_as == duration)
        .map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_in_the_place_of_a_duration_is_recognised() {
        let ranges = [
            ("[$__rate_interval]", Some("$__rate_interval")),
            ("[$__range]", Some("$__range")),
            ("[5m]", None),
        ];
        for (range, expected) in ranges {
            let Ok(Expr::MatrixSelector(selector)) = read(&format!("a{{job=~\"$job\"}}{range}"))
            else {
                panic!("{range} is no range");
            };
            assert_eq!(variable(selector.range), expected);
        }
    }

    #[test]
    fn what_is_no_promql_is_an_error() {
        for text in [
            "a{b=\"c}",
            "a{b=c}",
            "a[5m",
            "sum by (b",
            "rate(a)",
            "nonsense(a)",
            "a{b=~\"(\"}",
            "",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
