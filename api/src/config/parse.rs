//! How the values of settings are read.

use url::Url;

/// OpenTelemetry's own default.
pub(super) const DEFAULT_OTLP_TIMEOUT_MS: u64 = 10_000;
/// One request in a hundred.
pub(super) const DEFAULT_TRACES_SHARE: f64 = 0.01;

/// As the standard has it: empty is not set.
pub(super) fn millis_or_default(text: &str) -> Result<u64, String> {
    if text.is_empty() {
        return Ok(DEFAULT_OTLP_TIMEOUT_MS);
    }
    let millis = text
        .parse()
        .ok()
        .filter(|millis| (1..=3_600_000).contains(millis));
    millis.ok_or_else(|| "it must be a number from 1 to 3600000".to_owned())
}

pub(super) fn millis() -> clap::builder::RangedU64ValueParser {
    clap::value_parser!(u64).range(1..=3_600_000)
}

/// Nothing, or a URL of HTTP.
pub(super) fn http_url(text: &str) -> Result<String, String> {
    let asked = "it must be http://HOST:PORT or https://HOST:PORT";
    if !text.is_empty() {
        let url = Url::parse(text).map_err(|error| format!("{error}; {asked}"))?;
        if !["http", "https"].contains(&url.scheme()) {
            return Err(asked.to_owned());
        }
    }
    Ok(text.to_owned())
}

pub(super) fn share(text: &str) -> Result<f64, String> {
    // As the standard has it: empty is not set.
    if text.is_empty() {
        return Ok(DEFAULT_TRACES_SHARE);
    }
    let share = text.parse().ok();
    share
        .filter(|share| (0.0..=1.0).contains(share))
        .ok_or_else(|| "it must be a number from 0 to 1".to_owned())
}

/// Nothing, or a text that is too long to be guessed.
pub(super) fn secret(text: &str) -> Result<String, String> {
    if (1..32).contains(&text.chars().count()) {
        return Err("it must have 32 characters at least".to_owned());
    }
    Ok(text.to_owned())
}
