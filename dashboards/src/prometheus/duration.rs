//! Durations as Prometheus writes them: `15s`, `1m30s`, `250ms`.

use std::time::Duration;

/// The units with their milliseconds, in the order that Prometheus writes them in.
const UNITS: [(&str, u64); 7] = [
    ("y", 365 * 24 * 3_600_000),
    ("w", 7 * 24 * 3_600_000),
    ("d", 24 * 3_600_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// Reads a duration such as `15m`, `1h30m` or `250ms`.
///
/// # Errors
/// When it is none, or more than fits in 64 bits of milliseconds.
pub fn read_duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no duration: write it as 15m, 90s or 1h30m");
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let (mut rest, mut sum, mut units) = (text, 0_u64, UNITS.iter());
    while !rest.is_empty() {
        let digits = rest.len()
            - rest
                .trim_start_matches(|sign: char| sign.is_ascii_digit())
                .len();
        let (number, after) = rest.split_at(digits);
        let end = after.find(|sign: char| !sign.is_ascii_lowercase());
        let (unit, after) = after.split_at(end.unwrap_or(after.len()));
        let (_, milliseconds) = units.find(|(name, _)| *name == unit).ok_or_else(wrong)?;
        let number: u64 = number.parse().map_err(|_cause| wrong())?;
        let part = number.checked_mul(*milliseconds).ok_or_else(wrong)?;
        sum = sum.checked_add(part).ok_or_else(wrong)?;
        rest = after;
    }
    if text.is_empty() {
        return Err(wrong());
    }
    Ok(Duration::from_millis(sum))
}

/// Writes a duration in the greatest unit that it is a whole number of, 1 ms at least.
#[must_use]
pub fn write_duration(duration: Duration) -> String {
    let whole = u64::try_from(duration.as_millis())
        .unwrap_or(u64::MAX)
        .max(1);
    // Days and what is above them are hours to a reader.
    let fits = |(_, unit): &&(&str, u64)| whole.is_multiple_of(*unit);
    let (name, unit) = UNITS.iter().skip(3).find(fits).unwrap_or(&("ms", 1));
    format!("{}{name}", whole / unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_prometheus_writes_is_read() {
        for (text, milliseconds) in [
            ("15s", 15_000),
            ("1m30s", 90_000),
            ("250ms", 250),
            ("1h", 3_600_000),
            ("1m0s", 60_000),
            ("1w2d", 9 * 86_400_000),
            ("0", 0),
        ] {
            let read = read_duration(text).unwrap();
            assert_eq!(read, Duration::from_millis(milliseconds), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_said_with_the_remedy() {
        for text in [
            "",
            "15",
            "m",
            "-1m",
            "1.5h",
            "1s1m",
            "1m1m",
            "15 m",
            "99999999999999y",
        ] {
            let error = read_duration(text).unwrap_err();
            assert!(error.contains("15m"), "{text}: {error}");
        }
    }

    #[test]
    fn a_duration_is_written_as_it_is_read() {
        for (milliseconds, text) in [
            (900_000, "15m"),
            (90_000, "90s"),
            (250, "250ms"),
            (7_200_000, "2h"),
            (0, "1ms"),
        ] {
            assert_eq!(write_duration(Duration::from_millis(milliseconds)), text);
        }
    }
}
