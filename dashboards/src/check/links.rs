//! Whether links of boards lead somewhere: to a board that there is and a variable that it has, and to a heading of a runbook.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use anyhow::{Context, Result};
use serde_json::Value;

use super::{
    board::{list, place, text},
    expression::examine,
};
use crate::catalogue::Known;

/// The pages of a folder of runbooks, each with its headings as links name them: `look-first`.
#[derive(Clone, Debug, Default)]
pub struct Pages(BTreeMap<String, BTreeSet<String>>);

impl Pages {
    /// The pages of the folder.
    ///
    /// # Errors
    /// When the folder, or a page, cannot be read.
    pub fn read(folder: &Path) -> Result<Self> {
        let mut pages = Self::default();
        let entries = fs::read_dir(folder);
        for entry in entries.with_context(|| format!("cannot read {}", folder.display()))? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "md") {
                let text = fs::read_to_string(&path)
                    .with_context(|| format!("cannot read {}", path.display()))?;
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                pages.add(&name, &text);
            }
        }
        Ok(pages)
    }

    /// Adds a page of this name and text.
    pub fn add(&mut self, name: &str, text: &str) {
        let headings = text
            .lines()
            .filter_map(|line| line.strip_prefix('#'))
            .map(|rest| anchor(rest.trim_start_matches('#')));
        self.0.insert(name.to_owned(), headings.collect());
    }

    /// Why `page#heading` leads nowhere; None for a link that is good.
    #[must_use]
    pub fn fault(&self, link: &str) -> Option<String> {
        let (page, heading) = link.split_once('#').unwrap_or((link, ""));
        match self.0.get(page) {
            None => Some(format!("names the runbook `{page}`, which there is not")),
            Some(headings) if !headings.contains(heading) => Some(format!(
                "names the heading `{heading}`, which the runbook `{page}` lacks"
            )),
            Some(_) => None,
        }
    }
}

/// A heading as links name it.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase().replace(' ', "-");
    kept.chars()
        .filter(|letter| letter.is_alphanumeric() || "-_".contains(*letter))
        .collect()
}

/// The panels whose description names no page and heading of `pages`.
#[must_use]
pub fn runbook_faults(board: &Value, pages: &Pages) -> Vec<String> {
    let mut faults = Vec::new();
    for panel in list(board, "/panels") {
        let description = text(panel, "/description");
        let named = description.split_once("Runbook: runbooks/");
        let fault = match named {
            Some((_, link)) => pages.fault(link),
            None => Some("names no runbook".to_owned()),
        };
        faults.extend(fault.map(|fault| format!("{}: {fault}", place(panel))));
    }
    faults
}

/// The links of panels that lead to no board of `boards`, set no variable of it, or take its value from a label that no series has.
#[must_use]
pub fn board_faults(boards: &[Value], known: &Known) -> Vec<String> {
    let mut faults = Vec::new();
    for panel in boards.iter().flat_map(|board| list(board, "/panels")) {
        let labels: BTreeSet<String> = list(panel, "/targets")
            .iter()
            .filter_map(|target| examine(&text(target, "/expr"), known).labels)
            .flatten()
            .collect();
        for (label, url) in data_links(panel) {
            faults.extend(
                link_fault(&url, boards)
                    .into_iter()
                    .chain(
                        (!labels.contains(&label))
                            .then(|| format!("links by the label `{label}`, which no series has")),
                    )
                    .map(|fault| format!("{}: {fault}", place(panel))),
            );
        }
    }
    faults
}

/// Every link of the panel's data, with the label that it takes its value from.
fn data_links(panel: &Value) -> Vec<(String, String)> {
    let mut links = Vec::new();
    for link in list(panel, "/fieldConfig/defaults/links") {
        let url = text(link, "/url");
        let label = url
            .split_once("${__field.labels.")
            .and_then(|(_, rest)| rest.split_once(':'))
            .map(|(label, _)| label.to_owned());
        links.push((label.unwrap_or_default(), url));
    }
    for column in list(panel, "/fieldConfig/overrides") {
        for property in list(column, "/properties") {
            for link in list(property, "/value") {
                links.push((text(column, "/matcher/options"), text(link, "/url")));
            }
        }
    }
    links
}

/// Why a link to a board leads nowhere; None for one that is good, and for a link to something else.
#[must_use]
pub fn link_fault(url: &str, boards: &[Value]) -> Option<String> {
    let (_, rest) = url.split_once("/d/")?;
    let uid = rest.split('?').next()?;
    let Some(board) = boards.iter().find(|board| text(board, "/uid") == uid) else {
        return Some(format!("links to the board `{uid}`, which there is not"));
    };
    let variables = list(board, "/templating/list").iter();
    let names: Vec<String> = variables.map(|variable| text(variable, "/name")).collect();
    let set = url
        .split("&var-")
        .skip(1)
        .filter_map(|rest| rest.split('=').next());
    let mut unknown = set.filter(|name| !names.iter().any(|had| had == name));
    let name = unknown.next()?;
    Some(format!("sets `{name}`, which the board `{uid}` lacks"))
}
