//! Values as Grafana writes them: three digits, in the unit that fits.

use crate::model::Unit;

/// From the largest to the smallest: the factor and what follows the digits.
type Units = [(f64, &'static str)];

const TIMES: &Units = &[
    (86_400.0, " d"),
    (3_600.0, " h"),
    (60.0, " min"),
    (1.0, " s"),
    (1e-3, " ms"),
    (1e-6, " µs"),
    (1e-9, " ns"),
];
const BYTES: &Units = &[
    (1_073_741_824.0, " GiB"),
    (1_048_576.0, " MiB"),
    (1_024.0, " KiB"),
    (1.0, " B"),
];
const COUNTS: &Units = &[(1e9, " G"), (1e6, " M"), (1e3, " K"), (1.0, "")];

/// A value in its unit: `3.14 ms`, `99.95%`, `1.2 K req/s`.
#[must_use]
pub fn show(unit: Unit, value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "∞" } else { "-∞" }.to_owned();
    }
    match unit {
        Unit::Seconds | Unit::Age if value == 0.0 => "0 s".to_owned(),
        Unit::Seconds | Unit::Age => scaled(TIMES, value),
        Unit::Ratio => percent(value),
        Unit::RequestsPerSecond => format!("{} req/s", scaled(COUNTS, value)),
        Unit::PerSecond => format!("{}/s", scaled(COUNTS, value)),
        Unit::Bytes => scaled(BYTES, value),
        Unit::BytesPerSecond => format!("{}/s", scaled(BYTES, value)),
        Unit::Count => scaled(COUNTS, value),
    }
}

/// Whether its round numbers are powers of two.
#[must_use]
pub fn is_binary(unit: Unit) -> bool {
    matches!(unit, Unit::Bytes | Unit::BytesPerSecond)
}

/// Only the whole is 100% and only nothing 0%: a promise of 99.9% is not read from a rounded number.
fn percent(value: f64) -> String {
    if (0.0..=1.0).contains(&value) {
        let text = loadtest::wording::percent(value);
        return format!("{}%", trimmed(text.trim_end_matches('%')));
    }
    format!("{}%", digits(value * 100.0))
}

fn scaled(units: &Units, value: f64) -> String {
    let fits = |(factor, _): &&(f64, &'static str)| value.abs() >= *factor;
    let smallest = units.last().unwrap_or(&(1.0, ""));
    // What is smaller than everything is written in the unit itself, or in its smallest part.
    let (factor, name) = units.iter().find(fits).unwrap_or(smallest);
    format!("{}{name}", digits(value / factor))
}

/// Three digits that say something, without zeros at the end.
fn digits(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let places = match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        size if size >= 0.1 => 3,
        size if size >= 0.01 => 4,
        _ => 5,
    };
    let text = format!("{value:.places$}");
    let text = trimmed(&text);
    if text == "-0" { "0" } else { text }.to_owned()
}

/// Without the zeros behind a point.
fn trimmed(digits: &str) -> &str {
    if digits.contains('.') {
        return digits.trim_end_matches('0').trim_end_matches('.');
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_grafana_writes_them() {
        for (unit, value, text) in [
            (Unit::Seconds, 0.003_141_59, "3.14 ms"),
            (Unit::Seconds, 0.1, "100 ms"),
            (Unit::Seconds, 0.000_25, "250 µs"),
            (Unit::Seconds, 1.5, "1.5 s"),
            (Unit::Seconds, 90.0, "1.5 min"),
            (Unit::Seconds, 0.0, "0 s"),
            (Unit::Seconds, -0.002, "-2 ms"),
            (Unit::Ratio, 0.999_5, "99.95%"),
            (Unit::Ratio, 1.0, "100%"),
            (Unit::Ratio, 0.999_999, "99.9999%"),
            (Unit::Ratio, 1.5, "150%"),
            (Unit::Ratio, 0.25, "25%"),
            (Unit::Ratio, -0.2, "-20%"),
            (Unit::RequestsPerSecond, 1_234.0, "1.23 K req/s"),
            (Unit::RequestsPerSecond, 12.0, "12 req/s"),
            (Unit::PerSecond, 0.05, "0.05/s"),
            (Unit::Bytes, 1_572_864.0, "1.5 MiB"),
            (Unit::BytesPerSecond, 2_048.0, "2 KiB/s"),
            (Unit::Count, 3_268.0, "3.27 K"),
            (Unit::Count, 0.0, "0"),
            (Unit::Count, 42.0, "42"),
        ] {
            assert_eq!(show(unit, value), text);
        }
    }

    #[test]
    fn what_is_no_number_is_not_written_as_one() {
        assert_eq!(show(Unit::Seconds, f64::NAN), "NaN");
        assert_eq!(show(Unit::Ratio, f64::INFINITY), "∞");
        assert_eq!(show(Unit::Bytes, f64::NEG_INFINITY), "-∞");
    }
}
