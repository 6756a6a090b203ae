//! Values in the place of Grafana's variables, by Grafana's own rules.

use std::{collections::BTreeMap, time::Duration};

use super::write_duration;

/// What a reader of a board has chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variables {
    /// `$__range`: what the reader looks at.
    range: Duration,
    /// `$__interval`: between two points of a drawing.
    interval: Duration,
    /// `$__rate_interval`: never so short that it holds no two scrapes.
    rate_interval: Duration,
    choices: BTreeMap<String, Vec<String>>,
}

impl Variables {
    /// Nothing is chosen: everything is shown. `scrape` is the time between two scrapes.
    ///
    /// `$__rate_interval` is the greater of `interval + scrape` and `4 * scrape`
    /// (<https://grafana.com/docs/grafana/latest/datasources/prometheus/template-variables/>).
    #[must_use]
    pub fn new(range: Duration, interval: Duration, scrape: Duration) -> Self {
        let interval = interval.max(scrape);
        Self {
            range,
            interval,
            rate_interval: (interval + scrape).max(4 * scrape),
            choices: BTreeMap::new(),
        }
    }

    /// Only these values of the variable `$name`; no value is every value.
    #[must_use]
    pub fn choose<V: Into<String>>(
        mut self,
        name: &str,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        let values = values.into_iter().map(Into::into).collect();
        self.choices.insert(name.to_owned(), values);
        self
    }

    /// The expression as Prometheus reads it. What is not chosen is `.*`; a name of Grafana's own that is not known here stays, and Prometheus
    /// refuses it.
    #[must_use]
    pub fn substitute(&self, expression: &str) -> String {
        let mut written = String::with_capacity(expression.len());
        let mut rest = expression;
        while let Some(start) = rest.find('$') {
            let (before, variable) = rest.split_at(start);
            written.push_str(before);
            let (name, length) = name(variable);
            let (whole, after) = variable.split_at(length);
            match self.value(name) {
                Some(value) => written.push_str(&value),
                None => written.push_str(whole),
            }
            rest = after;
        }
        written.push_str(rest);
        written
    }

    fn value(&self, name: &str) -> Option<String> {
        match name {
            "" => None,
            "__range" => Some(write_duration(self.range)),
            "__range_s" => Some(self.range.as_secs().to_string()),
            "__range_ms" => Some(self.range.as_millis().to_string()),
            "__interval" => Some(write_duration(self.interval)),
            "__interval_ms" => Some(self.interval.as_millis().to_string()),
            "__rate_interval" => Some(write_duration(self.rate_interval)),
            "__rate_interval_ms" => Some(self.rate_interval.as_millis().to_string()),
            _ if name.starts_with("__") => None,
            _ => Some(pattern(self.choices.get(name).map_or(&[], Vec::as_slice))),
        }
    }
}

/// The name that a text starting with `$` begins with, as in `$name` or `${name:regex}`, and how long all of that is.
fn name(text: &str) -> (&str, usize) {
    let bare = text.strip_prefix('$').unwrap_or(text);
    if let Some((inner, _)) = bare
        .strip_prefix('{')
        .and_then(|inner| inner.split_once('}'))
    {
        let name = inner.split(':').next().unwrap_or(inner);
        return (name, inner.len() + 3);
    }
    let end = bare.find(|sign: char| !sign.is_ascii_alphanumeric() && sign != '_');
    let (name, _) = bare.split_at(end.unwrap_or(bare.len()));
    (name, name.len() + 1)
}

/// A regular expression in a PromQL string for any of these values.
fn pattern(values: &[String]) -> String {
    match values {
        [] => ".*".to_owned(),
        [value] => escape(value),
        values => {
            let values: Vec<_> = values.iter().map(|value| escape(value)).collect();
            format!("({})", values.join("|"))
        }
    }
}

/// A value as a pattern that fits itself only, inside a quoted string.
fn escape(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for sign in value.chars() {
        match sign {
            // The pattern's backslash and the string's.
            '\\' => escaped.push_str(r"\\\\"),
            '"' => escaped.push_str("\\\""),
            '\n' => escaped.push_str("\\n"),
            sign if "^$*+?.()|[]{}".contains(sign) => {
                escaped.push_str(r"\\");
                escaped.push(sign);
            }
            sign => escaped.push(sign),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(interval: u64, scrape: u64) -> Variables {
        let seconds = Duration::from_secs;
        Variables::new(seconds(900), seconds(interval), seconds(scrape))
    }

    #[test]
    fn what_is_not_chosen_is_everything() {
        let written =
            variables(5, 15).substitute(r#"up{job=~"$job",instance=~"${instance:regex}"}"#);
        assert_eq!(written, r#"up{job=~".*",instance=~".*"}"#);
    }

    #[test]
    fn a_window_holds_four_scrapes_and_grows_with_the_step() {
        let text = "rate(a[$__rate_interval]) + b[$__interval:] + c[$__range] + $__range_s";
        assert_eq!(
            variables(5, 15).substitute(text),
            "rate(a[1m]) + b[15s:] + c[15m] + 900"
        );
        assert_eq!(
            variables(60, 15).substitute(text),
            "rate(a[75s]) + b[1m:] + c[15m] + 900"
        );
    }

    #[test]
    fn a_value_fits_itself_only() {
        let chosen = variables(5, 15)
            .choose("route", ["GET /users/{id}"])
            .choose("query", ["a.b", "c\\\"d"]);
        assert_eq!(
            chosen.substitute(r#"a{route=~"$route",query=~"$query"}"#),
            r#"a{route=~"GET /users/\\{id\\}",query=~"(a\\.b|c\\\\\"d)"}"#
        );
    }

    #[test]
    fn what_grafana_would_not_know_stays() {
        let text = r#"a{b=~"c$",d="$__unknown"} $ $"#;
        assert_eq!(variables(5, 15).substitute(text), text);
        assert_eq!(variables(5, 15).substitute("${open"), "${open");
    }
}
