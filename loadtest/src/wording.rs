//! How figures are written for people: the same words on the terminal, on paper and in reasons.

/// Milliseconds with three digits: `0.41 ms`, `3.1 ms`, `153 ms`, `1.25 s`.
#[must_use]
pub fn time(ms: f64) -> String {
    match ms {
        ms if ms >= 1_000.0 => format!("{:.2} s", ms / 1_000.0),
        ms if ms >= 100.0 => format!("{ms:.0} ms"),
        ms if ms >= 1.0 => format!("{ms:.1} ms"),
        ms => format!("{ms:.2} ms"),
    }
}

/// A time as a person wrote it: `100 ms`, `1.5 s`, `250 us`.
#[must_use]
pub fn budget(time: std::time::Duration) -> String {
    let text = format!("{time:?}").replace('µ', "u");
    let number = text.trim_end_matches(char::is_alphabetic);
    format!("{number} {}", text.trim_start_matches(number))
}

/// Milliseconds with three digits, or a dash.
#[must_use]
pub fn time_or_dash(ms: Option<f64>) -> String {
    ms.map_or_else(|| "-".to_owned(), time)
}

/// An interval of milliseconds, in the unit of its upper end: `2.9–3.4 ms`; an open one is
/// `> 2.9 ms`.
#[must_use]
pub fn range(low: f64, high: Option<f64>) -> String {
    let Some(high) = high else {
        return format!("> {}", time(low));
    };
    let (text, unit) = (time(high), if high >= 1_000.0 { 1_000.0 } else { 1.0 });
    let places = text
        .split(' ')
        .next()
        .and_then(|digits| digits.split('.').nth(1));
    let places = places.map_or(0, str::len);
    format!("{:.places$}–{text}", low / unit)
}

/// A ratio with three places, or a dash.
#[must_use]
pub fn ratio_or_dash(ratio: Option<f64>) -> String {
    ratio.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.3}"))
}

/// A share: `99.90%`. Only the whole is written `100%`, and only nothing `0%`.
#[must_use]
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if share >= 1.0 {
        "100%".to_owned()
    } else if percent > 99.99 {
        format!("{:.4}%", (percent * 1e4).floor() / 1e4)
    } else if share <= 0.0 {
        "0%".to_owned()
    } else if percent < 0.01 {
        format!("{:.4}%", (percent * 1e4).ceil() / 1e4)
    } else {
        format!("{percent:.2}%")
    }
}

/// A share as a person wrote it: `0.1%`.
#[must_use]
pub fn share(share: f64) -> String {
    // Rounded, so that 0.999 is shown as 99.9% and not as 99.90000000000001%.
    format!("{}%", (share * 1e8).round() / 1e6)
}

/// A whole number in groups of three: `1 234 567`.
#[must_use]
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}

/// A rate per second.
#[must_use]
pub fn per_second(rate: f64) -> String {
    if rate < 10.0 {
        format!("{rate:.1}/s")
    } else {
        format!("{}/s", count(crate::numbers::whole(rate)))
    }
}

/// Bytes as MiB.
#[must_use]
pub fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MiB", crate::numbers::ratio(bytes, 1 << 20))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_keep_their_digits_at_every_size() {
        assert_eq!(time(0.412), "0.41 ms");
        assert_eq!(time(3.07), "3.1 ms");
        assert_eq!(time(100.0), "100 ms");
        assert_eq!(time(1_250.0), "1.25 s");
    }

    #[test]
    fn an_interval_has_one_unit() {
        assert_eq!(range(2.94, Some(3.41)), "2.9–3.4 ms");
        assert_eq!(range(0.941, Some(0.953)), "0.94–0.95 ms");
        assert_eq!(range(950.0, Some(1_100.0)), "0.95–1.10 s");
        assert_eq!(range(99.2, Some(103.0)), "99–103 ms");
        assert_eq!(range(2.9, None), "> 2.9 ms");
    }

    #[test]
    fn nearly_all_is_not_written_as_all() {
        assert_eq!(percent(1.0), "100%");
        assert_eq!(percent(0.999_999_9), "99.9999%");
        assert_eq!(percent(0.989), "98.90%");
        assert_eq!(percent(0.0), "0%");
        assert_eq!(percent(0.000_000_1), "0.0001%");
        assert_eq!(percent(0.000_02), "0.0020%");
    }

    #[test]
    fn numbers_are_grouped_by_three() {
        assert_eq!(count(7), "7");
        assert_eq!(count(1_000), "1 000");
        assert_eq!(count(1_234_567), "1 234 567");
    }
}
