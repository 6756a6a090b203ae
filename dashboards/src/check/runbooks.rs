//! Whether runbooks hold: a page for each alert, the same headings in each, expressions that ask for what there is, links and names that
//! lead somewhere.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use api::{config::Config, faults::Fault};

use super::{expression, links::Pages};
use crate::{catalogue::Known, rules::AlertName};

/// The headings of every page, in their order.
pub const HEADINGS: [&str; 7] = [
    "Meaning",
    "Impact",
    "Look first",
    "Causes and proof",
    "Mend now",
    "Mend for good",
    "Drill",
];

/// The page that lists the others.
pub const INDEX: &str = "README.md";

/// What a page may name in passing, besides the service's settings: tools' own variables.
const OTHER_SETTINGS: [&str; 3] = ["CENTUM_FAULTS", "CENTUM_ENV", "RUST_LOG"];
/// The paths of the management listener.
const ENDPOINTS: [&str; 6] = [
    "/metrics",
    "/debug/queries",
    "/debug/faults",
    "/livez",
    "/readyz",
    "/startupz",
];

/// One page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The name of its file.
    pub name: String,
    /// What it says.
    pub text: String,
}

/// The pages of a folder, in the order of their names.
///
/// # Errors
/// When the folder, or a page, cannot be read.
pub fn read(folder: &Path) -> Result<Vec<Page>> {
    let mut pages = Vec::new();
    let entries = fs::read_dir(folder);
    for entry in entries.with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.ends_with(".md") {
            let text = fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            pages.push(Page {
                name: name.into_owned(),
                text,
            });
        }
    }
    pages.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(pages)
}

/// Every expression of every page with the page's name: what stands in blocks marked `promql`, one expression or several with empty lines
/// between them.
#[must_use]
pub fn queries(pages: &[Page]) -> Vec<(String, String)> {
    let mut queries = Vec::new();
    for page in pages {
        let blocks = page.text.split("```promql\n").skip(1);
        for block in blocks.filter_map(|rest| rest.split("```").next()) {
            let expressions = block.split("\n\n").map(str::trim);
            let said = expressions.filter(|expression| !expression.is_empty());
            queries.extend(said.map(|expression| (page.name.clone(), expression.to_owned())));
        }
    }
    queries
}

/// What is wrong with the pages, one sentence each. `root` is where the repository begins: links may lead to any file of it.
#[must_use]
pub fn faults(pages: &[Page], known: &Known, root: &Path) -> Vec<String> {
    let mut headings = Pages::default();
    for page in pages {
        headings.add(&page.name, &page.text);
    }
    let mut faults = missing(pages);
    for page in pages {
        let mut of_page = link_faults(page, &headings, root);
        of_page.extend(name_faults(page));
        if page.name != INDEX {
            of_page.extend(heading_faults(page));
        }
        faults.extend(
            of_page
                .into_iter()
                .map(|fault| format!("{}: {fault}", page.name)),
        );
    }
    for (page, query) in queries(pages) {
        let of_query = expression::faults(&query, known).into_iter();
        faults.extend(of_query.map(|fault| format!("{page}: {fault} in `{query}`")));
    }
    faults
}

/// Alerts without a page, pages without an alert, and either without a line in the index.
fn missing(pages: &[Page]) -> Vec<String> {
    let mut faults = Vec::new();
    let index = pages.iter().find(|page| page.name == INDEX);
    for alert in AlertName::ALL {
        let name = format!("{}.md", alert.as_str());
        if !pages.iter().any(|page| page.name == name) {
            faults.push(format!("the alert {} has no page", alert.as_str()));
        }
        let line = format!("| [{}]({name}) | {} |", alert.as_str(), alert.meaning());
        if !index.is_some_and(|index| index.text.contains(&line)) {
            faults.push(format!("{INDEX}: lacks the line `{line}`"));
        }
    }
    for page in pages.iter().filter(|page| page.name != INDEX) {
        let known = |alert: &&AlertName| page.name.strip_suffix(".md") == Some(alert.as_str());
        if AlertName::ALL.iter().find(known).is_none() {
            faults.push(format!("{}: there is no such alert", page.name));
        }
    }
    faults
}

