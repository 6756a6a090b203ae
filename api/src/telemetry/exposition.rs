//! The forms in which metrics are exposed, and which of them a scraper gets.

use crate::negotiation::{Preference, preferences};

/// A form of the metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exposition {
    /// Prometheus' text format 0.0.4: what everybody reads.
    Text,
    /// OpenMetrics 1.0, which has exemplars.
    OpenMetrics,
}

impl Exposition {
    /// The form that the header `Accept` asks for. OpenMetrics only if it is named, and not less welcome than the other.
    #[must_use]
    pub fn negotiated(accept: &str) -> Self {
        let best = |media: &str, version: &str| {
            let named = preferences(accept).filter(|range| is(range, media, version));
            named.map(|range| range.weight).max()
        };
        let openmetrics = best("application/openmetrics-text", "1.0.0").unwrap_or_default();
        let text = best("text/plain", "0.0.4").unwrap_or_default();
        if openmetrics > 0 && openmetrics >= text {
            Self::OpenMetrics
        } else {
            Self::Text
        }
    }

    /// The value of the header `Content-Type`.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Text => prometheus::TEXT_FORMAT,
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// Whether the range names this media type, in this version or in none.
fn is(range: &Preference<'_>, media: &str, version: &str) -> bool {
    let parameters = range.parameters.split(';').map(str::trim);
    let mut versions = parameters.filter_map(|parameter| parameter.strip_prefix("version="));
    range.value.eq_ignore_ascii_case(media)
        && versions.all(|asked| asked.trim_matches('"') == version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prometheus_gets_openmetrics_in_every_version() {
        for accept in [
            // 2.42
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            // 3
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
            "application/openmetrics-text; version=\"1.0.0\"; charset=utf-8",
            "Application/OpenMetrics-Text",
        ] {
            assert_eq!(
                Exposition::negotiated(accept),
                Exposition::OpenMetrics,
                "{accept}"
            );
        }
    }

    #[test]
    fn everybody_else_gets_the_text_format() {
        for accept in [
            "",
            "*/*",
            "text/plain",
            "text/html,application/xhtml+xml,*/*;q=0.8",
            "application/openmetrics-text;version=0.0.1",
            "application/openmetrics-text;version=2.0.0",
            "application/openmetrics-text;version=1.0.0;q=0",
            "application/openmetrics-text;version=1.0.0;q=much",
            "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4",
        ] {
            assert_eq!(Exposition::negotiated(accept), Exposition::Text, "{accept}");
        }
    }
}
