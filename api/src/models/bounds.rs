//! Between which values a field must lie.

/// Bounds of a value; all that are given hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounds<T> {
    /// At least this.
    pub gte: Option<T>,
    /// More than this.
    pub gt: Option<T>,
    /// At most this.
    pub lte: Option<T>,
    /// Less than this.
    pub lt: Option<T>,
}

impl<T> Default for Bounds<T> {
    /// No bounds.
    fn default() -> Self {
        Self {
            gte: None,
            gt: None,
            lte: None,
            lt: None,
        }
    }
}

impl<T> Bounds<T> {
    /// The bounds that are given, each with its operator in SQL.
    pub fn given(&self) -> impl Iterator<Item = (&'static str, &T)> {
        let all = [
            (" >= ", &self.gte),
            (" > ", &self.gt),
            (" <= ", &self.lte),
            (" < ", &self.lt),
        ];
        all.into_iter()
            .filter_map(|(operator, bound)| bound.as_ref().map(|bound| (operator, bound)))
    }
}

impl Bounds<String> {
    /// All texts that begin with `prefix`, where texts are ordered by code point: an index on the text answers it.
    #[must_use]
    pub fn prefix(prefix: &str) -> Self {
        Self {
            gte: Some(prefix.to_owned()),
            lt: after_all(prefix),
            ..Self::default()
        }
    }
}

/// The least text that is greater than every text with this prefix, if there is one.
fn after_all(prefix: &str) -> Option<String> {
    let mut text = prefix.to_owned();
    while let Some(last) = text.pop() {
        if let Some(next) = following(last) {
            text.push(next);
            return Some(text);
        }
    }
    None
}

fn following(character: char) -> Option<char> {
    match character {
        // Surrogates are no characters.
        '\u{D7FF}' => Some('\u{E000}'),
        _ => char::from_u32(u32::from(character) + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::Bounds;

    #[test]
    fn a_prefix_ends_before_the_next_text_of_its_length() {
        for (prefix, end) in [
            ("a", Some("b")),
            ("Ad", Some("Ae")),
            ("100%", Some("100&")),
            ("é", Some("ê")),
            ("\u{D7FF}", Some("\u{E000}")),
            ("a\u{10FFFF}", Some("b")),
            ("\u{10FFFF}", None),
        ] {
            let bounds = Bounds::prefix(prefix);
            assert_eq!(bounds.gte.as_deref(), Some(prefix));
            assert_eq!(bounds.lt.as_deref(), end, "{prefix:?}");
        }
    }
}
