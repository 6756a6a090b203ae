//! What a client prefers: the lists with weights of `Accept` and `Accept-Encoding` (RFC 9110, section 12.4 and 12.5). Knows no web framework.

/// An entry of such a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preference<'a> {
    /// A media range, or a content-coding.
    pub value: &'a str,
    /// What stands behind it, without the weight: `version=1.0.0; charset=utf-8`.
    pub parameters: &'a str,
    /// How welcome it is, in thousandths; 0 is not at all.
    pub weight: u16,
}

/// The entries of a list. One whose weight is no number asks for nothing, and is left out.
pub fn preferences(list: &str) -> impl Iterator<Item = Preference<'_>> {
    split(list, ',').filter_map(preference)
}

/// The most welcome of these media types, the first of them where several are as welcome; `None` where none is welcome. Who says nothing
/// takes any.
#[must_use]
pub fn best(accept: &str, offers: &[&str]) -> Option<usize> {
    if accept.trim().is_empty() {
        return (!offers.is_empty()).then_some(0);
    }
    let weights = offers.iter().map(|offer| weight(accept, offer));
    let (at, weight) = weights
        .enumerate()
        .reduce(|best, other| if other.1 > best.1 { other } else { best })?;
    (weight > 0).then_some(at)
}

/// How welcome a media type is: what the most exact of the ranges that match it says.
fn weight(accept: &str, media_type: &str) -> u16 {
    let family = media_type.split('/').next().unwrap_or_default();
    let exactness = |range: &str| match range.split_once('/') {
        _ if range.eq_ignore_ascii_case(media_type) => Some(2),
        Some((asked, "*")) if asked.eq_ignore_ascii_case(family) => Some(1),
        Some(("*", "*")) => Some(0),
        _ => None,
    };
    preferences(accept)
        .filter_map(|entry| exactness(entry.value).map(|exactness| (exactness, entry.weight)))
        .max()
        .map_or(0, |(_, weight)| weight)
}

fn preference(entry: &str) -> Option<Preference<'_>> {
    let (value, parameters) = entry.split_once(';').unwrap_or((entry, ""));
    let mut preference = Preference {
        value: value.trim(),
        parameters: parameters.trim(),
        weight: 1000,
    };
    for parameter in split(parameters, ';') {
        if let Some(("q" | "Q", weight)) = parameter.trim().split_once('=') {
            preference.weight = thousandths(weight)?;
            // Where a weight stands, the parameters of the media range have ended.
            let at = parameter.as_ptr() as usize - parameters.as_ptr() as usize;
            let before = parameters.get(..at).unwrap_or_default();
            preference.parameters = before.trim_end_matches([';', ' ', '\t']).trim();
            break;
        }
    }
    (!preference.value.is_empty()).then_some(preference)
}

/// Splits where a separator stands outside of quotes.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |character| {
        let ends = character == separator && !quoted;
        quoted ^= character == '"' && !escaped;
        escaped = quoted && character == '\\' && !escaped;
        ends
    })
}

/// A weight: a number from 0 to 1 with three decimals at most.
fn thousandths(weight: &str) -> Option<u16> {
    let (whole, decimals) = weight.split_once('.').unwrap_or((weight, ""));
    let digits = decimals.bytes().all(|byte| byte.is_ascii_digit());
    if !matches!(whole, "0" | "1") || !digits || decimals.len() > 3 {
        return None;
    }
    let part = decimals.bytes().zip([100, 10, 1]);
    let part: u16 = part
        .map(|(digit, unit)| u16::from(digit - b'0') * unit)
        .sum();
    let thousandths = part + if whole == "1" { 1000 } else { 0 };
    (thousandths <= 1000).then_some(thousandths)
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON_OR_XML: &[&str] = &["application/json", "application/xml"];

    #[test]
    fn the_most_welcome_type_is_chosen_and_the_first_of_equals() {
        for (accept, expected) in [
            ("", Some(0)),
            ("*/*", Some(0)),
            ("application/*", Some(0)),
            ("application/xml", Some(1)),
            ("APPLICATION/XML", Some(1)),
            ("application/xml, application/json", Some(0)),
            ("application/json;q=0.5, application/xml;q=0.501", Some(1)),
            ("application/json;q=0, */*", Some(1)),
            ("*/*;q=0.1, application/json;q=0", Some(1)),
            ("application/*;q=0.2, application/xml;q=0.1", Some(0)),
            ("text/html, application/xml;q=0.9, */*;q=0.8", Some(1)),
            ("application/json; charset=utf-8", Some(0)),
            ("application/xml;note=\"a,b;q=0\";q=1", Some(1)),
            ("text/csv, text/html", None),
            ("application/json;q=0", None),
            ("*/*;q=0", None),
            ("application/json;q=2", None),
            ("application/json;q=0.0001", None),
            ("json", None),
            (",", None),
        ] {
            assert_eq!(best(accept, JSON_OR_XML), expected, "{accept:?}");
        }
    }

    #[test]
    fn a_weight_is_between_0_and_1_with_three_decimals() {
        for (weight, expected) in [
            ("1", Some(1000)),
            ("1.000", Some(1000)),
            ("0", Some(0)),
            ("0.", Some(0)),
            ("0.5", Some(500)),
            ("0.025", Some(25)),
            ("1.001", None),
            ("0.0005", None),
            (".5", None),
            ("-0.5", None),
            ("1e-1", None),
            ("", None),
        ] {
            assert_eq!(thousandths(weight), expected, "{weight:?}");
        }
    }

    #[test]
    fn parameters_end_where_the_weight_stands() {
        let list = "text/plain; version=0.0.4 ; q=0.5; more=1, b";
        let entries: Vec<_> = preferences(list).collect();
        let [plain, other] = entries.as_slice() else {
            panic!("{entries:?}");
        };
        assert_eq!(plain.parameters, "version=0.0.4");
        assert_eq!((plain.weight, other.weight), (500, 1000));
        assert_eq!((plain.value, other.value), ("text/plain", "b"));
    }
}
