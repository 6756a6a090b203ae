//! The forms in which metrics are exposed, and which of them a scraper gets.

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
        let ranges: Vec<_> = accept.split(',').filter_map(Range::parse).collect();
        let best = |media: &str, version: &str| {
            let named = ranges.iter().filter(|range| range.is(media, version));
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

/// One of the media ranges of an `Accept`.
struct Range<'a> {
    media: &'a str,
    version: Option<&'a str>,
    /// Thousandths.
    weight: u16,
}

impl<'a> Range<'a> {
    /// `None` where the weight is no number: such a range asks for nothing.
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let mut range = Self {
            media: parts.next()?,
            version: None,
            weight: 1000,
        };
        for part in parts {
            match part.split_once('=') {
                Some(("version", version)) => range.version = Some(version.trim_matches('"')),
                Some(("q" | "Q", weight)) => range.weight = thousandths(weight)?,
                _ => {}
            }
        }
        Some(range)
    }

    fn is(&self, media: &str, version: &str) -> bool {
        self.media.eq_ignore_ascii_case(media) && self.version.is_none_or(|asked| asked == version)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and 1000"
)]
fn thousandths(weight: &str) -> Option<u16> {
    let weight: f32 = weight.parse().ok()?;
    (0.0..=1.0)
        .contains(&weight)
        .then(|| (weight * 1000.0).round() as u16)
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
