//! The log of a service that was started here, in the folder of the reports.
//!
//! It has a line for each request, 100 MB in a minute or two. After a run that passed nobody will read
//! it; after any other, what may explain something is kept.

use crate::evidence::Evidence;
use crate::progress::say;
use std::collections::BTreeSet;
use std::fs::{File, remove_file, rename};
use std::io::{BufRead, BufReader, BufWriter, Result, Write};
use std::path::{Path, PathBuf};

/// Its name.
pub const FILE: &str = "target.log";

/// What is in the line of a request that was answered, within its budget.
const OF_A_REQUEST: [&str; 3] = [
    "\"event\":\"http.request\"",
    "\"level\":\"INFO\"",
    "\"over_budget\":false",
];
/// What is in front of the names by which a report calls a request.
const NAMES: [&str; 2] = ["\"trace_id\":\"", "\"request_id\":\""];

/// The log of a service that was started here.
#[derive(Clone, Debug)]
pub struct TargetLog(PathBuf);

impl TargetLog {
    /// The one in a folder of reports.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self(folder.join(FILE))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Does [`TargetLog::keep`], and says so when that cannot be done.
    pub fn keep_and_say(&self, evidence: &Evidence, passed: bool) {
        if let Err(error) = self.keep(evidence, passed) {
            say(&format!("warning: {}: {error}", self.0.display()));
        }
    }

    /// Keeps nothing where nothing is to be explained; else all lines but those of requests that
    /// were answered within their budget and that no report names as slow.
    ///
    /// # Errors
    /// When it cannot be read, or written anew; then it is as it was.
    pub fn keep(&self, evidence: &Evidence, passed: bool) -> Result<()> {
        if passed {
            return remove_file(&self.0);
        }
        let named = named(evidence);
        let shorter = self.0.with_extension("part");
        let written = self.write(&shorter, &named);
        if written.is_err() {
            // What is left of it would only be in the way.
            let _ = remove_file(&shorter);
        }
        written
    }

    fn write(&self, shorter: &Path, named: &BTreeSet<&str>) -> Result<()> {
        let mut log = BufReader::new(File::open(&self.0)?);
        let mut kept = BufWriter::new(File::create(shorter)?);
        let mut line = Vec::new();
        while log.read_until(b'\n', &mut line)? > 0 {
            if is_kept(&String::from_utf8_lossy(&line), named) {
                kept.write_all(&line)?;
            }
            line.clear();
        }
        kept.flush()?;
        rename(shorter, &self.0)
    }
}

fn named(evidence: &Evidence) -> BTreeSet<&str> {
    let routes = evidence.rounds.iter().flat_map(|round| &round.routes);
    let slowest = routes.flat_map(|route| &route.slowest);
    let names = slowest.flat_map(|request| [&request.trace_id, &request.request_id]);
    names.filter_map(Option::as_deref).collect()
}

fn is_kept(line: &str, named: &BTreeSet<&str>) -> bool {
    let is_named = |name: &str| {
        let text = line
            .split_once(name)
            .and_then(|(_, rest)| rest.split('"').next());
        text.is_some_and(|text| named.contains(text))
    };
    !OF_A_REQUEST.iter().all(|part| line.contains(part)) || NAMES.into_iter().any(is_named)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Round, RouteRecord, SlowRequest};

    fn line(level: &str, id: &str, over_budget: bool) -> String {
        format!(
            "{{\"level\":\"{level}\",\"event\":\"http.request\",\"trace_id\":\"{id}\",\
             \"request_id\":\"r-{id}\",\"over_budget\":{over_budget}}}\n"
        )
    }

    fn slow(trace_id: Option<&str>, request_id: Option<&str>) -> SlowRequest {
        SlowRequest {
            trace_id: trace_id.map(str::to_owned),
            request_id: request_id.map(str::to_owned),
            ..SlowRequest::default()
        }
    }

    #[test]
    fn what_may_explain_something_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let log = TargetLog::in_folder(folder.path());
        let other = "{\"level\":\"INFO\",\"message\":\"listening\"}\n".to_owned();
        let (slow_one, slow_two) = (line("INFO", "slow", false), line("INFO", "two", false));
        let (refused, late) = (line("WARN", "a", false), line("INFO", "b", true));
        let right = line("INFO", "c", false);
        let all = [
            &other, &right, &slow_one, &refused, &right, &late, &slow_two,
        ];
        std::fs::write(log.path(), all.map(String::as_str).concat() + "half a line").unwrap();
        let route = RouteRecord {
            slowest: vec![slow(Some("slow"), None), slow(None, Some("r-two"))],
            ..RouteRecord::default()
        };
        let evidence = Evidence {
            rounds: vec![Round {
                routes: vec![route],
                ..Round::default()
            }],
            ..Evidence::default()
        };
        log.keep(&evidence, false).unwrap();
        let kept = [&other, &slow_one, &refused, &late, &slow_two];
        assert_eq!(
            std::fs::read_to_string(log.path()).unwrap(),
            kept.map(String::as_str).concat() + "half a line"
        );
        log.keep(&evidence, true).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
