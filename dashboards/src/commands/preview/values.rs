//! Reads the values of options.

use chrono::DateTime;

pub(super) fn time(text: &str) -> Result<f64, String> {
    if let Ok(seconds) = text.parse::<u32>() {
        return Ok(f64::from(seconds));
    }
    let wrong = |_cause| format!("`{text}` is no time: write it as 2026-09-29T08:00:00Z");
    let time = DateTime::parse_from_rfc3339(text).map_err(wrong)?;
    let seconds = u32::try_from(time.timestamp())
        .map_err(|_cause| format!("`{text}` is not between 1970 and 2106"))?;
    Ok(f64::from(seconds))
}

pub(super) fn choice(text: &str) -> Result<(String, String), String> {
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| format!("`{text}` chooses nothing: write it as job=api"))?;
    Ok((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_in_both_ways() {
        assert_eq!(time("1790668830"), time("2026-09-29T10:00:30+02:00"));
        for text in ["yesterday", "08:00", "-5", ""] {
            assert!(
                time(text).unwrap_err().contains("2026-09-29T08:00:00Z"),
                "{text}"
            );
        }
    }

    #[test]
    fn a_choice_may_have_any_sign_in_its_value() {
        let (name, value) = choice("route=GET /a?b=c").unwrap();
        assert_eq!((name.as_str(), value.as_str()), ("route", "GET /a?b=c"));
        assert!(choice("route").unwrap_err().contains("job=api"));
    }
}
