//! The budgets in a scenario file: cut out of its text, so that they are read as any budgets file is, and
//! that a report shows them without the rest.

use super::error::{Outcome, fault};
use super::file::File;

/// How the tables begin whose names say that they are budgets.
const PREFIX: &str = "budgets.";

/// The text of the budgets, in which everything has kept its line and its column; None where there
/// are none.
pub(super) fn cut_out(text: &str, file: &File) -> Outcome<Option<String>> {
    let Some(wanted) = &file.budgets else {
        return Ok(None);
    };
    let mut inside = false;
    let mut lines = Vec::new();
    for line in text.lines() {
        let header = line.trim_start().strip_prefix('[');
        if let Some(name) = header {
            let name = name.trim_start();
            inside = name.starts_with(PREFIX) || name.starts_with("budgets]");
        }
        let kept = match header {
            _ if !inside => String::new(),
            Some(_) if line.contains(PREFIX) => line.replacen(PREFIX, "        ", 1),
            Some(_) => String::new(),
            None => line.to_owned(),
        };
        lines.push(kept);
    }
    let budgets = lines.join("\n");
    let read = toml::from_str::<toml::Table>(&budgets);
    if read.is_ok_and(|read| read == *wanted.get_ref()) {
        return Ok(Some(budgets));
    }
    let message =
        "budgets are written as tables, as [budgets.default] and [budgets.route.\"GET /path\"]";
    fault(&wanted.span(), message)
}
