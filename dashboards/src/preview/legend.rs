//! What a series is called: Grafana's legend with the labels in their places.

use crate::prometheus::Labels;

/// `{{label}}` is the label's value, nothing where the series has no such label. Without a legend the labels are the name.
#[must_use]
pub fn name(legend: &str, labels: &Labels) -> String {
    if legend.is_empty() {
        return all(labels);
    }
    let mut name = String::new();
    let mut rest = legend;
    while let Some((before, after)) = rest.split_once("{{") {
        name.push_str(before);
        let Some((label, behind)) = after.split_once("}}") else {
            name.push_str("{{");
            rest = after;
            break;
        };
        name.push_str(labels.get(label.trim()).map_or("", String::as_str));
        rest = behind;
    }
    name.push_str(rest);
    let name = name.trim();
    if name.is_empty() {
        all(labels)
    } else {
        name.to_owned()
    }
}

fn all(labels: &Labels) -> String {
    let own = labels.iter().filter(|(label, _)| *label != "__name__");
    let pairs: Vec<_> = own
        .map(|(label, value)| format!("{label}={value}"))
        .collect();
    if pairs.is_empty() {
        "value".to_owned()
    } else {
        pairs.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_stand_in_their_places() {
        let labels: Labels = [("a", "1"), ("b", "{{a}}"), ("__name__", "up")]
            .map(|(label, value)| (label.to_owned(), value.to_owned()))
            .into();
        for (legend, expected) in [
            ("p99", "p99"),
            ("{{a}} of {{ b }}", "1 of {{a}}"),
            ("{{missing}}", "a=1 b={{a}}"),
            ("x {{missing}}", "x"),
            ("", "a=1 b={{a}}"),
            ("open {{a", "open {{a"),
        ] {
            assert_eq!(name(legend, &labels), expected, "{legend}");
        }
        assert_eq!(name("", &Labels::new()), "value");
    }
}