fn heading_faults(page: &Page) -> Vec<String> {
    let mut faults = Vec::new();
    let title = format!("# {}", page.name.trim_end_matches(".md"));
    if page.text.lines().next() != Some(title.as_str()) {
        faults.push(format!("does not begin with `{title}`"));
    }
    let sections: Vec<(&str, &str)> = page
        .text
        .split("\n## ")
        .skip(1)
        .map(|section| section.split_once('\n').unwrap_or((section, "")))
        .collect();
    let found: Vec<&str> = sections.iter().map(|(heading, _)| *heading).collect();
    if found != HEADINGS {
        faults.push(format!(
            "has the headings {found:?} in the place of {HEADINGS:?}"
        ));
    }
    let empty = sections.iter().filter(|(_, text)| text.trim().is_empty());
    faults.extend(empty.map(|(heading, _)| format!("says nothing under `{heading}`")));
    let look = sections
        .iter()
        .find(|(heading, _)| *heading == "Look first");
    if !look.is_some_and(|(_, text)| text.contains("```promql\n")) {
        faults.push("asks for nothing under `Look first`".to_owned());
    }
    faults.extend(drill_faults(page, &sections));
    faults
}

/// A fault whose alert has this page is this page's drill, and no other fault is.
fn drill_faults(page: &Page, sections: &[(&str, &str)]) -> Vec<String> {
    let alert = page.name.trim_end_matches(".md");
    let drill = sections.iter().find(|(heading, _)| *heading == "Drill");
    let text = drill.map_or("", |(_, text)| *text);
    let raised = |fault: &&Fault| [fault.alert().sqlite, fault.alert().postgres].contains(&alert);
    let command = |fault: &Fault| format!("cargo run -p dashboards -- drill {}", fault.as_str());
    let raising = Fault::ALL.iter().filter(raised);
    let unsaid = raising.filter(|fault| !text.contains(&command(fault)));
    unsaid
        .map(|fault| format!("its drill does not say `{}`", command(fault)))
        .collect()
}

/// Links in brackets: to headings of pages, to files of the repository. What lies elsewhere is not looked for.
fn link_faults(page: &Page, headings: &Pages, root: &Path) -> Vec<String> {
    let folder = root.join("dashboards/runbooks");
    let links = page.text.split("](").skip(1);
    let links = links.filter_map(|rest| rest.split(')').next());
    let mut faults = Vec::new();
    for link in links.filter(|link| !link.starts_with("https://")) {
        let (file, heading) = link.split_once('#').unwrap_or((link, ""));
        if file.is_empty() {
            faults.extend(headings.fault(&format!("{}#{heading}", page.name)));
        } else if !file.contains('/') && !heading.is_empty() {
            faults.extend(headings.fault(link));
        } else if !folder.join(file).exists() {
            faults.push(format!("links to `{file}`, which there is not"));
        }
    }
    faults
}

/// Settings, paths and fault switches that the service does not have.
fn name_faults(page: &Page) -> Vec<String> {
    let settings: Vec<String> = Config::settings()
        .into_iter()
        .map(|setting| setting.variable)
        .collect();
    let is_setting = |name: &str| {
        OTHER_SETTINGS.contains(&name) || settings.iter().any(|setting| setting == name)
    };
    let mut faults: Vec<String> = words(&page.text, "CENTUM_")
        .filter(|name| !is_setting(name))
        .map(|name| format!("names the setting `{name}`, which there is not"))
        .collect();
    let paths = page.text.split("127.0.0.1:9464").skip(1);
    let paths = paths.filter_map(|rest| {
        rest.split(|letter: char| letter.is_whitespace() || "?'\"`".contains(letter))
            .next()
    });
    for path in paths.filter(|path| path.starts_with('/')) {
        let fault = path.strip_prefix("/debug/faults/");
        let is_known = fault.map_or(ENDPOINTS.contains(&path), |name| {
            Fault::parse(name).is_some()
        });
        if !is_known {
            faults.push(format!(
                "asks for `{path}`, which the service does not have"
            ));
        }
    }
    faults
}

/// The names in a text that begin so, in capitals and underscores.
fn words<'a>(text: &'a str, beginning: &'a str) -> impl Iterator<Item = &'a str> {
    text.match_indices(beginning).map(move |(at, _)| {
        let rest = text.get(at..).unwrap_or_default();
        let end = rest.find(|letter: char| !(letter.is_ascii_uppercase() || letter == '_'));
        rest.get(..end.unwrap_or(rest.len())).unwrap_or_default()
    })
}
