//! What is wrong with a file that people write, and where.

/// A mistake in a file of budgets or profiles: file, line, column, and a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}")]
pub struct BudgetsError {
    file: String,
    line: usize,
    column: usize,
    message: String,
}

impl BudgetsError {
    /// At this byte of the text.
    pub(crate) fn at(file: &str, text: &str, offset: usize, message: String) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let last_line = before.rsplit('\n').next().unwrap_or_default();
        Self {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: last_line.chars().count() + 1,
            message,
        }
    }
}

/// `; did you mean "…"?` with the name nearest to what was written, if one is near.
pub(super) fn nearest<'a>(written: &str, known: impl Iterator<Item = &'a str>) -> String {
    let distances = known.map(|name| (strsim::damerau_levenshtein(written, name), name));
    // Further away than a third of it, it is another name.
    let near = distances.filter(|(distance, name)| distance * 3 <= name.len().max(written.len()));
    near.min()
        .map_or_else(String::new, |(_, name)| format!("; did you mean {name:?}?"))
}
